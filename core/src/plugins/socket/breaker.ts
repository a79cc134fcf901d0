import { Backoff } from "@vedette/sdk/input";

const maxFailures = 8;
const firstMs = 1_000;
const longestMs = 60_000;

/** Stops asking a plugin that does not answer: after some failures in a row for a while, then one call tries. */
export class Breaker {
  readonly #now: () => number;
  readonly #backoff = new Backoff(firstMs, longestMs);
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds until a call may try again; 0 where calls go through. The first call after that is the one that tries. */
  pass(): number {
    if (this.#openUntil === 0) return 0;
    const left = this.#openUntil - this.#now();
    if (left > 0) return left;
    if (this.#probing) return 1;
    this.#probing = true;
    return 0;
  }

  get isOpen(): boolean {
    return this.#openUntil !== 0;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntil = 0;
    this.#probing = false;
    this.#backoff.reset();
  }

  /** True where this failure was the one too many. */
  failed(): boolean {
    this.#failures++;
    const wasProbe = this.#probing;
    this.#probing = false;
    if (!wasProbe && (this.#openUntil !== 0 || this.#failures < maxFailures)) return false;
    this.#openUntil = this.#now() + this.#backoff.next();
    return true;
  }
}
