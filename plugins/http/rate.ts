const maxKnown = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Lets an address do `perSecond` things on average and twice as many at once. Remembers 10,000 addresses and starts anew
 * beyond that, so that invented ones cost no memory.
 */
export class Rate {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** 0 when it may, else the seconds after which it may. `now` in milliseconds of a clock that only grows. */
  take(address: string, now: number): number {
    const most = Math.max(1, this.#perSecond * 2);
    let bucket = this.#buckets.get(address);
    if (!bucket) {
      if (this.#buckets.size >= maxKnown) this.#buckets.clear();
      bucket = { tokens: most, at: now };
      this.#buckets.set(address, bucket);
    }
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.at) / 1_000) * this.#perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.#perSecond;
    bucket.tokens -= 1;
    return 0;
  }
}
