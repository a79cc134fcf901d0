const FIRST_MS = 100;
const LONGEST_MS = 2_000;
const SOUND_MS = 1_000;
const WINDOW_MS = 60_000;
const MANY = 10;
const REST_MS = 15_000;

/** Decides how long to wait before the next start: doubling, and a rest when short lives come in a row. */
export class RestartPolicy {
  #ends: number[] = [];

  /**
   * Notes an end at `now` and says when to try again. `livedMs` is how long the engine had answered; 0 when it never did.
   * Only short lives count: an engine that was killed after it had worked is started again at once.
   */
  next(now: number, livedMs: number): { readonly afterMs: number; readonly tripped: boolean } {
    const recent = livedMs >= SOUND_MS ? [] : this.#ends.filter((end) => now - end < WINDOW_MS);
    // One more try after the rest; another short life within the window trips again at once.
    this.#ends = [...recent, now].slice(-MANY - 1);
    if (this.#ends.length > MANY) return { afterMs: REST_MS, tripped: true };
    return { afterMs: Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.#ends.length - 1)), tripped: false };
  }
}
