import { atLine } from "@vedette/core/batch";
import { rowWords } from "@vedette/core/kernels";
import type { RowLog } from "@vedette/core/pipeline";
import { eventId, type InputLog } from "@vedette/sdk";
import type { LogChunk } from "./input/index.ts";

/** Node's own slicing calls, twice as fast as `toString` with a range; they are missing from its types. */
type Sliced = Buffer & {
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
};

/**
 * Bytes of ASCII lines that are made one text, of which each line is a part: a part costs a quarter of a text of its own, and
 * keeps all of it in memory.
 */
const textBytes = 8 << 10;

/** Texts, places and logs of a chunk's rows, made when they are asked for. Rows are asked for in order. */
export class ChunkRows {
  readonly #chunk: LogChunk;
  readonly #rows: Uint32Array;
  /** What rows count from. */
  readonly bytes: Buffer;
  readonly #bytes: Sliced;
  readonly #end: number;
  /** The text of some lines, and where it lies, from the beginning of the split. */
  #text = "";
  #from = 0;
  #to = 0;

  constructor(chunk: LogChunk) {
    const { lines } = chunk;
    this.#chunk = chunk;
    this.#rows = lines.rows;
    this.#end = lines.rows[chunk.count * rowWords - 1]!;
    this.bytes = lines.buffer.subarray(lines.begin, lines.begin + this.#end);
    this.#bytes = this.bytes as Sliced;
  }

  /** Where a line begins and where it ends, its newline included, from the beginning of the split. */
  start(row: number): number {
    return this.#rows[row * rowWords]!;
  }

  end(row: number): number {
    return this.#rows[row * rowWords + 3]!;
  }

  textStart(row: number): number {
    return this.#rows[row * rowWords + 1]!;
  }

  isAscii(row: number): boolean {
    if (this.#chunk.ascii) return true;
    const { bytes } = this;
    let all = 0;
    for (let at = this.textStart(row), end = at + this.textBytes(row); at < end; at++) all |= bytes[at]!;
    return all < 0x80;
  }

  textBytes(row: number): number {
    return this.#rows[row * rowWords + 2]! - this.#rows[row * rowWords + 1]!;
  }

  /** Puts a row in the place of an earlier one. */
  move(row: number, to: number): void {
    if (row !== to) this.#rows.copyWithin(to * rowWords, row * rowWords, (row + 1) * rowWords);
  }

  /** The same for some rows that follow each other. */
  moveSome(row: number, count: number, to: number): void {
    if (row !== to) this.#rows.copyWithin(to * rowWords, row * rowWords, (row + count) * rowWords);
  }

  raw(row: number): string {
    const at = row * rowWords;
    const from = this.#rows[at + 1]!;
    const to = this.#rows[at + 2]!;
    if (!this.#chunk.ascii) return this.#bytes.utf8Slice(from, to);
    if (to > this.#to) {
      if (to - from >= textBytes) return this.#bytes.latin1Slice(from, to);
      this.#from = from;
      this.#to = Math.min(from + textBytes, this.#end);
      this.#text = this.#bytes.latin1Slice(from, this.#to);
    }
    return this.#text.slice(from - this.#from, to - this.#from);
  }

  id(row: number): string {
    return eventId(this.#chunk.idPrefix, this.#chunk.base + this.start(row));
  }

  /** The log as an input would push it. */
  log(row: number): InputLog {
    const { dataType, dataSource, time, source, base } = this.#chunk;
    const position = { source, offset: base + this.start(row), end: base + this.end(row) };
    return { id: this.id(row), dataType, dataSource, time, raw: this.raw(row), position };
  }
}

/** One row as a program reads it, moved on to each by `move`; the text is made once for each. */
export class LineLog implements RowLog {
  readonly time: number;
  readonly timestamp: string;
  readonly dataSource: string;
  readonly tenantId = "";
  readonly flaw = undefined;
  bytes: Uint8Array | undefined;
  from = 0;
  to = 0;
  row = 0;
  ahead = -1;
  readonly #rows: ChunkRows;
  #raw = "";
  #rawRow = -1;

  constructor(rows: ChunkRows, time: number, timestamp: string, dataSource: string) {
    this.#rows = rows;
    this.time = time;
    this.timestamp = timestamp;
    this.dataSource = dataSource;
  }

  move(row: number): void {
    const rows = this.#rows;
    this.row = row;
    this.from = rows.textStart(row);
    this.to = this.from + rows.textBytes(row);
    this.bytes = rows.isAscii(row) ? rows.bytes : undefined;
    atLine(this.from, this.to);
  }

  get raw(): string {
    if (this.#rawRow !== this.row) {
      this.#rawRow = this.row;
      this.#raw = this.#rows.raw(this.row);
    }
    return this.#raw;
  }

  get id(): string {
    return this.#rows.id(this.row);
  }
}
