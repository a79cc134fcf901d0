import { type PackedColumn, packNative } from "./blocks.ts";
import type { ByteWriter } from "./bytes.ts";
import type { ColumnBuilder } from "./column-builders.ts";
import { NumberBuilder } from "./number-builder.ts";
import { Strings } from "./strings.ts";
import type { Encoding } from "./types.ts";

/** Lists of text: running ends as 64-bit counts, then all items. ClickHouse `SerializationArray`. */
export class TextsBuilder implements ColumnBuilder {
  readonly #ends = new NumberBuilder("u64");
  readonly #items = new Strings();
  #count = 0;
  #rows = 0;

  get size(): number {
    return this.#ends.size + this.#items.size;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    const items = value as readonly string[];
    this.#ends.repeat(this.#rows, row - this.#rows, this.#count);
    for (const item of items) this.#items.add(item);
    this.#count += items.length;
    this.#ends.add(row, this.#count);
    this.#rows = row + 1;
  }

  /** Writes the column as it is. Called once, last. */
  finish(rows: number, out: ByteWriter): Encoding {
    this.#ends.repeat(this.#rows, rows - this.#rows, this.#count);
    this.#ends.finish(rows, (native) => out.raw(native));
    this.#items.finish(out);
    return "texts";
  }

  pack(rows: number, out: ByteWriter): PackedColumn {
    return packNative((plain) => this.finish(rows, plain), out);
  }
}
