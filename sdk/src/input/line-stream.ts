import { type Text, textOf } from "../text.ts";

const newline = 10;
const carriageReturn = 13;

/** Cuts a stream of bytes into lines, keeping at most one line's limit of bytes. Empty lines are left out. */
export class LineStream {
  readonly #maxBytes: number;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  /** Bytes of the line so far, those that were not kept included. */
  #lineBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk. */
  *take(chunk: Buffer): Generator<Text> {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const line = this.#finish(chunk.subarray(from, end));
      if (line) yield line;
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** The last line, where the stream ends without a newline. */
  rest(): Text | undefined {
    return this.#finish(Buffer.alloc(0));
  }

  #keep(bytes: Buffer): void {
    this.#lineBytes += bytes.length;
    const room = this.#maxBytes + 1 - this.#keptBytes;
    if (room <= 0 || bytes.length === 0) return;
    // A copy: the view would hold the whole chunk.
    const part = Buffer.from(bytes.subarray(0, room));
    this.#kept.push(part);
    this.#keptBytes += part.length;
  }

  #finish(last: Buffer): Text | undefined {
    let bytes = last;
    let whole = last.length;
    if (this.#lineBytes > 0) {
      this.#keep(last);
      bytes = Buffer.concat(this.#kept, this.#keptBytes);
      whole = this.#lineBytes;
      this.#kept = [];
      this.#keptBytes = 0;
      this.#lineBytes = 0;
    }
    if (whole === bytes.length && bytes.at(-1) === carriageReturn) {
      bytes = bytes.subarray(0, -1);
      whole--;
    }
    return whole === 0 ? undefined : textOf(bytes, this.#maxBytes, whole > bytes.length);
  }
}
