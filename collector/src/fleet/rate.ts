/** Bound of what is counted by name; whoever comes beyond it waits for the next span. */
const mostNames = 10_000;

/** Lets each name do something only so many times in a span of time. */
export class Rate {
  readonly #most: number;
  readonly #spanMs: number;
  readonly #counts = new Map<string, number>();
  #began = 0;

  constructor(most: number, spanMs: number) {
    this.#most = most;
    this.#spanMs = spanMs;
  }

  /** False where it was too often. `now` in milliseconds, of a clock that does not go back. */
  take(name: string, now: number): boolean {
    if (now - this.#began >= this.#spanMs) {
      this.#counts.clear();
      this.#began = now;
    }
    const count = this.#counts.get(name) ?? 0;
    if (count >= this.#most || (count === 0 && this.#counts.size >= mostNames)) return false;
    this.#counts.set(name, count + 1);
    return true;
  }
}
