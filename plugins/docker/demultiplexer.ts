export type StreamName = "stdout" | "stderr";

/** A piece of output. Without a terminal a frame is one line or one part of a long line, in one or more pieces. */
export interface Piece {
  readonly stream: StreamName;
  readonly bytes: Buffer;
  /** The first piece of a frame: it begins with a time. */
  readonly first: boolean;
}

const headerBytes = 8;
/** The engine cuts at 16 KiB, to which it adds a time; nothing it sends is near this. */
const maxFrameBytes = 16 * 2 ** 20;

/**
 * Takes the engine's multiplexed stream apart: frames of one byte of stream (1 stdout, 2 stderr), three zeros, a
 * big-endian 32-bit length, and the bytes. Gives a frame's bytes as they come. Throws where the stream has another form.
 */
export class Demultiplexer {
  #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  #left = 0;
  #stream: StreamName = "stdout";
  #first = true;

  *take(chunk: Buffer): Generator<Piece> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0) {
        const taken = chunk.copy(this.#header, this.#headerFilled, at, at + headerBytes - this.#headerFilled);
        at += taken;
        this.#headerFilled += taken;
        if (this.#headerFilled === headerBytes) this.#open();
        continue;
      }
      const bytes = chunk.subarray(at, at + this.#left);
      at += bytes.length;
      this.#left -= bytes.length;
      const first = this.#first;
      this.#first = false;
      yield { stream: this.#stream, bytes, first };
    }
  }

  #open(): void {
    const kind = this.#header[0] ?? 0;
    const length = this.#header.readUInt32BE(4);
    if (kind > 2 || this.#header.readUIntBE(1, 3) !== 0 || length > maxFrameBytes) {
      throw new RangeError("The engine's log is not in the form of a multiplexed stream.");
    }
    this.#stream = kind === 2 ? "stderr" : "stdout";
    this.#left = length;
    this.#headerFilled = 0;
    this.#first = true;
  }
}
