/** Values of consecutive rows as a kernel holds them in its memory. */
export interface ValueBlock {
  /** By row: 0 none, 1 a text that is not empty, 2 a number, 3 a boolean, 5 a list. */
  readonly kinds: Uint8Array;
  /** By row, where it is a number. */
  readonly numbers: Float64Array;
  /** By row × 2, where it is a boolean: 1 or 0. */
  readonly places: Uint32Array;
  /** What `start` and `end` count in. */
  readonly bytes: Uint8Array;
  /** Of the last `distinct`: by row from its first on, the number of its text from 1 on; 0 is none. */
  readonly ids: Uint32Array;
  /** The value of a row, for one that is a list. */
  value(row: number): unknown;
  /** Numbers the distinct texts of some rows and gives how many there are. */
  distinct(first: number, count: number): number;
  /** Where a distinct text begins and ends. */
  start(id: number): number;
  end(id: number): number;
  /** Bytes of the texts of some rows, with one more for each. */
  textBytes(first: number, count: number): number;
  /** Hands on the texts of some rows as ClickHouse Strings; rows without one as empty ones or, with `dense`, not at all. */
  texts(first: number, count: number, dense: boolean, use: (bytes: Uint8Array) => void): void;
  /**
   * Where each row of the block is a line of a source, which is what the column `raw` has there: hands on where the texts of some rows
   * begin in their lines, and how many bytes they have; zeros for rows without one, which are left out with `dense`. `elsewhere` texts
   * are no parts of their lines, and begin at 2^32 - 1.
   */
  slices?(
    first: number,
    count: number,
    dense: boolean,
    use: (starts: Uint32Array, sizes: Uint32Array, elsewhere: number) => void,
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
