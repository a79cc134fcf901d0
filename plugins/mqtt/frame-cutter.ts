/** One MQTT control packet as it came: the first byte, then at most `maxBytes` of what follows the length. */
export interface Frame {
  readonly first: number;
  readonly body: Buffer;
  /** Bytes that the sender announced; more than `body` has where the packet was too long. */
  readonly wholeBytes: number;
  /** Bytes of first byte and length, needed to hand the packet to a codec. */
  readonly header: Buffer;
}

/**
 * Cuts a stream into MQTT control packets (MQTT 3.1.1 and 5, section 2.1) and keeps no more than `maxBytes` of each.
 * Throws where a length is malformed: the connection cannot be understood any more.
 */
export class FrameCutter {
  readonly #maxBytes: number;
  #header: number[] = [];
  #whole = -1;
  #seen = 0;
  #body = Buffer.alloc(0);
  #filled = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  *take(chunk: Buffer): Generator<Frame> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#whole < 0) {
        this.#header.push(chunk[at++] ?? 0);
        this.#readLength();
      } else {
        at += this.#fill(chunk, at);
      }
      if (this.#whole >= 0 && this.#seen === this.#whole) yield this.#finish();
    }
  }

  /** The length is complete with the first byte below 128, the fifth byte of the packet at the latest. */
  #readLength(): void {
    const bytes = this.#header;
    const last = bytes.at(-1) ?? 0;
    if (bytes.length < 2) return;
    if (last >= 128) {
      if (bytes.length === 5) throw new RangeError("The broker sent a packet of malformed length.");
      return;
    }
    this.#whole = bytes.slice(1).reduce((sum, byte, index) => sum + (byte & 127) * 128 ** index, 0);
    this.#seen = 0;
    this.#filled = 0;
    this.#body = Buffer.allocUnsafe(Math.min(this.#whole, this.#maxBytes));
  }

  #fill(chunk: Buffer, at: number): number {
    const take = Math.min(chunk.length - at, this.#whole - this.#seen);
    const keep = Math.min(take, this.#body.length - this.#filled);
    if (keep > 0) this.#filled += chunk.copy(this.#body, this.#filled, at, at + keep);
    this.#seen += take;
    return take;
  }

  #finish(): Frame {
    const header = Buffer.from(this.#header);
    const frame = { first: header[0] ?? 0, body: this.#body, wholeBytes: this.#whole, header };
    this.#header = [];
    this.#whole = -1;
    this.#body = Buffer.alloc(0);
    return frame;
  }
}
