import type { PendingBatch, Place } from "../spool/index.ts";
import type { Outbox } from "./transport.ts";

/** Reads batches while others are being sent, as many as the limits hold. */
export class ReadAhead {
  readonly #limits: { readonly batches: number; readonly bytes: number };
  readonly #signal: AbortSignal;
  readonly #ready: PendingBatch[] = [];
  #bytes = 0;
  #done = false;
  #failure: unknown;
  #wake: () => void = () => undefined;

  /** Reads until the signal aborts. */
  constructor(
    outbox: Outbox,
    limits: { readonly batches: number; readonly bytes: number },
    signal: AbortSignal,
  ) {
    this.#limits = limits;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    this.#read(outbox)
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#done = true;
        this.#wake();
      });
  }

  /**
   * The next batches in order, at least one, however large; none when the signal has aborted. Rejects where the spool
   * cannot be read.
   */
  async take(batches: number, bytes: number): Promise<readonly PendingBatch[]> {
    while (this.#ready.length === 0 && !this.#done && !this.#signal.aborted) await this.#change();
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#signal.aborted) return [];
    let count = 0;
    for (let size = 0; count < Math.min(batches, this.#ready.length); count++) {
      size += this.#ready[count]?.frame.length ?? 0;
      if (count > 0 && size > bytes) break;
    }
    const taken = this.#ready.splice(0, count);
    for (const { frame } of taken) this.#bytes -= frame.length;
    this.#wake();
    return taken;
  }

  async #read(outbox: Outbox): Promise<void> {
    for (let after: Place | undefined; !this.#signal.aborted; ) {
      if (this.#ready.length >= this.#limits.batches || this.#bytes >= this.#limits.bytes) {
        await this.#change();
        continue;
      }
      const batch = await outbox.next(after, this.#signal);
      if (!batch) return;
      after = batch.header;
      this.#ready.push(batch);
      this.#bytes += batch.frame.length;
      this.#wake();
    }
  }

  /** Resolves at the next change; reader and taker never wait at the same time. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
