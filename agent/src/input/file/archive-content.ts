import { closeSync } from "node:fs";
import type { Content } from "./content.ts";
import { headBytes, tailBytes } from "./identity.ts";
import { type ArchiveKind, inflate } from "./inflate.ts";

const nothing: Buffer = Buffer.alloc(0);

/** What an archive holds, read once from front to back. Holds one read and one chunk of it in memory. */
export class ArchiveContent implements Content {
  readonly fd = undefined;
  readonly #fd: number;
  readonly #chunks: AsyncGenerator<Buffer>;
  #head = nothing;
  /** The bytes just before `#at`, as many as a later look may ask for again. */
  #held = nothing;
  #at = 0;
  #pending = nothing;
  #ended = false;
  #failure: Error | undefined;
  readonly #whenClosed = Promise.withResolvers<void>();
  #isClosing = false;
  #busy: Promise<unknown> = Promise.resolve();

  /** Takes the descriptor over. */
  constructor(fd: number, kind: ArchiveKind, size: number) {
    this.#fd = fd;
    this.#chunks = inflate(fd, kind, size);
  }

  /** Uncompresses up to an offset without keeping more than the head and what comes just before it. */
  async skipTo(offset: number, signal: AbortSignal): Promise<void> {
    while (this.#at < offset && !signal.aborted) {
      const bytes = await this.#next(offset - this.#at);
      if (bytes.length === 0) return;
      if (this.#head.length < headBytes)
        this.#head = Buffer.concat([this.#head, bytes.subarray(0, headBytes - this.#head.length)]);
      this.#held =
        bytes.length >= tailBytes
          ? Buffer.from(bytes.subarray(-tailBytes))
          : Buffer.concat([this.#held, bytes]).subarray(-tailBytes);
    }
  }

  /** Resolves after the archive was closed. */
  get closed(): Promise<void> {
    return this.#whenClosed.promise;
  }

  before(offset: number, length: number): Buffer {
    if (offset === 0 && length <= this.#head.length) return Buffer.from(this.#head.subarray(0, length));
    const from = offset - (this.#at - this.#held.length);
    return Buffer.from(this.#held.subarray(from, from + length));
  }

  async read(buffer: Buffer, offset: number): Promise<number> {
    const again = this.#held.subarray(this.#held.length - (this.#at - offset));
    let count = again.copy(buffer);
    while (count < buffer.length) {
      const bytes = await this.#next(buffer.length - count);
      if (bytes.length === 0) break;
      count += bytes.copy(buffer, count);
    }
    this.#held = again.length > count ? again : Buffer.from(buffer.subarray(0, count));
    return count;
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#ended = true;
    // Only after a chunk under way has come: the descriptor's number may be given to another file at once.
    void this.#busy
      .catch(() => undefined)
      .then(() => this.#chunks.return(undefined))
      .catch(() => undefined)
      .then(() => {
        closeSync(this.#fd);
        this.#whenClosed.resolve();
      });
  }

  /** At most `limit` further bytes; none at the end. */
  async #next(limit: number): Promise<Buffer> {
    if (this.#pending.length === 0 && !this.#ended) {
      if (this.#failure) throw this.#failure;
      const step = this.#chunks.next();
      this.#busy = step;
      const { done, value } = await step.catch((error: unknown) => {
        // A generator that failed looks as if it had ended: the last piece of a line would be taken for a line.
        this.#failure = error as Error;
        throw error;
      });
      if (done) this.#ended = true;
      else this.#pending = value;
    }
    const bytes = this.#pending.subarray(0, limit);
    this.#pending = this.#pending.subarray(bytes.length);
    this.#at += bytes.length;
    return bytes;
  }
}
