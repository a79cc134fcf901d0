/**
 * Bounds the bytes of batches in the collector, over all agents. Whoever goes over is told to pause, and resumed when
 * there is room again: the agents' spools hold what does not fit here.
 */
export class Budget {
  readonly #limit: number;
  readonly #paused = new Set<() => void>();
  #used = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get used(): number {
    return this.#used;
  }

  /** Counts bytes in. False when the limit is reached: send no more until `resume` is called, once. */
  take(bytes: number, resume: () => void): boolean {
    this.#used += bytes;
    if (this.#used < this.#limit) return true;
    this.#paused.add(resume);
    return false;
  }

  /** Counts bytes out; wakes everyone who waits when there is room. */
  give(bytes: number): void {
    this.#used -= bytes;
    if (this.#used >= this.#limit || this.#paused.size === 0) return;
    const waiting = [...this.#paused];
    this.#paused.clear();
    for (const resume of waiting) resume();
  }

  /** Forgets a waiter that is gone. */
  leave(resume: () => void): void {
    this.#paused.delete(resume);
  }
}
