/** A small generator with a fixed seed (mulberry32), so that runs compare. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below = (limit: number): number => Math.floor(this.next() * limit);
  pick = <T>(list: readonly T[]): T => list[this.below(list.length)]!;
  /** True with a probability. */
  chance = (probability: number): boolean => this.next() < probability;

  word(): string {
    const consonants = "bcdfghklmnprstvwz";
    const vowels = "aeiou";
    let word = "";
    for (let i = 2 + this.below(3); i > 0; i--) word += this.pick([...consonants]) + this.pick([...vowels]);
    return this.chance(0.4) ? word + this.pick([...consonants]) : word;
  }
}
