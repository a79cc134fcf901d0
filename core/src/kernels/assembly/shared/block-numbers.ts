/** What columns of a batch ask of the slots of a block: all but the texts. */
import { boolean, number, rowsOf } from "./block-rows";

/** Whether any of the rows [first, first + count) has a value. */
export function any(kinds: usize, first: usize, count: usize): bool {
  let at = kinds + first;
  const end = at + count;
  for (; at + 16 <= end; at += 16) if (v128.any_true(v128.load(at))) return true;
  for (; at < end; at++) if (load<u8>(at) !== 0) return true;
  return false;
}

/** The kinds of the rows [first, first + count), as bits. */
export function kindsOf(kinds: usize, first: usize, count: usize): u32 {
  let all = i8x16.splat(0);
  // A bit for each kind, up to seven.
  const bits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  let at = kinds + first;
  const end = at + count;
  for (; at + 16 <= end; at += 16) all = v128.or(all, i8x16.swizzle(bits, v128.load(at)));
  let words = i64x2.extract_lane(all, 0) | i64x2.extract_lane(all, 1);
  words |= words >> 32;
  words |= words >> 16;
  words |= words >> 8;
  let found = <u32>words & 0xff;
  for (; at < end; at++) found |= 1 << (<u32>load<u8>(at));
  return found;
}

/** Writes what a table has for the kind of each row: `low` for kinds 0 to 3, `high` for 4 to 7. Writes up to 15 bytes past them. */
export function types(kinds: usize, first: usize, count: usize, low: u32, high: u32, out: usize): void {
  const bytes = i64x2.splat(((<u64>high) << 32) | <u64>low);
  for (let at: usize = 0; at < count; at += 16)
    v128.store(out + at, i8x16.swizzle(bytes, v128.load(kinds + first + at)));
}

/** How numbers are laid out in a column. */
const words: u32 = 0;
const floats: u32 = 1;

/**
 * Writes numbers as a column has them, in 32 bits (0), as doubles (1) or as whole ones in 64 (2). Of rows whose kind is none with one, or
 * where there are no kinds, whose double is none, `otherwise` is written, and zero where that is none either.
 */
export function numbers(
  kinds: usize,
  values: usize,
  first: usize,
  count: usize,
  layout: u32,
  otherwise: f64,
  out: usize,
): void {
  const instead: f64 = isNone(otherwise) ? 0 : otherwise;
  const from = values + (first << 3);
  let row: usize = 0;
  for (; row + 4 <= count; row += 4) {
    let low = v128.load(from + (row << 3));
    let high = v128.load(from + (row << 3), 16);
    if (kinds === 0) {
      const none = f64x2.splat(instead);
      low = v128.bitselect(low, none, f64x2.eq(low, low));
      high = v128.bitselect(high, none, f64x2.eq(high, high));
    } else if (load<u32>(kinds + first + row) !== numbersOnly) {
      const kind = kinds + first + row;
      low = f64x2(numberOr(kind, low, 0, instead), numberOr(kind + 1, low, 1, instead));
      high = f64x2(numberOr(kind + 2, high, 0, instead), numberOr(kind + 3, high, 1, instead));
    }
    if (layout === words) {
      const some = i32x4.trunc_sat_f64x2_u_zero(low);
      v128.store(out + (row << 2), i64x2.shuffle(some, i32x4.trunc_sat_f64x2_u_zero(high), 0, 2));
      continue;
    }
    if (layout !== floats) {
      low = whole(low);
      high = whole(high);
    }
    v128.store(out + (row << 3), low);
    v128.store(out + (row << 3), high, 16);
  }
  for (; row < count; row++) {
    let value = load<f64>(from + (row << 3));
    if (kinds === 0 ? isNone(value) : load<u8>(kinds + first + row) !== number) value = instead;
    if (layout === words) store<u32>(out + (row << 2), <u32>value);
    else if (layout === floats) store<f64>(out + (row << 3), value);
    else store<i64>(out + (row << 3), <i64>value);
  }
}

/** The kinds of four rows that all have numbers. */
const numbersOnly: u32 = <u32>number * 0x01010101;

/** Whether a double is none. */
function isNone(value: f64): bool {
  return !(value >= 0) && !(value < 0);
}

/** One of two numbers, where its row has one. */
function numberOr(kind: usize, two: v128, lane: u8, otherwise: f64): f64 {
  const value = lane === 0 ? f64x2.extract_lane(two, 0) : f64x2.extract_lane(two, 1);
  return load<u8>(kind) === number ? value : otherwise;
}

/** What is added to doubles that are whole, so that their lowest bits are those of the whole numbers. */
const shifted: f64 = 6755399441055744;
const mostShifted: f64 = 2251799813685247;

/** Two doubles as whole numbers of 64 bits with a sign, the nearest ones towards zero. */
function whole(two: v128): v128 {
  const some = f64x2.trunc(two);
  const isNear = f64x2.le(f64x2.abs(some), f64x2.splat(mostShifted));
  if (i64x2.all_true(isNear)) {
    const by = f64x2.splat(shifted);
    return i64x2.sub(f64x2.add(some, by), by);
  }
  return i64x2(<i64>f64x2.extract_lane(two, 0), <i64>f64x2.extract_lane(two, 1));
}

/** Writes the numbers of rows that have one as whole ones in 64 bits. Gives how many; 2^32 - 1 where one is not whole or beyond 2^53. */
export function wholes(kinds: usize, values: usize, first: usize, count: usize, out: usize): u32 {
  let to = out;
  for (let group: usize = 0; group < count; group += 16) {
    const rows = values + ((first + group) << 3);
    let bits = rowsOf(number, kinds + first + group, count - group);
    if (bits === 0xffff) {
      let isWhole = i64x2.splat(-1);
      for (let at: usize = 0; at < 128; at += 16) {
        const two = v128.load(rows + at);
        isWhole = v128.and(isWhole, f64x2.eq(f64x2.trunc(two), two));
        isWhole = v128.and(isWhole, f64x2.le(f64x2.abs(two), f64x2.splat(9007199254740991)));
        v128.store(to + at, whole(two));
      }
      if (!i64x2.all_true(isWhole)) return u32.MAX_VALUE;
      to += 128;
      continue;
    }
    for (; bits !== 0; bits &= bits - 1) {
      const value = load<f64>(rows + ((<usize>ctz(bits)) << 3));
      if (!(abs(value) <= 9007199254740991) || value !== trunc(value)) return u32.MAX_VALUE;
      store<i64>(to, <i64>value);
      to += 8;
    }
  }
  return <u32>(to - out) >> 3;
}

/** Writes a byte, 1 or 0, for each row that has a boolean. Gives how many. */
export function booleans(kinds: usize, values: usize, first: usize, count: usize, out: usize): u32 {
  let to = out;
  for (let group: usize = 0; group < count; group += 16)
    for (let bits = rowsOf(boolean, kinds + first + group, count - group); bits !== 0; bits &= bits - 1)
      store<u8>(to++, load<u32>(values + ((first + group + <usize>ctz(bits)) << 3)) === 1 ? 1 : 0);
  return <u32>(to - out);
}
