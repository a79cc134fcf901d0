import { type Text, textOf } from "@vedette/sdk";

/** A line of a container with the time at which the engine took it. */
export interface ContainerLine extends Text {
  /** RFC 3339 with nanoseconds, as the engine wrote it. */
  readonly time: string;
}

const newline = 10;
const space = 32;
const carriageReturn = 13;
/** The engine cuts a line that a container writes into parts of this size, each with the time of the first. */
const partBytes = 16 * 1_024;
/** `2026-01-02T03:04:05.123456789Z` and somewhat more. */
const maxTimeBytes = 40;
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Makes lines of one stream's bytes. Each line begins with the engine's time and a space. The engine cuts a long line into
 * parts of 16 KiB without a newline, each with the time again: it is taken out. Where there are frames, a part begins with a
 * frame; in the raw log of a terminal it begins after 16 KiB. A part that is not full and is followed by another time is the
 * last line of a container that ended without a newline and was started again.
 */
export class LineJoiner {
  readonly #maxBytes: number;
  readonly #framed: boolean;
  #time = "";
  /** Bytes of a time that is not complete; undefined inside a part's text. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #lineBytes = 0;
  #partBytes = 0;
  #unended: ContainerLine | undefined;

  constructor(maxBytes: number, framed: boolean) {
    this.#maxBytes = maxBytes;
    this.#framed = framed;
  }

  /** The lines that end in these bytes. `first` says that a frame begins. */
  *take(bytes: Buffer, first: boolean): Generator<ContainerLine> {
    if (first) this.#head = Buffer.alloc(0);
    let at = 0;
    while (at < bytes.length) {
      if (this.#head !== undefined) {
        at = this.#readTime(bytes, at, this.#head);
        if (this.#unended) yield this.#unended;
        this.#unended = undefined;
        continue;
      }
      const end = bytes.indexOf(newline, at);
      const room = this.#framed ? bytes.length : partBytes - this.#partBytes;
      const stop = Math.min(end < 0 ? bytes.length : end, at + room);
      this.#keep(bytes.subarray(at, stop));
      at = stop;
      if (end === stop) {
        at++;
        yield this.#finish();
      } else if (!this.#framed && this.#partBytes === partBytes) {
        this.#head = Buffer.alloc(0);
      }
    }
  }

  /** The time of a line that has begun and not ended. */
  get openSince(): string | undefined {
    return this.#lineBytes > 0 ? this.#time : undefined;
  }

  /** The last line of a container that ended without a newline. */
  rest(): ContainerLine | undefined {
    return this.#lineBytes > 0 ? this.#finish() : undefined;
  }

  #readTime(bytes: Buffer, at: number, head: Buffer): number {
    const end = bytes.indexOf(space, at);
    const stop = end < 0 ? bytes.length : end;
    const joined = Buffer.concat([head, bytes.subarray(at, Math.min(stop, at + maxTimeBytes + 1))]);
    if (end < 0 && joined.length <= maxTimeBytes) {
      this.#head = joined;
      return stop;
    }
    const time = joined.toString("latin1");
    if (!timeForm.test(time)) throw new RangeError("The engine's log has a line without a time.");
    if (this.#lineBytes > 0 && time !== this.#time && this.#partBytes < partBytes)
      this.#unended = this.#finish();
    this.#head = undefined;
    this.#partBytes = 0;
    if (this.#lineBytes === 0) this.#time = time;
    return end + 1;
  }

  #keep(bytes: Buffer): void {
    this.#lineBytes += bytes.length;
    this.#partBytes += bytes.length;
    const room = this.#maxBytes + 1 - this.#keptBytes;
    if (room <= 0 || bytes.length === 0) return;
    const part = Buffer.from(bytes.subarray(0, room));
    this.#kept.push(part);
    this.#keptBytes += part.length;
  }

  #finish(): ContainerLine {
    let bytes = Buffer.concat(this.#kept, this.#keptBytes);
    const cut = this.#lineBytes > bytes.length;
    if (!cut && bytes.at(-1) === carriageReturn) bytes = bytes.subarray(0, -1);
    this.#kept = [];
    this.#keptBytes = 0;
    this.#lineBytes = 0;
    // A terminal's next line begins with a time; a frame that goes on behind a newline has no second one.
    if (!this.#framed) this.#head = Buffer.alloc(0);
    return { ...textOf(bytes, this.#maxBytes, cut), time: this.#time };
  }
}
