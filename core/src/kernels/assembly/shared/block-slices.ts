import { fromOf, rowsOf, text, toOf } from "./block-rows";

/** Bytes that the texts have which the last `slices` wrote, each behind its length; those that lie elsewhere as empty ones. */
export let sliced: u32 = 0;
/** Bytes of all texts of the last `slices`, with one more for each. */
export let sliceTexts: u32 = 0;

/**
 * Writes where the texts in the rows [first, first + count) begin in the lines of their rows, and how long they are; zeros for rows
 * without one, which are left out where `dense`. A text that lies elsewhere begins at 2^32 - 1. Gives how many were written and, times
 * 65536, how many of them lie elsewhere.
 */
export function slices(
  kinds: usize,
  values: usize,
  lines: usize,
  first: usize,
  count: usize,
  dense: u32,
  starts: usize,
  sizes: usize,
): u32 {
  let written: usize = 0;
  let texts: u32 = 0;
  let elsewhere: u32 = 0;
  let all: u32 = 0;
  let lengths: u32 = 0;
  for (let group: usize = 0; group < count; group += 16) {
    const row = first + group;
    const bits = rowsOf(text, kinds + row, count - group);
    texts += popcnt<u32>(bits);
    if (bits === 0xffff) {
      // Four at a time; where one of them lies elsewhere all sixteen go one by one.
      let bytes = i32x4.splat(0);
      let longer = bytes;
      let isWithin = i32x4.splat(-1);
      for (let four: usize = 0; four < 16; four += 4) {
        const at = (row + four) << 3;
        const a = v128.load(values + at);
        const b = v128.load(values + at, 16);
        const c = v128.load(lines + at);
        const d = v128.load(lines + at, 16);
        const from = i32x4.shuffle(a, b, 0, 2, 4, 6);
        const to = i32x4.shuffle(a, b, 1, 3, 5, 7);
        const line = i32x4.shuffle(c, d, 0, 2, 4, 6);
        const size = i32x4.sub(to, from);
        isWithin = v128.and(isWithin, i32x4.ge_u(from, line));
        isWithin = v128.and(isWithin, i32x4.le_u(to, i32x4.shuffle(c, d, 1, 3, 5, 7)));
        const out = (written + four) << 2;
        v128.store(starts + out, i32x4.sub(from, line));
        v128.store(sizes + out, size);
        bytes = i32x4.add(bytes, size);
        // A length of a text in a block has at most three bytes.
        longer = i32x4.sub(longer, i32x4.gt_u(size, i32x4.splat(0x7f)));
        longer = i32x4.sub(longer, i32x4.gt_u(size, i32x4.splat(0x3fff)));
      }
      if (i32x4.all_true(isWithin)) {
        const more = sumOf4(bytes);
        all += more;
        lengths += more + sumOf4(longer) + 16;
        written += 16;
        continue;
      }
    }
    for (let each: usize = 0, most = min<usize>(16, count - group); each < most; each++) {
      let start: u32 = 0;
      let size: u32 = 0;
      if ((bits >> <u32>each) & 1) {
        const from = fromOf(values, row + each);
        const to = toOf(values, row + each);
        const line = fromOf(lines, row + each);
        all += <u32>(to - from);
        if (from >= line && to <= toOf(lines, row + each)) {
          start = <u32>(from - line);
          size = <u32>(to - from);
        } else {
          start = u32.MAX_VALUE;
          elsewhere++;
        }
      } else if (dense !== 0) continue;
      store<u32>(starts + (written << 2), start);
      store<u32>(sizes + (written << 2), size);
      lengths += size + 1 + <u32>(size > 0x7f) + <u32>(size > 0x3fff);
      written++;
    }
  }
  sliced = lengths;
  sliceTexts = all + texts;
  return <u32>written | (elsewhere << 16);
}

function sumOf4(words: v128): u32 {
  const two = i32x4.add(words, i64x2.shuffle(words, words, 1, 0));
  return <u32>i32x4.extract_lane(two, 0) + <u32>i32x4.extract_lane(two, 1);
}
