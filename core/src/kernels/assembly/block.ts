/**
 * Steps of pipelines over many lines at once, for `../block.ts`. The program of a pipeline, in plain TypeScript, does the same line by
 * line: `../../pipeline/compiled`.
 *
 * A slot has a byte a row, its kind, and two words a row: for a text where it begins and ends in this memory, for a number its 64 bits, for a
 * boolean the first word; null has none, a list or object of JSON has its text. A mask has a byte a row, 0 or 1; the last bytes up to the next 16 are whatever they are. A row that is `open` is
 * left to the plain program.
 */
import { fromOf, setLinesEnd, setText, text, toOf, within } from "./shared/block-rows";
import { blank, endOf, notKnown, partBytes, trimEnd } from "./shared/parts";
import { equal, hashOf } from "./shared/values";

export { compare, counts, exists, test, words } from "./shared/block-asks";
export { among, begins } from "./shared/block-begins";
export { bounded, check, copy, digits, fill, move, remove, trim, trimWord } from "./shared/block-changes";
export { forget, keys, spelled } from "./shared/block-columns";
export { mapped, mark, seen, weigh } from "./shared/block-constants";
export { jsonAdd, jsonRows, truncate } from "./shared/block-json";
export { logic } from "./shared/block-masks";
export { inNetwork } from "./shared/block-nets";
export { any, booleans, kindsOf, numbers, types, wholes } from "./shared/block-numbers";
export { sliced, slices, sliceTexts } from "./shared/block-slices";
export { booleansOf, pick, spreadNumbers, spreadTexts } from "./shared/block-spread";
export { times } from "./shared/block-times";

export { find } from "./shared/parts";

/** How many bytes the last `texts` wrote. */
export let written: u32 = 0;

/**
 * Puts lines into a slot: `rows` has four words a line, of which the second and third say where its text lies behind `bytes`. Lines
 * that are not ASCII, or longer than `longest`, are open. Gives how many are.
 */
export function begin(
  bytes: usize,
  rows: usize,
  count: usize,
  kinds: usize,
  values: usize,
  open: usize,
  longest: usize,
): u32 {
  const behind = bytes + <usize>load<u32>(rows + ((count - 1) << 4), 8);
  setLinesEnd(behind);
  // Most blocks have nothing else; then no line need be looked at.
  const ascii = isAscii(bytes + <usize>load<u32>(rows, 4), behind);
  let opened: u32 = 0;
  for (let row: usize = 0; row < count; row++) {
    const from = bytes + <usize>load<u32>(rows + (row << 4), 4);
    const to = bytes + <usize>load<u32>(rows + (row << 4), 8);
    setText(kinds, values, row, from, to);
    const isOpen: u8 = to - from > longest || (!ascii && !isAscii(from, to)) ? 1 : 0;
    store<u8>(open + row, isOpen);
    opened += isOpen;
  }
  return opened;
}

/** The sum over the rows [first, first + count) of the word `to` without the word `from`. */
export function spans(rows: usize, first: usize, count: usize, from: usize, to: usize): u32 {
  let sum: u32 = 0;
  for (let at = rows + (first << 4), end = at + (count << 4); at < end; at += 16)
    sum += load<u32>(at + (to << 2)) - load<u32>(at + (from << 2));
  return sum;
}

/** Makes bytes of `count` rows zero at each of `size` places, and up to 15 behind them. */
export function clear(list: usize, size: usize, count: usize): void {
  const none = i8x16.splat(0);
  for (let at = list, end = list + (size << 2); at < end; at += 4) {
    const bytes = <usize>load<u32>(at);
    for (let row: usize = 0; row < count; row += 16) v128.store(bytes + row, none);
  }
}

/** Reads up to 15 bytes past `to`. */
function isAscii(from: usize, to: usize): bool {
  let at = from;
  let all = i8x16.splat(0);
  for (; at + 16 <= to; at += 16) all = v128.or(all, v128.load(at));
  if (i8x16.bitmask(all) !== 0) return false;
  return at >= to || (i8x16.bitmask(v128.load(at)) & ((1 << (<i32>(to - at))) - 1)) === 0;
}

/**
 * Cuts the texts of `mask`'s rows, as `cut` does lines, into slots: `targets` has the kinds and the values of the slot of each part that
 * is kept. `missed` is 1 where it does not match. A row whose value is no text, or of which it cannot be said, is opened.
 */
export function cutRows(
  kinds: usize,
  values: usize,
  mask: usize,
  count: usize,
  program: usize,
  parts: usize,
  targets: usize,
  scratch: usize,
  missed: usize,
  open: usize,
): void {
  const behind = program + parts * partBytes;
  for (let row: usize = 0; row < count; row++) {
    store<u8>(missed + row, 0);
    if (load<u8>(mask + row) === 0) continue;
    if (load<u8>(kinds + row) !== text) {
      store<u8>(open + row, 1);
      continue;
    }
    let at = fromOf(values, row);
    let end = toOf(values, row);
    while (at < end && blank(load<u8>(at))) at++;
    end = trimEnd(at, end);
    let got: u32 = at === end ? 2 : 1;
    let keep = scratch;
    if (got === 1)
      for (let part = program; part < behind; part += partBytes) {
        if (part !== program) {
          while (at < end && blank(load<u8>(at))) at++;
          if (at === end) break;
        }
        const next = endOf(part, at, end);
        if (next === notKnown) {
          got = 0;
          break;
        }
        if (next <= at) {
          got = 2;
          break;
        }
        if (load<u32>(part, 4) !== 0) {
          store<u32>(keep, <u32>at);
          store<u32>(keep, <u32>trimEnd(at, next), 4);
          keep += 8;
        }
        at = next;
      }
    if (got === 1)
      for (let kept = scratch, target = targets; kept < keep; kept += 8, target += 8)
        setText(
          <usize>load<u32>(target),
          <usize>load<u32>(target, 4),
          row,
          <usize>load<u32>(kept),
          <usize>load<u32>(kept, 4),
        );
    else if (got === 2) store<u8>(missed + row, 1);
    else store<u8>(open + row, 1);
  }
}

