import type { Position } from "../input.ts";

interface Waiter {
  readonly source: string;
  readonly end: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Who waits for which place of a source to be on disk. */
export class DurableWaiters {
  readonly #waiters = new Set<Waiter>();
  readonly #reached = new Map<string, number>();

  /** Resolves when everything of the source before `end` is on disk; rejects with what `giveUp` is given. */
  wait(source: string, end: number): Promise<void> {
    if ((this.#reached.get(source) ?? 0) >= end) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.add({ source, end, resolve, reject }));
  }

  reached({ source, end }: Position): void {
    this.#reached.set(source, Math.max(end, this.#reached.get(source) ?? 0));
    for (const waiter of this.#waiters) {
      if (waiter.source !== source || waiter.end > end) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  giveUp(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }
}
