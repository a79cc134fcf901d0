import { EngineError } from "./errors.ts";

/**
 * A bounded number of statements at a time and a bounded queue before it.
 * Reads and writes have lanes of their own, so a heavy query never holds up an insert.
 */
export class Lanes {
  #free: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number, maxWaiting: number) {
    this.#free = count;
    this.#maxWaiting = maxWaiting;
  }

  /** Runs the work when a lane is free. Throws 503 when the queue is full, and gives up its place when `signal` aborts. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#take(signal);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  #take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(cancelled());
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      const why = `Too many requests are waiting (${this.#maxWaiting}). Try again later.`;
      return Promise.reject(new EngineError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", why));
    }
    return new Promise((resolve, reject) => {
      const start = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        reject(cancelled());
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(start);
    });
  }
}

const cancelled = () => new EngineError(394, "QUERY_WAS_CANCELLED", "The client went away.", 499);
