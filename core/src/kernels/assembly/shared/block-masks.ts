/** Operations on masks of a block, 64 rows at a time: loops of their own, as there are a hundred for each block. */
import { below } from "./block-wide";

/** `out` = `a` and `b` (0), `a` or `b` (1), `a` and not `b` (2), not `a` (3). Gives whether a row of it is 1. */
export function logic(operation: u32, a: usize, b: usize, out: usize, count: usize): bool {
  const whole = count & ~63;
  let any = i8x16.splat(0);
  if (whole !== 0) {
    if (operation === 0) any = and(a, b, out, whole);
    else if (operation === 1) any = or(a, b, out, whole);
    else if (operation === 2) any = without(a, b, out, whole);
    else any = not(a, out, whole);
  }
  for (let row = whole; row < count; row += 16) {
    const x = v128.load(a + row);
    let y: v128;
    if (operation === 0) y = v128.and(x, v128.load(b + row));
    else if (operation === 1) y = v128.or(x, v128.load(b + row));
    else if (operation === 2) y = v128.andnot(x, v128.load(b + row));
    else y = v128.xor(x, i8x16.splat(1));
    v128.store(out + row, y);
    // The rows behind the last one do not count.
    any = v128.or(any, v128.and(y, below(row, count)));
  }
  return v128.any_true(any);
}

function and(a: usize, b: usize, out: usize, count: usize): v128 {
  let any = i8x16.splat(0);
  for (let row: usize = 0; row < count; row += 64) {
    const one = v128.and(v128.load(a + row), v128.load(b + row));
    const two = v128.and(v128.load(a + row, 16), v128.load(b + row, 16));
    const three = v128.and(v128.load(a + row, 32), v128.load(b + row, 32));
    const four = v128.and(v128.load(a + row, 48), v128.load(b + row, 48));
    any = v128.or(any, put(out + row, one, two, three, four));
  }
  return any;
}

function or(a: usize, b: usize, out: usize, count: usize): v128 {
  let any = i8x16.splat(0);
  for (let row: usize = 0; row < count; row += 64) {
    const one = v128.or(v128.load(a + row), v128.load(b + row));
    const two = v128.or(v128.load(a + row, 16), v128.load(b + row, 16));
    const three = v128.or(v128.load(a + row, 32), v128.load(b + row, 32));
    const four = v128.or(v128.load(a + row, 48), v128.load(b + row, 48));
    any = v128.or(any, put(out + row, one, two, three, four));
  }
  return any;
}

function without(a: usize, b: usize, out: usize, count: usize): v128 {
  let any = i8x16.splat(0);
  for (let row: usize = 0; row < count; row += 64) {
    const one = v128.andnot(v128.load(a + row), v128.load(b + row));
    const two = v128.andnot(v128.load(a + row, 16), v128.load(b + row, 16));
    const three = v128.andnot(v128.load(a + row, 32), v128.load(b + row, 32));
    const four = v128.andnot(v128.load(a + row, 48), v128.load(b + row, 48));
    any = v128.or(any, put(out + row, one, two, three, four));
  }
  return any;
}

function not(a: usize, out: usize, count: usize): v128 {
  const ones = i8x16.splat(1);
  let any = i8x16.splat(0);
  for (let row: usize = 0; row < count; row += 64) {
    const one = v128.xor(v128.load(a + row), ones);
    const two = v128.xor(v128.load(a + row, 16), ones);
    const three = v128.xor(v128.load(a + row, 32), ones);
    const four = v128.xor(v128.load(a + row, 48), ones);
    any = v128.or(any, put(out + row, one, two, three, four));
  }
  return any;
}

/** Writes 64 rows, and gives what they have together. */
function put(to: usize, one: v128, two: v128, three: v128, four: v128): v128 {
  v128.store(to, one);
  v128.store(to, two, 16);
  v128.store(to, three, 32);
  v128.store(to, four, 48);
  return v128.or(v128.or(one, two), v128.or(three, four));
}
