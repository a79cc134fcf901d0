import type { Batch, NumberColumn, Texts } from "@vedette/core/batch";
import { Packing } from "./event-ids.ts";
import { eventTime } from "./event-time.ts";

/** What is remembered of the rows of a batch in any case, read from its columns without making texts. One object for each batch. */
export class RowHeads {
  readonly batch: Batch;
  readonly #ids: Texts | undefined;
  readonly #read: (row: number) => number;
  readonly #device: ((row: number) => number) | undefined;
  readonly #key = new Packing();
  #keyRow = -1;

  constructor(batch: Batch) {
    this.batch = batch;
    const ids = batch.columns.get("id");
    const read = batch.columns.get("@timestamp");
    const device = batch.columns.get("deviceTime");
    this.#ids = ids?.kind === "text" ? ids.texts() : undefined;
    this.#read = read?.kind === "number" ? timesOf(read) : () => 0;
    this.#device = device?.kind === "number" ? timesOf(device) : undefined;
  }

  /** The id of a row; void when another row's is asked for. */
  keyOf(row: number): Packing {
    if (row === this.#keyRow) return this.#key;
    this.#keyRow = row;
    if (!this.#ids) return this.#key.ofText("");
    const { bytes, bounds, index } = this.#ids;
    const value = index ? index[row]! : row;
    return this.#key.ofBytes(bytes, bounds[value * 2]!, bounds[value * 2 + 1]!);
  }

  /** When the event of a row happened (`eventTime`), milliseconds since 1970. */
  timeOf(row: number): number {
    return eventTime(this.#read(row), this.#device?.(row));
  }
}

/** Reads the times of a column; from its bytes as they are where these can be viewed. */
function timesOf(column: NumberColumn): (row: number) => number {
  const { native, nativeType, rows } = column;
  if (!nativeType.startsWith("DateTime64") || native.byteOffset % 4 !== 0 || native.length !== rows * 8)
    return (row) => column.number(row);
  const words = new Int32Array(native.buffer, native.byteOffset, rows * 2);
  return (row) => words[row * 2 + 1]! * 0x1_0000_0000 + (words[row * 2]! >>> 0);
}
