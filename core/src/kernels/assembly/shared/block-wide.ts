/** Sixteen rows of a block at once: a byte for each, all ones where something holds. */

/** The rows from `first` on that are below `count`. */
export function below(first: usize, count: usize): v128 {
  return first + 16 <= count
    ? i8x16.splat(-1)
    : i8x16.lt_u(
        i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
        i8x16.splat(<i8>(count - first)),
      );
}

/** The sum of sixteen bytes. */
export function sumOf(bytes: v128): u32 {
  const pairs = i16x8.extadd_pairwise_i8x16_u(bytes);
  const fours = i32x4.extadd_pairwise_i16x8_u(pairs);
  return (
    <u32>i32x4.extract_lane(fours, 0) +
    <u32>i32x4.extract_lane(fours, 1) +
    <u32>i32x4.extract_lane(fours, 2) +
    <u32>i32x4.extract_lane(fours, 3)
  );
}

/** Four words of 32 bits each, all ones or all zeros, as sixteen bytes. */
export function narrowed(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/** Which of four texts are empty; `at` is where the places of the first lie. */
function empty4(at: usize): v128 {
  const two = v128.load(at);
  const more = v128.load(at, 16);
  return i32x4.eq(i32x4.shuffle(two, more, 0, 2, 4, 6), i32x4.shuffle(two, more, 1, 3, 5, 7));
}

/** Which of the sixteen places from a row on are those of an empty text. */
export function emptyTexts(values: usize, first: usize): v128 {
  const at = values + (first << 3);
  return narrowed(empty4(at), empty4(at + 32), empty4(at + 64), empty4(at + 96));
}
