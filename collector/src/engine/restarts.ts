const FIRST_MS = 200;
const LONGEST_MS = 10_000;
const WINDOW_MS = 60_000;
const MANY = 6;
const REST_MS = 30_000;

/** Decides how long to wait before the next start: doubling, and a longer rest when ends come in a row. */
export class RestartPolicy {
  #ends: number[] = [];

  /** Notes an end at `now` (milliseconds) and says when to try again. */
  next(now: number): { readonly afterMs: number; readonly tripped: boolean } {
    this.#ends = [...this.#ends.filter((end) => now - end < WINDOW_MS), now];
    if (this.#ends.length > MANY) {
      // One more try after the rest; another end within the window trips again at once.
      this.#ends = this.#ends.slice(-MANY);
      return { afterMs: REST_MS, tripped: true };
    }
    return { afterMs: Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.#ends.length - 1)), tripped: false };
  }
}
