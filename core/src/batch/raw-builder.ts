import { pieceBytes } from "../kernels/index.ts";
import { type PackedColumn, packInto } from "./blocks.ts";
import type { ByteWriter } from "./bytes.ts";
import type { ColumnBuilder } from "./column-builders.ts";
import { Strings } from "./strings.ts";

/** Rows that take so many bytes are packed where they lie. */
const largeBytes = pieceBytes / 2;

/**
 * Texts that are packed while they come, into the frame they will be in: the lines of a batch are most of its bytes, which so are in the
 * cache of a core when they are packed, and need no memory for all of them.
 */
export class RawBuilder implements ColumnBuilder {
  readonly #plain = new Strings(pieceBytes * 2);
  readonly #frame: ByteWriter;
  #packedFrom = 0;
  #rows = 0;

  /** Nobody else writes to `frame` before `pack`. */
  constructor(frame: ByteWriter) {
    this.#frame = frame;
  }

  /** Bytes of the texts as they are. */
  get size(): number {
    return this.#packedFrom + this.#plain.size;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    this.#plain.skip(row - this.#rows);
    this.#plain.add(value as string);
    this.#rows = row + 1;
    this.#pack(pieceBytes);
  }

  /** Adds `count` rows at once, laid out already: each text behind its length. */
  rawRows(row: number, count: number, write: (put: (bytes: Uint8Array) => void) => void): void {
    this.#plain.skip(row - this.#rows);
    write((bytes) => {
      if (bytes.length >= largeBytes && bytes.length <= pieceBytes) {
        // A piece by itself, without a copy; what waited before it is one as well.
        this.#pack(1);
        packInto(bytes, this.#frame);
        this.#packedFrom += bytes.length;
        return;
      }
      this.#plain.raw(bytes);
      this.#pack(pieceBytes);
    });
    this.#rows = row + count;
  }

  /** Packs whole pieces, or all where `least` says so. */
  #pack(least: number): void {
    if (this.#plain.size < least) return;
    this.#packedFrom += this.#plain.drain(least, (bytes) => packInto(bytes, this.#frame));
  }

  /** Ends the column, which lies in the frame already. */
  pack(rows: number): PackedColumn {
    this.#plain.skip(rows - this.#rows);
    this.#pack(1);
    this.#plain.release();
    return { encoding: "text", packing: "lz4", bytes: this.#packedFrom };
  }
}
