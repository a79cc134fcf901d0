import type { IncomingRecord, TopicPartition } from "@vedette/core/kafka";
import type { Budget } from "../budget.ts";
import { Progress } from "./progress.ts";

/** What is done with one record. Resolves when the record will not be needed again; rejects only where the signal aborts. */
export type Handle = (record: IncomingRecord, signal: AbortSignal) => Promise<void>;

export interface PartitionOptions {
  /** Records begun and not finished. */
  readonly window: number;
  readonly budget: Budget;
  readonly handle: Handle;
  /** Told when there is something to commit. */
  readonly moved: () => void;
}

/** One partition while it belongs to this collector: what of it is being worked on, and how far it is done. */
export class Partition {
  readonly of: TopicPartition;
  readonly progress = new Progress();
  readonly #options: PartitionOptions;
  readonly #gone = new AbortController();
  readonly #waiting = new Set<() => void>();
  #running = 0;
  #closed = false;
  /** True from the moment the budget says so until it says otherwise. */
  #waits = false;
  readonly #resume = (): void => {
    this.#waits = false;
    this.#wake();
  };

  constructor(of: TopicPartition, options: PartitionOptions) {
    this.of = of;
    this.#options = options;
  }

  /** Begins records in order, as fast as the window and the budget allow. Resolves when all are begun or none may be. */
  async take(records: readonly IncomingRecord[], signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake();
    signal.addEventListener("abort", wake, { once: true });
    try {
      for (const record of records) {
        while (!this.#closed && !signal.aborted && this.#isFull) await this.#change();
        if (this.#closed || signal.aborted) return;
        this.#begin(record);
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  /** Begins nothing more. Resolves when what was begun is finished, or after a time. */
  async finish(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#wake();
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      this.#wake();
    }, graceMs);
    while (this.#running > 0 && !over) await this.#change();
    clearTimeout(timer);
  }

  /** Begins nothing more and lets go of what is being worked on: another collector has it. */
  drop(): void {
    this.#closed = true;
    this.#options.budget.leave(this.#resume);
    this.#gone.abort(new Error("The partition belongs to another collector."));
    this.#wake();
  }

  get #isFull(): boolean {
    return this.#waits || this.progress.pending >= this.#options.window;
  }

  #begin(record: IncomingRecord): void {
    const { budget, handle, moved } = this.#options;
    const bytes = record.value.length;
    const done = this.progress.begin(record.offset);
    this.#running++;
    this.#waits = !budget.take(bytes, this.#resume);
    handle(record, this.#gone.signal)
      .then(
        () => {
          done();
          if (!this.#gone.signal.aborted) moved();
        },
        () => undefined,
      )
      .finally(() => {
        this.#running--;
        budget.give(bytes);
        this.#wake();
      });
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
