/** Masks, and questions to slots, of a block. */
import { absent, fromOf, holds, number, search, text, toOf } from "./block-rows";
import { holdsAt } from "./parts";

/** `out` = `a` and `b` (0), `a` or `b` (1), `a` and not `b` (2), not `a` (3). Gives how many rows of it are 1. */
export function logic(operation: u32, a: usize, b: usize, out: usize, count: usize): u32 {
  const ones = i8x16.splat(1);
  let sum: u32 = 0;
  for (let row: usize = 0; row < count; row += 16) {
    const x = v128.load(a + row);
    let y: v128;
    if (operation === 0) y = v128.and(x, v128.load(b + row));
    else if (operation === 1) y = v128.or(x, v128.load(b + row));
    else if (operation === 2) y = v128.andnot(x, v128.load(b + row));
    else y = v128.xor(x, ones);
    v128.store(out + row, y);
    let bits = <u32>i8x16.bitmask(i8x16.eq(y, ones));
    if (row + 16 > count) bits &= (1 << (<u32>(count - row))) - 1;
    sum += popcnt<u32>(bits);
  }
  return sum;
}

/** Counts the ones of each of `masks` masks, `stride` bytes apart, in the rows [first, first + count). */
export function counts(base: usize, stride: usize, masks: usize, first: usize, count: usize, out: usize): void {
  for (let mask: usize = 0; mask < masks; mask++) {
    const from = base + mask * stride + first;
    const end = from + count;
    let at = from;
    let sum: u32 = 0;
    for (; at + 8 <= end; at += 8) sum += <u32>popcnt<u64>(load<u64>(at));
    for (; at < end; at++) sum += load<u8>(at);
    store<u32>(out + (mask << 2), sum);
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
 * `out` is 1 where a text is one of some words (0), begins with one (1), ends with one (2), or has one in it (3). `list` has the place and
 * length of each word. Gives how many rows have a value that is no text; those are 0.
 */
export function words(
  kinds: usize,
  values: usize,
  out: usize,
  count: usize,
  mode: u32,
  list: usize,
  size: usize,
): u32 {
  const end = list + (size << 3);
  let others: u32 = 0;
  for (let row: usize = 0; row < count; row++) {
    const kind = load<u8>(kinds + row);
    let found: u8 = 0;
    if (kind === text) {
      const from = fromOf(values, row);
      const to = toOf(values, row);
      for (let at = list; at < end; at += 8) {
        const word = <usize>load<u32>(at);
        const length = <usize>load<u32>(at, 4);
        if (to - from < length) continue;
        if (mode === 0) {
          if (to - from !== length || !holdsAt(from, word, <u32>length)) continue;
        } else if (mode === 1) {
          if (!holdsAt(from, word, <u32>length)) continue;
        } else if (mode === 2) {
          if (!holdsAt(to - length, word, <u32>length)) continue;
        } else if (!holds(from, to, word, length)) continue;
        found = 1;
        break;
      }
    } else if (kind !== absent) others++;
    store<u8>(out + row, found);
  }
  return others;
}

/** `out` is 1 where a number is below (0), at most (1), above (2), at least (3) or equal to (4) a bound. Gives as `words` does. */
export function compare(kinds: usize, values: usize, out: usize, count: usize, how: u32, bound: f64): u32 {
  let others: u32 = 0;
  for (let row: usize = 0; row < count; row++) {
    const kind = load<u8>(kinds + row);
    let found: bool = false;
    if (kind === number) {
      const value = load<f64>(values + (row << 3));
      if (how === 0) found = value < bound;
      else if (how === 1) found = value <= bound;
      else if (how === 2) found = value > bound;
      else if (how === 3) found = value >= bound;
      else found = value === bound;
    } else if (kind !== absent) others++;
    store<u8>(out + row, <u8>found);
  }
  return others;
}

/**
 * `out` is 1 where a search finds something in a text, 2 where its automaton does not know. Gives how many rows are 2 or have a value that
 * is no text.
 */
export function test(
  kinds: usize,
  values: usize,
  out: usize,
  count: usize,
  next: usize,
  start: u32,
  endings: usize,
): u32 {
  let others: u32 = 0;
  for (let row: usize = 0; row < count; row++) {
    const kind = load<u8>(kinds + row);
    let found: u8 = 0;
    if (kind === text) {
      found = search(fromOf(values, row), toOf(values, row), next, start, endings);
      if (found === 2) others++;
    } else if (kind !== absent) others++;
    store<u8>(out + row, found);
  }
  return others;
}
