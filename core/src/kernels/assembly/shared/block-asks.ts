/** Questions to slots of a block, and what is counted. */
import { areAt, fromOf, holds, isNone, number, search, text, toOf, within } from "./block-rows";
import { below, narrowed, sumOf } from "./block-wide";
import { holdsAt } from "./parts";

/** Counts the ones of each of `masks` masks, `stride` bytes apart, in the rows [first, first + count). */
export function counts(
  base: usize,
  stride: usize,
  masks: usize,
  first: usize,
  count: usize,
  out: usize,
): void {
  const whole = count & ~15;
  const within = below(whole, count);
  for (let mask: usize = 0; mask < masks; mask++) {
    const from = base + mask * stride + first;
    let sums = i8x16.splat(0);
    for (let row: usize = 0; row < whole; row += 16) sums = i8x16.add(sums, v128.load(from + row));
    if (whole !== count) sums = i8x16.add(sums, v128.and(v128.load(from + whole), within));
    store<u32>(out + (mask << 2), sumOf(sums));
  }
}

/** `out` is 1 where there is a value. */
export function exists(kinds: usize, out: usize, count: usize): void {
  const none = i8x16.splat(0);
  const ones = i8x16.splat(1);
  for (let row: usize = 0; row < count; row += 16)
    v128.store(out + row, v128.and(i8x16.ne(v128.load(kinds + row), none), ones));
}

/**
 * `out` is 1 where a text in a row of `mask` ends with one of some words (0), or has one in it (1). `list` has
 * the place and length of each word. Gives how many rows of `mask` have a value that is no text; those are 0.
 */
export function words(
  kinds: usize,
  values: usize,
  mask: usize,
  out: usize,
  count: usize,
  mode: u32,
  list: usize,
  size: usize,
): u32 {
  const end = list + (size << 3);
  let others: u32 = 0;
  let last: u64 = 0;
  let found: u8 = 0;
  for (let first: usize = 0; first < count; first += 16) {
    v128.store(out + first, i8x16.splat(0));
    const wanted = v128.load(mask + first);
    if (!v128.any_true(wanted)) continue;
    const kind = v128.load(kinds + first);
    const asked = v128.and(i8x16.ne(wanted, i8x16.splat(0)), below(first, count));
    const other = i8x16.gt_u(kind, i8x16.splat(<i8>text));
    others += <u32>popcnt<u32>(<u32>i8x16.bitmask(v128.and(other, asked)));
    const texts = v128.and(i8x16.eq(kind, i8x16.splat(<i8>text)), asked);
    for (let bits = <u32>i8x16.bitmask(texts); bits !== 0; bits &= bits - 1) {
      const row = first + <usize>ctz(bits);
      const place = load<u64>(values + (row << 3));
      if (place !== last) {
        last = place;
        found = isAny(fromOf(values, row), toOf(values, row), mode, list, end);
      }
      store<u8>(out + row, found);
    }
  }
  return others;
}

/** Whether a text is as one of some words says. What it is cannot be guessed, so that nothing branches by it. */
function isAny(from: usize, to: usize, mode: u32, list: usize, end: usize): u8 {
  const size = to - from;
  let found: u8 = 0;
  for (let at = list; at < end; at += 8) {
    const length = <usize>load<u32>(at, 4);
    if (size < length) continue;
    const word = <usize>load<u32>(at);
    if (mode !== 0) found |= isIn(from, to, word, length);
    else if (length <= 16) found |= isShort(to - length, word, length);
    else if (holdsAt(to - length, word, <u32>length)) return 1;
  }
  return found;
}

/** Whether a word of up to 16 bytes lies at a place. Reads up to 15 bytes past both. */
function isShort(at: usize, word: usize, size: usize): u8 {
  return <u8>!v128.any_true(v128.and(v128.xor(v128.load(at), v128.load(word)), within(size)));
}

