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

function least32(words: v128): u32 {
  return min<u32>(
    min<u32>(i32x4.extract_lane(words, 0), i32x4.extract_lane(words, 1)),
    min<u32>(i32x4.extract_lane(words, 2), i32x4.extract_lane(words, 3)),
  );
}

function most32(words: v128): u32 {
  return max<u32>(
    max<u32>(i32x4.extract_lane(words, 0), i32x4.extract_lane(words, 1)),
    max<u32>(i32x4.extract_lane(words, 2), i32x4.extract_lane(words, 3)),
  );
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
    low = least32(lows);
    high = most32(highs);
  }
  for (; i < count; i++) {
    low = min<u32>(low, load<u32>(words + (i << 2)));
    high = max<u32>(high, load<u32>(words + (i << 2)));
  }
  least = count === 0 ? 0 : <f64>low;
  most = <f64>high;
}

/** What `near` left out of the words that it wrote, and the least of them. */
export let base: f64 = 0;
let nearest: u32 = 0;

/**
 * Writes numbers of a layout as words, above a number that all of them have in common, and looks at them. False, with nothing said, where they
 * are not as near to each other as 2^31, or not all whole ones that a double holds: `load64` can tell more. `words` may be where 32 bits lie
 * already.
 */
export function near(layout: u32, native: usize, count: usize, words: usize): bool {
  base = 0;
  if (layout === 3) {
    if (!wholes(native, count, words)) return false;
  } else if (layout !== 0) {
    const high = load<i32>(native, 4);
    if (high >= 1 << 21 || high < (layout === 1 ? 0 : -(1 << 21) + 1)) return false;
    if (!halves(native, count, words, high)) return false;
    base = <f64>high * 4294967296;
  }
  look32(words, count);
  if (most - least >= 2147483648) return false;
  nearest = <u32>least;
  lookSteps(words, count);
  least += base;
  most += base;
  return true;
}

/** The lower words of doubles that are whole ones of 32 bits without a sign. False where not all are. */
function wholes(native: usize, count: usize, words: usize): bool {
  let same = i64x2.splat(-1);
  let i: usize = 0;
  for (; i + 2 <= count; i += 2) {
    const two = v128.load(native + (i << 3));
    const whole = i32x4.trunc_sat_f64x2_u_zero(two);
    // By their bits: a zero may have a sign.
    same = v128.and(same, i64x2.eq(f64x2.convert_low_i32x4_u(whole), two));
    store<u64>(words + (i << 2), i64x2.extract_lane(whole, 0));
  }
  if (i < count) {
    const last = load<u64>(native + (i << 3));
    const whole = i32x4.trunc_sat_f64x2_u_zero(i64x2.splat(last));
    if (<u64>i64x2.extract_lane(f64x2.convert_low_i32x4_u(whole), 0) !== last) return false;
    store<u32>(words + (i << 2), i32x4.extract_lane(whole, 0));
  }
  return i64x2.all_true(same);
}

