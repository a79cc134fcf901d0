/** Slots that hold nothing but texts of steps: a byte for each row, the number of its text from 1 to 15. */
import { below, sumOf } from "./block-wide";

/** Gives `mask`'s rows the text of a number. */
export function mark(numbers: usize, mask: usize, count: usize, number: u8): void {
  const own = i8x16.splat(number);
  for (let row: usize = 0; row < count; row += 16) {
    const wanted = i8x16.neg(v128.load(mask + row));
    v128.store(numbers + row, v128.bitselect(own, v128.load(numbers + row), wanted));
  }
}

/** Writes what a table of 16 bytes has for the number of each row. Writes up to 15 bytes past them. */
export function mapped(numbers: usize, first: usize, count: usize, table: usize, out: usize): void {
  const bytes = v128.load(table);
  for (let row: usize = 0; row < count; row += 16)
    v128.store(out + row, i8x16.swizzle(bytes, v128.load(numbers + first + row)));
}

/** The numbers in some rows, as bits from the second one on. */
export function seen(numbers: usize, first: usize, count: usize): u32 {
  const lows = i8x16(0, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  const highs = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, -128);
  let low = i8x16.splat(0);
  let high = i8x16.splat(0);
  for (let row: usize = 0; row < count; row += 16) {
    const own = v128.and(v128.load(numbers + first + row), below(row, count));
    low = v128.or(low, i8x16.swizzle(lows, own));
    high = v128.or(high, i8x16.swizzle(highs, own));
  }
  return bitsOf(low) | (bitsOf(high) << 8);
}

/** The bits of sixteen bytes together. */
function bitsOf(bytes: v128): u32 {
  let words = i64x2.extract_lane(bytes, 0) | i64x2.extract_lane(bytes, 1);
  words |= words >> 32;
  words |= words >> 16;
  words |= words >> 8;
  return <u32>words & 0xff;
}

/** The sum of what a table of 16 bytes has for the number of each row. */
export function weigh(numbers: usize, first: usize, count: usize, table: usize): u32 {
  const bytes = v128.load(table);
  let sum: u32 = 0;
  for (let row: usize = 0; row < count; row += 16) {
    const own = v128.and(v128.load(numbers + first + row), below(row, count));
    sum += sumOf(i8x16.swizzle(bytes, own));
  }
  return sum;
}
