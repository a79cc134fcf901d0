import { type CallStatus, status } from "./status.ts";

/** Bytes before each message: whether it is compressed, and its length ("Length-Prefixed-Message" in gRPC over HTTP2). */
export const prefixBytes = 5;
/** A message is given so much memory at first, and more as its bytes come: a length is only a claim. */
const firstBytes = 1 << 20;

/** The prefix of a message of so many bytes. */
export function prefixOf(length: number): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

/** Why a peer's bytes are no messages that we take. */
export class MessageError extends Error {
  readonly status: CallStatus;
  constructor(status: CallStatus) {
    super(status.details);
    this.status = status;
  }
}

/**
 * Cuts the bytes of a stream into messages. One that lies whole in a chunk is a view into it; any other is a buffer of its
 * own, which its receiver may free.
 */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #prefix = Buffer.alloc(prefixBytes);
  #prefixFilled = 0;
  #message: Buffer | undefined;
  #filled = 0;
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Gives the messages that a chunk completes, until `take` says false. Gives the bytes of the chunk that are left then.
   * Throws a MessageError for a message that is too large or compressed.
   */
  push(chunk: Buffer, take: (message: Buffer) => boolean): Buffer | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#prefixFilled < prefixBytes) {
        at += this.#readPrefix(chunk, at);
        // An empty message is whole with its prefix; any other needs bytes behind it.
        if (this.#prefixFilled < prefixBytes || (at === chunk.length && this.#size > 0)) return undefined;
      }
      const wanted = this.#size - this.#filled;
      const end = Math.min(chunk.length, at + wanted);
      if (!this.#message && end - at === this.#size) this.#message = chunk.subarray(at, end);
      else this.#room(end - at).set(chunk.subarray(at, end), this.#filled);
      this.#filled += end - at;
      at = end;
      if (this.#filled < this.#size) return undefined;
      const message = this.#message!;
      this.#message = undefined;
      this.#filled = 0;
      this.#prefixFilled = 0;
      if (!take(message)) return at < chunk.length ? chunk.subarray(at) : undefined;
    }
    return undefined;
  }

  #readPrefix(chunk: Buffer, at: number): number {
    const bytes = Math.min(prefixBytes - this.#prefixFilled, chunk.length - at);
    this.#prefix.set(chunk.subarray(at, at + bytes), this.#prefixFilled);
    this.#prefixFilled += bytes;
    if (this.#prefixFilled < prefixBytes) return bytes;
    this.#size = this.#prefix.readUInt32BE(1);
    if (this.#prefix[0] !== 0) {
      throw new MessageError({ code: status.unimplemented, details: "Compressed messages are not taken." });
    }
    if (this.#size > this.#maxBytes) {
      const details = `A message of ${this.#size} bytes is larger than ${this.#maxBytes}.`;
      throw new MessageError({ code: status.resourceExhausted, details });
    }
    return bytes;
  }

  #room(extra: number): Buffer {
    const needed = this.#filled + extra;
    const { length = 0 } = this.#message ?? {};
    if (needed <= length) return this.#message!;
    const size = Math.min(this.#size, Math.max(firstBytes, length * 2, needed));
    const grown = Buffer.allocUnsafeSlow(size);
    if (this.#message) grown.set(this.#message.subarray(0, this.#filled));
    this.#message = grown;
    return grown;
  }
}