/** The lower words of whole numbers of 64 bits that have one upper word. False where not all have it. */
function halves(native: usize, count: usize, words: usize, high: i32): bool {
  const upper = i32x4.splat(high);
  let same = i32x4.splat(-1);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const a = v128.load(native + (i << 3));
    const b = v128.load(native + (i << 3), 16);
    const highs = i8x16.shuffle(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    same = v128.and(same, i32x4.eq(highs, upper));
    v128.store(
      words + (i << 2),
      i8x16.shuffle(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
    );
  }
  for (; i < count; i++) {
    if (load<i32>(native + (i << 3), 4) !== high) return false;
    store<u32>(words + (i << 2), load<u32>(native + (i << 3)));
  }
  return i32x4.all_true(same);
}

/** Looks at the steps between words, of which none is 2^31 above another. */
function lookSteps(words: usize, count: usize): void {
  let low = i32.MAX_VALUE;
  let high = i32.MIN_VALUE;
  let i: usize = 1;
  if (count > 4) {
    let lows = i32x4.splat(low);
    let highs = i32x4.splat(high);
    for (; i + 4 <= count; i += 4) {
      const step = i32x4.sub(v128.load(words + (i << 2)), v128.load(words + ((i - 1) << 2)));
      lows = i32x4.min_s(lows, step);
      highs = i32x4.max_s(highs, step);
    }
    low = <i32>(least32(v128.xor(lows, signs())) ^ 0x80000000);
    high = <i32>(most32(v128.xor(highs, signs())) ^ 0x80000000);
  }
  for (; i < count; i++) {
    const step = load<i32>(words + (i << 2)) - load<i32>(words + ((i - 1) << 2));
    low = min<i32>(low, step);
    high = max<i32>(high, step);
  }
  leastStep = <f64>low;
  mostStep = <f64>high;
}

/** What makes the order of words with a sign that of words without one. */
function signs(): v128 {
  return i32x4.splat(i32.MIN_VALUE);
}

/** Of words from `near`: writes how far each is above the least, as words. */
export function nearLeast(words: usize, count: usize, out: usize): void {
  const from = i32x4.splat(nearest);
  for (let i: usize = 0; i < count; i += 4)
    v128.store(out + (i << 2), i32x4.sub(v128.load(words + (i << 2)), from));
  look32(out, count);
}

/** Of words from `near`: writes how far each is above the one before it and the least step, as words; 0 of the first. */
export function nearSteps(words: usize, count: usize, out: usize): void {
  const step = i32x4.splat(<i32>leastStep);
  store<u32>(out, 0);
  for (let i: usize = 1; i < count; i += 4)
    v128.store(
      out + (i << 2),
      i32x4.sub(i32x4.sub(v128.load(words + (i << 2)), v128.load(words + ((i - 1) << 2))), step),
    );
  look32(out, count);
}

/** Makes words of bytes. Reads and writes up to 15 of them past the last. */
export function widen(bytes: usize, count: usize, words: usize): void {
  for (let i: usize = 0; i < count; i += 16) {
    const all = v128.load(bytes + i);
    const first = i16x8.extend_low_i8x16_u(all);
    const last = i16x8.extend_high_i8x16_u(all);
    const to = words + (i << 2);
    v128.store(to, i32x4.extend_low_i16x8_u(first));
    v128.store(to, i32x4.extend_high_i16x8_u(first), 16);
    v128.store(to, i32x4.extend_low_i16x8_u(last), 32);
    v128.store(to, i32x4.extend_high_i16x8_u(last), 48);
  }
}

/** Gives the sum of what `table`, of words, has for each of the words. */
export function sum(words: usize, count: usize, table: usize): f64 {
  let all: u64 = 0;
  for (let i: usize = 0; i < count; i++)
    all += <u64>load<u32>(table + ((<usize>load<u32>(words + (i << 2))) << 2));
  return <f64>all;
}

/**
 * Looks at the words of slices that are not empty, of which `sizes` has the sizes, and makes those of empty ones the least of them. Reads and
 * writes up to three of them past the last.
 */
export function lookSlices(starts: usize, sizes: usize, count: usize): void {
  // Those behind the last are as empty ones.
  for (let i = count; (i & 3) !== 0; i++) store<u32>(sizes + (i << 2), 0);
  const none = i32x4.splat(0);
  let lows = i32x4.splat(-1);
  let highs = none;
  let empty = none;
  for (let i: usize = 0; i < count; i += 4) {
    const isEmpty = i32x4.eq(v128.load(sizes + (i << 2)), none);
    const start = v128.load(starts + (i << 2));
    lows = i32x4.min_u(lows, v128.or(start, isEmpty));
    highs = i32x4.max_u(highs, v128.andnot(start, isEmpty));
    empty = v128.or(empty, isEmpty);
  }
  const high = most32(highs);
  const low = least32(lows);
  // None that is not empty: one that begins at 2^32 - 1 would be no part of a line.
  least = low === u32.MAX_VALUE ? 0 : <f64>low;
  most = <f64>high;
  if (!v128.any_true(empty)) return;
  const from = i32x4.splat(<u32>least);
  for (let i: usize = 0; i < count; i += 4) {
    const at = starts + (i << 2);
    const isEmpty = i32x4.eq(v128.load(sizes + (i << 2)), none);
    v128.store(at, v128.bitselect(from, v128.load(at), isEmpty));
  }
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
