const digits = 1 << 16;

/**
 * The order of rows by 32-bit keys, the first key deciding first: places of rows, least first, equal rows as they came. By
 * digits of 16 bits, so a million rows take tens of milliseconds and no object is made for a row.
 */
export function orderBy(keys: readonly Uint32Array[], rows: number): Uint32Array {
  let order = Uint32Array.from({ length: rows }, (_, row) => row);
  let next = new Uint32Array(rows);
  const starts = new Uint32Array(digits + 1);
  for (const key of keys.toReversed()) {
    for (const shift of [0, 16]) {
      starts.fill(0);
      for (let row = 0; row < rows; row++) starts[((key[row]! >>> shift) & 0xffff) + 1]!++;
      // A digit that is the same everywhere leaves the order as it is.
      if (starts.includes(rows, 1)) continue;
      for (let digit = 1; digit <= digits; digit++) starts[digit]! += starts[digit - 1]!;
      for (const row of order) next[starts[(key[row]! >>> shift) & 0xffff]!++] = row;
      [order, next] = [next, order];
    }
  }
  return order;
}