/** Bytes of the texts in the rows [first, first + count), with one more for each. */
export function textBytes(kinds: usize, values: usize, first: usize, count: usize): u32 {
  let sum: u32 = 0;
  for (let row = first; row < first + count; row++)
    if (load<u8>(kinds + row) === text) sum += <u32>(toOf(values, row) - fromOf(values, row)) + 1;
  return sum;
}

/** Whether sixteen rows all have one text of up to 16 bytes. */
function areShort(kinds: usize, values: usize, from: usize, to: usize): bool {
  const size = to - from;
  if (size > 16 || !i8x16.all_true(i8x16.eq(v128.load(kinds), i8x16.splat(<i8>text)))) return false;
  const head = v128.load(from);
  let sizes: u32 = 0;
  let others = i8x16.splat(0);
  for (let row: usize = 0; row < 16; row++) {
    const at = <usize>load<u32>(values + (row << 3));
    sizes |= (load<u32>(values + (row << 3), 4) - <u32>at) ^ <u32>size;
    others = v128.or(others, v128.xor(head, v128.load(at)));
  }
  return sizes === 0 && !v128.any_true(v128.and(others, within(size)));
}

/**
 * Numbers the distinct texts in the rows [first, first + count) from 1 on in the order of their coming, 0 being none: the number of each
 * goes to `ids`, the row of the first with it to `firsts`. Gives how many there are. `slots` is a table of 2^bits words, at least twice
 * `count`; `hashes` takes 8 bytes a text.
 */
export function distinct(
  kinds: usize,
  values: usize,
  first: usize,
  count: usize,
  ids: usize,
  firsts: usize,
  hashes: usize,
  slots: usize,
  bits: u32,
  seed: u64,
): u32 {
  const mask: u32 = (1 << bits) - 1;
  memory.fill(slots, 0, 4 << bits);
  let known: u32 = 0;
  let last: u32 = 0;
  // From here on sixteen rows at once are tried to be as the last one.
  let next: usize = 0;
  for (let i: usize = 0; i < count; i++) {
    const row = first + i;
    if (last !== 0 && i + 16 <= count && i >= next) {
      const before = <usize>load<u32>(firsts + ((<usize>last) << 2));
      if (areShort(kinds + row, values + (row << 3), fromOf(values, before), toOf(values, before))) {
        const same = i32x4.splat(last);
        for (let at = ids + (i << 2), end = at + 64; at < end; at += 16) v128.store(at, same);
        i += 15;
        continue;
      }
      next = i + 16;
    }
    if (load<u8>(kinds + row) !== text) {
      store<u32>(ids + (i << 2), 0);
      continue;
    }
    const at = fromOf(values, row);
    const size = <u32>(toOf(values, row) - at);
    // Rows that follow each other often say the same.
    if (last !== 0) {
      const before = <usize>load<u32>(firsts + ((<usize>last) << 2));
      const start = fromOf(values, before);
      if (<u32>(toOf(values, before) - start) === size && (start === at || equal(start, at, size))) {
        store<u32>(ids + (i << 2), last);
        continue;
      }
    }
    const hash = hashOf(at, size, seed);
    let slot = <u32>(hash >> 32) & mask;
    let id: u32 = 0;
    for (;;) {
      id = load<u32>(slots + ((<usize>slot) << 2));
      if (id === 0) break;
      if (load<u64>(hashes + ((<usize>id) << 3)) === hash) {
        const before = <usize>load<u32>(firsts + ((<usize>id) << 2));
        const start = fromOf(values, before);
        if (<u32>(toOf(values, before) - start) === size && equal(start, at, size)) break;
      }
      slot = (slot + 1) & mask;
    }
    if (id === 0) {
      id = ++known;
      store<u32>(firsts + ((<usize>id) << 2), <u32>row);
      store<u32>(slots + ((<usize>slot) << 2), id);
      store<u64>(hashes + ((<usize>id) << 3), hash);
    }
    last = id;
    store<u32>(ids + (i << 2), id);
  }
  return known;
}

/**
 * Writes the texts in the rows [first, first + count) as ClickHouse Strings, rows without one as empty ones or, where `dense`, not at all.
 * Stops before what may not fit into `room` bytes and gives the number of rows done. Writes up to 15 bytes past them, reads as
 * much past a text.
 */
export function texts(
  kinds: usize,
  values: usize,
  first: usize,
  count: usize,
  dense: u32,
  out: usize,
  room: usize,
): u32 {
  const last = out + room;
  let to = out;
  let done: usize = 0;
  for (; done < count; done++) {
    const row = first + done;
    let from: usize = 0;
    let end: usize = 0;
    if (load<u8>(kinds + row) === text) {
      from = fromOf(values, row);
      end = toOf(values, row);
    } else if (dense !== 0) continue;
    let size = <u32>(end - from);
    if (to + <usize>size + 5 > last) break;
    while (size >= 0x80) {
      store<u8>(to++, <u8>(size | 0x80));
      size >>= 7;
    }
    store<u8>(to++, <u8>size);
    const behind = to + (end - from);
    while (from < end) {
      v128.store(to, v128.load(from));
      from += 16;
      to += 16;
    }
    to = behind;
  }
  written = <u32>(to - out);
  return <u32>done;
}
