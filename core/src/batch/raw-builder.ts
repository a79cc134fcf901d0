import { type Lines, pieceBytes, rowWords } from "../kernels/index.ts";
import { type PackedColumn, packInto, packLinesInto, packRowsInto } from "./blocks.ts";
import { ByteWriter } from "./bytes.ts";
import type { ColumnBuilder } from "./column-builders.ts";
import { Strings } from "./strings.ts";

/** Lines that take so many bytes are packed where they lie. */
const largeBytes = pieceBytes / 2;

/**
 * Texts that are packed while they come, into the frame they will be in: the lines of a batch are most of its bytes, which so are in the
 * cache of a core when they are packed, and need no memory for all of them. Lines of files are packed as they lie in the memory that they were read
 * into.
 */
export class RawBuilder implements ColumnBuilder {
  readonly #frame: ByteWriter;
  /** What is not packed yet: texts, or lines that were too few. One of them is empty. */
  readonly #texts = new Strings(pieceBytes * 2);
  #lines: ByteWriter | undefined;
  /** Bytes of the texts so far, as ClickHouse Strings, without those in `#texts`. */
  #bytes = 0;
  #rows = 0;
  #hasLines = false;

  /** Nobody else writes to `frame` before `pack`. */
  constructor(frame: ByteWriter) {
    this.#frame = frame;
  }

  /** Bytes of the texts as they are. */
  get size(): number {
    return this.#bytes + this.#texts.size;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    this.#skipTo(row);
    this.#packLines();
    this.#texts.add(value as string);
    this.#rows = row + 1;
    this.#packTexts(pieceBytes);
  }

  /** Adds `count` lines from `first` on. `dense` is what `isDense` has just said of them. */
  lines(row: number, count: number, lines: Lines, first: number, dense: boolean): void {
    this.#skipTo(row);
    this.#packTexts(1);
    this.#bytes += lines.stringBytes;
    this.#rows = row + count;
    const { rows, longest } = lines;
    const size = rows[(first + count - 1) * rowWords + 2]! + 1 - rows[first * rowWords + 1]!;
    if (!dense || size < largeBytes || longest >= pieceBytes) {
      lines.pieces(first, count, (bytes) => this.#addLines(bytes));
      return;
    }
    this.#packLines();
    this.#hasLines = true;
    packRowsInto(lines, first, count, this.#frame);
  }

  #addLines(bytes: Uint8Array): void {
    const waiting = this.#lines?.length ?? 0;
    if (bytes.length > pieceBytes) {
      this.#packLines();
      this.#addLong(bytes.subarray(0, -1));
    } else if (bytes.length >= largeBytes) {
      this.#packLines();
      this.#packPiece(bytes);
    } else {
      if (waiting + bytes.length > pieceBytes) this.#packLines();
      this.#lines ??= new ByteWriter(pieceBytes);
      this.#lines.raw(bytes);
    }
  }

  /** A text that is larger than a block, whose bytes are counted already. */
  #addLong(text: Uint8Array): void {
    const before = this.#bytes;
    this.#texts.slice(text, 0, text.length);
    this.#packTexts(1);
    this.#bytes = before;
  }

  #skipTo(row: number): void {
    if (row === this.#rows) return;
    this.#packLines();
    this.#texts.skip(row - this.#rows);
  }

  #packPiece(bytes: Uint8Array): void {
    this.#hasLines = true;
    packLinesInto(bytes, this.#frame);
  }

  #packLines(): void {
    const lines = this.#lines;
    if (!lines || lines.length === 0) return;
    this.#packPiece(lines.view());
    lines.clear();
  }

  /** Packs whole pieces of texts, or all where `least` says so. */
  #packTexts(least: number): void {
    if (this.#texts.size < least) return;
    this.#bytes += this.#texts.drain(least, (bytes) => packInto(bytes, this.#frame));
  }

  /** Ends the column, which lies in the frame already. */
  pack(rows: number): PackedColumn {
    this.#skipTo(rows);
    this.#packLines();
    this.#packTexts(1);
    this.#lines?.release();
    this.#texts.release();
    return { encoding: "text", packing: this.#hasLines ? "lines" : "lz4", bytes: this.#bytes };
  }
}
