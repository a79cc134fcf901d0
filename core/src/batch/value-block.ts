import type { NumberForm, TextKeys } from "../kernels/index.ts";

/** Values of consecutive rows as a kernel holds them in its memory. What calls give is void with the next one. */
export interface ValueBlock {
  /** By row: 0 none, 1 a text that is not empty, 2 a number, 3 a boolean, 5 a list. */
  readonly kinds: Uint8Array;
  /** By row, where it is a number. */
  readonly numbers: Float64Array;
  /** By row × 2, where it is a boolean: 1 or 0. */
  readonly places: Uint32Array;
  /** What `start` and `end` count in. */
  readonly bytes: Uint8Array;
  /** The value of a row, for one that is a list. */
  value(row: number): unknown;
  /** Whether any of some rows has a value. */
  any(first: number, count: number): boolean;
  /** The kinds of some rows as bits, the lowest for 0. */
  kindsOf(first: number, count: number): number;
  /** What a table of bytes has for the kind of each row: kinds 0 to 3 from the lowest byte of `low` on, 4 to 7 from that of `high` on. */
  types(first: number, count: number, low: number, high: number): Uint8Array;
  /**
   * Looks for the keys of the texts of some rows. Gives how many different ones `keys` was not asked for before, as far as this block
   * remembers; -1, with nothing looked for, where there are too many.
   */
  look(keys: TextKeys, first: number, count: number, dense: boolean): number;
  /** Of the last `look`: the key of each row, 0 where it has no text; with `dense` of those that have one. Asks for those that are new. */
  looked(): Uint8Array | Uint32Array;
  /** Of the last `look`: how many keys there are. */
  readonly lookedRows: number;
  /** Whether most texts differed where batches before began. Kept for whoever looks; false at first. */
  differed: boolean;
  /** Of the last `look`: bytes of the texts, with one more for each. */
  readonly lookedBytes: number;
  /** The numbers of some rows as a column has them, zeros where there is none. */
  numbersAs(form: NumberForm, first: number, count: number): Uint8Array;
  /** Where `numbers` are times by themselves, NaN where there is none: as whole numbers of 64 bits, `otherwise` or zeros in place of none. */
  times(first: number, count: number, otherwise: number): Uint8Array;
  /** The numbers of the rows that have one as whole ones of 64 bits; undefined where not all are whole and within 2^53. */
  wholes(first: number, count: number): Uint8Array | undefined;
  /** The booleans of the rows that have one: 1 or 0. */
  booleans(first: number, count: number): Uint8Array;
  /** Bytes of the texts of some rows, with one more for each. */
  textBytes(first: number, count: number): number;
  /** Hands on the texts of some rows as ClickHouse Strings; rows without one as empty ones or, with `dense`, not at all. */
  texts(first: number, count: number, dense: boolean, use: (bytes: Uint8Array) => void): void;
  /**
   * Where each row of the block is a line of a source, which is what the column `raw` has there: hands on where the texts of some rows
   * begin in their lines, and how many bytes they have; zeros for rows without one, which are left out with `dense`. `elsewhere` texts
   * are no parts of their lines, and begin at 2^32 - 1; `bytes` have the others, each behind its length, with one for each that is none;
   * `texts` have all, with one more for each.
   */
  slices?(
    first: number,
    count: number,
    dense: boolean,
    use: (starts: Uint32Array, sizes: Uint32Array, elsewhere: number, bytes: number, texts: number) => void,
  ): void;
}

/** A column that takes the values of a block. */
export interface BlockColumn {
  /** As `add` for the rows of a block from `first` on, of which the first is `row`. */
  addBlock(row: number, first: number, count: number, block: ValueBlock): void;
}

/** How many of some rows hold a text. */
export function textsOf({ kinds }: ValueBlock, first: number, count: number): number {
  let texts = 0;
  for (let row = first; row < first + count; row++) if (kinds[row] === 1) texts++;
  return texts;
}
