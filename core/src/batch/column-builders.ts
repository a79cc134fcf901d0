import type { PackedColumn } from "./blocks.ts";
import type { ByteWriter } from "./bytes.ts";

/** Collects one column of a batch, row by row; rows that are skipped are empty. */
export interface ColumnBuilder {
  /** `row` grows from call to call; where it does not, the first value of the row stays. */
  add(row: number, value: unknown): void;
  /** Writes the finished column packed, and says what it is. Called once, last. */
  pack(rows: number, out: ByteWriter): PackedColumn;
  /** Rough size so far in bytes, before packing. */
  readonly size: number;
}

/** A column that takes texts also as the bytes they are. */
export interface TextColumnBuilder extends ColumnBuilder {
  /** As `add` of the text that lies in `bytes` from `from` up to `to`, as UTF-8. Nothing is kept of `bytes`. */
  addSlice(row: number, bytes: Uint8Array, from: number, to: number): void;
}
