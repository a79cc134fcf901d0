/** Numbers of a column as small words, for `../words-wasm.ts`. `../words-js.ts` does the same in plain TypeScript. */

/** Of the numbers that were looked at last: the least and the greatest, and the least and the greatest step from one to the next. */
export let least: f64 = 0;
export let most: f64 = 0;
export let leastStep: f64 = 0;
export let mostStep: f64 = 0;

const bound: i64 = 1 << 53;

/**
 * Brings numbers of a layout to 64 bits with a sign: from 32 bits (0), from 64 without (1) or with one (2), from doubles (3). False where
 * they are not all whole ones that a double holds.
 */
export function load64(layout: u32, native: usize, count: usize, values: usize): bool {
  let low = i64.MAX_VALUE;
  let high = i64.MIN_VALUE;
  let lowStep = i64.MAX_VALUE;
  let highStep = i64.MIN_VALUE;
  let before: i64 = 0;
  let isWhole = true;
  for (let i: usize = 0; i < count; i++) {
    let value: i64 = 0;
    if (layout === 0) value = <i64>load<u32>(native + (i << 2));
    else if (layout === 3) {
      const double = load<f64>(native + (i << 3));
      value = <i64>double;
      // A zero may have a sign.
      if (<f64>value !== double || (value === 0 && load<u64>(native + (i << 3)) !== 0)) isWhole = false;
    } else value = load<i64>(native + (i << 3));
    if (i !== 0) {
      lowStep = min<i64>(lowStep, value - before);
      highStep = max<i64>(highStep, value - before);
    }
    before = value;
    low = min<i64>(low, value);
    high = max<i64>(high, value);
    store<i64>(values + (i << 3), value);
  }
  least = <f64>low;
  most = <f64>high;
  leastStep = <f64>lowStep;
  mostStep = <f64>highStep;
  return isWhole && low > -bound && high < bound && (layout !== 1 || low >= 0);
}

/**
 * Writes how far each number is above `from` or, with `steps`, above the one before it and `step`, which is 0 of the first: the lower 32
 * bits to `low`, the upper ones to `high`, both words.
 */
export function above(
  values: usize,
  count: usize,
  steps: u32,
  from: f64,
  step: f64,
  low: usize,
  high: usize,
): void {
  const least = steps !== 0 ? <i64>step : 0;
  let before = steps !== 0 ? load<i64>(values) - least : <i64>from;
  for (let i: usize = 0; i < count; i++) {
    const value = load<i64>(values + (i << 3));
    const far = value - before - least;
    if (steps !== 0) before = value;
    store<u32>(low + (i << 2), <u32>far);
    store<u32>(high + (i << 2), <u32>(far >> 32));
  }
}

/** Looks at words. */
export function look32(words: usize, count: usize): void {
  let low = u32.MAX_VALUE;
  let high: u32 = 0;
  let i: usize = 0;
  if (count >= 4) {
    let lows = v128.load(words);
    let highs = lows;
    for (; i + 4 <= count; i += 4) {
      const four = v128.load(words + (i << 2));
      lows = i32x4.min_u(lows, four);
      highs = i32x4.max_u(highs, four);
    }
    low = min<u32>(
      min<u32>(i32x4.extract_lane(lows, 0), i32x4.extract_lane(lows, 1)),
      min<u32>(i32x4.extract_lane(lows, 2), i32x4.extract_lane(lows, 3)),
    );
    high = max<u32>(
      max<u32>(i32x4.extract_lane(highs, 0), i32x4.extract_lane(highs, 1)),
      max<u32>(i32x4.extract_lane(highs, 2), i32x4.extract_lane(highs, 3)),
    );
  }
  for (; i < count; i++) {
    low = min<u32>(low, load<u32>(words + (i << 2)));
    high = max<u32>(high, load<u32>(words + (i << 2)));
  }
  least = count === 0 ? 0 : <f64>low;
  most = <f64>high;
}

/** Makes words of bytes. */
export function widen(bytes: usize, count: usize, words: usize): void {
  for (let i: usize = 0; i < count; i++) store<u32>(words + (i << 2), <u32>load<u8>(bytes + i));
}

/**
 * Looks at the words of slices that are not empty, of which `sizes` has the sizes, and makes those of empty ones the least of them. Gives how
 * many are empty.
 */
export function lookSlices(starts: usize, sizes: usize, count: usize): u32 {
  let low = u32.MAX_VALUE;
  let high: u32 = 0;
  let empty: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    if (load<u32>(sizes + (i << 2)) === 0) {
      empty++;
      continue;
    }
    const start = load<u32>(starts + (i << 2));
    low = min<u32>(low, start);
    high = max<u32>(high, start);
  }
  if (empty === <u32>count) low = 0;
  if (empty > 0)
    for (let i: usize = 0; i < count; i++)
      if (load<u32>(sizes + (i << 2)) === 0) store<u32>(starts + (i << 2), low);
  least = <f64>low;
  most = <f64>high;
  return empty;
}

/** Sixteen words, as far as they are above the least, moved by some bits, as bytes. */
function bytesOf(words: usize, from: v128, shift: i32): v128 {
  const mask = i32x4.splat(0xff);
  const a = v128.and(i32x4.shr_u(i32x4.sub(v128.load(words), from), shift), mask);
  const b = v128.and(i32x4.shr_u(i32x4.sub(v128.load(words, 16), from), shift), mask);
  const c = v128.and(i32x4.shr_u(i32x4.sub(v128.load(words, 32), from), shift), mask);
  const d = v128.and(i32x4.shr_u(i32x4.sub(v128.load(words, 48), from), shift), mask);
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(a, b), i16x8.narrow_i32x4_u(c, d));
}

/**
 * Writes how far words are above the least, a byte each: of each the lowest byte, then of each the next, as many as `planes`. With none,
 * half a byte each, the first in the lower half. Reads up to 60 bytes past the words and writes up to 15 past each plane.
 */
export function planes(words: usize, count: usize, from: u32, planes: u32, out: usize): void {
  const least = i32x4.splat(from);
  if (planes === 0) {
    // The last of an odd number has nothing above it.
    if ((count & 1) === 1) store<u32>(words + (count << 2), from);
    for (let i: usize = 0; i < count; i += 16) {
      const bytes = bytesOf(words + (i << 2), least, 0);
      const pairs = v128.and(v128.or(bytes, i16x8.shr_u(bytes, 4)), i16x8.splat(0xff));
      store<u64>(out + (i >> 1), i64x2.extract_lane(i8x16.narrow_i16x8_u(pairs, pairs), 0));
    }
    return;
  }
  let to = out;
  for (let plane: u32 = 0; plane < planes; plane++, to += count)
    for (let i: usize = 0; i < count; i += 16)
      v128.store(to + i, bytesOf(words + (i << 2), least, plane << 3));
}
