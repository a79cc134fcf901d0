/** A set of rows of a batch, one bit each. */
export type Rows = Uint32Array;

export const noRows = (rows: number): Rows => new Uint32Array((rows + 31) >>> 5);

export const addRow = (set: Rows, row: number): void => {
  set[row >>> 5]! |= 1 << (row & 31);
};

export const isEmpty = (set: Rows): boolean => set.every((word) => word === 0);

/** The rows in both. */
export const both = (left: Rows, right: Rows): Rows => left.map((word, at) => word & right[at]!);

/** The rows in one of them. */
export const either = (left: Rows, right: Rows): Rows => left.map((word, at) => word | right[at]!);

export function countRows(set: Rows): number {
  let count = 0;
  for (const word of set) {
    // Bits of a word, counted in parallel (Hacker's Delight §5–1).
    let bits = word - ((word >>> 1) & 0x5555_5555);
    bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
  }
  return count;
}

/** Calls `use` for each row from `from` up to `to`, ascending. `from` is a multiple of 32. */
export function eachRow(set: Rows, from: number, to: number, use: (row: number) => void): void {
  const last = (to + 31) >>> 5;
  for (let at = from >>> 5; at < last; at++) {
    for (let word = set[at]!; word !== 0; word &= word - 1) use(at * 32 + (31 - Math.clz32(word & -word)));
  }
}