function isIn(from: usize, to: usize, word: usize, length: usize): u8 {
  if (length > 1 || to - from > 63) return <u8>holds(from, to, word, length);
  // Of how many bytes a text is cannot be guessed.
  const wanted = i8x16.splat(load<i8>(word));
  const first = <u64>i8x16.bitmask(i8x16.eq(v128.load(from), wanted));
  const second = <u64>i8x16.bitmask(i8x16.eq(v128.load(from, 16), wanted));
  const third = <u64>i8x16.bitmask(i8x16.eq(v128.load(from, 32), wanted));
  const last = <u64>i8x16.bitmask(i8x16.eq(v128.load(from, 48), wanted));
  const found = first | (second << 16) | (third << 32) | (last << 48);
  return <u8>((found & (((<u64>1) << (<u64>(to - from))) - 1)) !== 0);
}

/** `out` is 1 where a number is below (0), at most (1), above (2), at least (3) or equal to (4) a bound. Gives as `words` does. */
export function compare(kinds: usize, values: usize, out: usize, count: usize, how: u32, bound: f64): u32 {
  const numbers = i8x16.splat(<i8>number);
  const ones = i8x16.splat(1);
  let others: u32 = 0;
  for (let row: usize = 0; row < count; row += 16) {
    const kind = v128.load(kinds + row);
    const isNumber = i8x16.eq(kind, numbers);
    const isOther = v128.andnot(i8x16.ne(kind, i8x16.splat(0)), isNumber);
    others += <u32>popcnt<u32>(<u32>i8x16.bitmask(v128.and(isOther, below(row, count))));
    let found = isNumber;
    if (v128.any_true(isNumber)) {
      const at = values + (row << 3);
      const holds = narrowed(
        compared4(at, how, bound),
        compared4(at + 32, how, bound),
        compared4(at + 64, how, bound),
        compared4(at + 96, how, bound),
      );
      found = v128.and(holds, isNumber);
    }
    v128.store(out + row, v128.and(found, ones));
  }
  return others;
}

/** Four rows as words of 32 bits, all ones where the number holds. */
function compared4(at: usize, how: u32, bound: f64): v128 {
  const bounds = f64x2.splat(bound);
  const low = v128.load(at);
  const high = v128.load(at, 16);
  let first: v128;
  let second: v128;
  if (how === 0) {
    first = f64x2.lt(low, bounds);
    second = f64x2.lt(high, bounds);
  } else if (how === 1) {
    first = f64x2.le(low, bounds);
    second = f64x2.le(high, bounds);
  } else if (how === 2) {
    first = f64x2.gt(low, bounds);
    second = f64x2.gt(high, bounds);
  } else if (how === 3) {
    first = f64x2.ge(low, bounds);
    second = f64x2.ge(high, bounds);
  } else {
    first = f64x2.eq(low, bounds);
    second = f64x2.eq(high, bounds);
  }
  return i32x4.shuffle(first, second, 0, 2, 4, 6);
}

/**
 * `out` is 1 where a search finds something in a text in a row of `mask`, 2 where its automaton does not know. Gives how many rows are 2 or
 * have a value that is no text.
 */
export function test(
  kinds: usize,
  values: usize,
  mask: usize,
  out: usize,
  count: usize,
  next: usize,
  start: u32,
  endings: usize,
): u32 {
  let others: u32 = 0;
  let last: u64 = 0;
  let found: u8 = 0;
  for (let row: usize = 0; row < count; row++) {
    if ((row & 15) === 0 && isNone(mask + row)) {
      v128.store(out + row, i8x16.splat(0));
      row += 15;
      continue;
    }
    if ((row & 15) === 0 && row + 16 <= count && found !== 2 && i8x16.all_true(v128.load(mask + row)))
      if (areAt(kinds + row, values + (row << 3), last)) {
        v128.store(out + row, i8x16.splat(found));
        row += 15;
        continue;
      }
    const kind = load<u8>(kinds + row);
    if (kind !== text || load<u8>(mask + row) === 0) {
      if (kind > text) others++;
      store<u8>(out + row, 0);
      continue;
    }
    const place = load<u64>(values + (row << 3));
    if (place !== last) {
      last = place;
      found = search(fromOf(values, row), toOf(values, row), next, start, endings);
    }
    if (found === 2) others++;
    store<u8>(out + row, found);
  }
  return others;
}
