import type { Lines } from "@vedette/core/kernels";
import type { Content } from "./content.ts";
import { type Fingerprint, fingerprintOf, headBytes, tailBytes, tellingBytes } from "./identity.ts";
import { LineCutter } from "./line-cutter.ts";
import type { LineTaker } from "./line-emitter.ts";
import type { FileRecord } from "./registry.ts";

/** What a turn found: more bytes wait, the end was reached, or the bytes before the offset are not what was read. */
export type Turn = "more" | "end" | "replaced";

/** Reads one generation through a descriptor that is held, so that renaming and deleting change nothing. */
export class Follower {
  readonly record: FileRecord;
  readonly content: Content;
  /** Path under which an input includes the file; undefined once it was renamed away or deleted. */
  owner: string | undefined;
  /** When the file was last seen to grow, in milliseconds of a monotonic clock. */
  grewAt: number;
  readonly #cutter: LineCutter;
  readonly #taker: LineTaker;
  #head: Buffer;
  /** The bytes just before the next read; read again each time and compared. */
  #tail: Buffer;
  #closed = false;

  constructor(
    record: FileRecord,
    content: Content,
    offset: number,
    owner: string | undefined,
    maxLineBytes: number,
    taker: LineTaker,
    now: number,
  ) {
    this.record = record;
    this.content = content;
    this.owner = owner;
    this.grewAt = now;
    this.#taker = taker;
    this.#cutter = new LineCutter(offset, maxLineBytes, taker.line, taker.lines);
    this.#head = content.before(0, Math.min(headBytes, offset));
    const length = Math.min(tailBytes, offset);
    this.#tail = content.before(offset - length, length);
  }

  /** Where to resume: the first byte that was not handed on as a line. */
  get offset(): number {
    return this.#taker.heldFrom ?? this.#cutter.lineStart;
  }

  /** Where the next read begins; past `offset` only inside a very long line. */
  get readAt(): number {
    return this.#cutter.readAt;
  }

  /** Reads one chunk into the kernel's buffer, which is free again when the promise resolves, and hands on its lines. */
  async turn(kernel: Lines): Promise<Turn> {
    const overlap = this.#tail.length;
    const buffer = kernel.buffer.subarray(0, overlap + this.#cutter.wanted(kernel.buffer.length - overlap));
    const start = this.#cutter.readAt - overlap;
    const count = await this.content.read(buffer, start);
    if (count < overlap || buffer.compare(this.#tail, 0, overlap, 0, overlap) !== 0) return "replaced";
    if (start === 0 && !this.#hasHead(buffer.subarray(0, count))) return "replaced";
    if (count === overlap) return "end";
    if (this.#outgrew(start + count)) return "more";
    const full = count === buffer.length;
    await this.#cutter.take(buffer.subarray(overlap, count), full, kernel);
    this.#note(buffer, start);
    return full ? "more" : "end";
  }

  /** Hands on a last line that has no newline. */
  async finish(buffer: Buffer): Promise<void> {
    const count = await this.content.read(buffer, this.#cutter.readAt);
    if (count > 0 || this.#cutter.readAt > this.#cutter.lineStart)
      await this.#cutter.finish(buffer.subarray(0, count));
    await this.flush();
  }

  /** Hands on lines that were held back to be joined with further ones. */
  async flush(): Promise<void> {
    await this.#taker.flush?.();
  }

  /** The file by content as far as it was read; stays true even when the file is truncated the next moment. */
  fingerprints(): { readonly head: Fingerprint; readonly tail: Fingerprint } {
    return {
      head: fingerprintOf(this.#head, this.#head.length),
      tail: fingerprintOf(this.#tail, this.#cutter.readAt),
    };
  }

  close(): void {
    if (!this.#closed) this.content.close();
    this.#taker.discard?.();
    this.#closed = true;
  }

  /** Whether a file has grown since its head was noted, by which it must be told before what is new is handed on. */
  #outgrew(size: number): boolean {
    const { length } = this.record.head;
    return length < tellingBytes && length < size && this.content.fd !== undefined;
  }

  /** Whether a file that nothing was read of yet still begins as it did when it was found. */
  #hasHead(bytes: Buffer): boolean {
    const { head } = this.record;
    if (this.#head.length > 0 || head.length === 0) return true;
    return (
      bytes.length >= head.length &&
      fingerprintOf(bytes.subarray(0, head.length), head.end).hash === head.hash
    );
  }

  #note(buffer: Buffer, start: number): void {
    const end = this.#cutter.readAt - start;
    if (this.#head.length < headBytes && start <= this.#head.length) {
      const more = buffer.subarray(this.#head.length - start, Math.min(end, headBytes - start));
      if (more.length > 0) this.#head = Buffer.concat([this.#head, more]);
    }
    if (end > this.#tail.length) this.#tail = Buffer.from(buffer.subarray(Math.max(0, end - tailBytes), end));
  }
}
