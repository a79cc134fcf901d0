import { rowWords } from "@vedette/core/kernels";
import { eventId, type InputLog } from "@vedette/sdk";
import type { LogChunk } from "./input/index.ts";

/** Node's own slicing calls, twice as fast as `toString` with a range; they are missing from its types. */
type Sliced = Buffer & {
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
};

/** Bytes of ASCII lines that are made one text, of which each line is a part: a part costs a quarter of a text of its own. */
const textBytes = 64 << 10;

/** Texts, places and logs of a chunk's rows, made when they are asked for. Rows are asked for in order. */
export class ChunkRows {
  readonly #chunk: LogChunk;
  readonly #rows: Uint32Array;
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
    this.#bytes = lines.buffer.subarray(lines.begin) as Sliced;
    this.#end = lines.rows[chunk.count * rowWords - 1]!;
  }

  /** Bytes of a line in its file, its newline included. */
  bytes(row: number): number {
    const at = row * rowWords;
    return this.#rows[at + 3]! - this.#rows[at]!;
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
    return eventId(this.#chunk.idPrefix, this.#chunk.base + this.#rows[row * rowWords]!);
  }

  /** The log as an input would push it. */
  log(row: number): InputLog {
    const { dataType, dataSource, time, source, base } = this.#chunk;
    const offset = base + this.#rows[row * rowWords]!;
    const position = { source, offset, end: offset + this.bytes(row) };
    return { id: this.id(row), dataType, dataSource, time, raw: this.raw(row), position };
  }
}
