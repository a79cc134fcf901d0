import { release } from "./grown.ts";

const firstSlots = 1_024;

/**
 * Hashes of ids with the number of each, and nothing else: whether an id may be known is told by one place in memory, and what is kept
 * under its number is looked at only where the hash is the same. Open addressing; the same hash may be there several times.
 */
export class IdSet {
  /** A hash, and behind it the number, +1; 0 is free. A power of two, at least four times the ids. */
  #slots = new Uint32Array(firstSlots);
  #size = 0;

  /** Whether there is a number of this hash that passes. */
  some(hash: number, test: (number: number) => boolean): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = (hash * 2) & mask; slots[at + 1] !== 0; at = (at + 2) & mask) {
      if (slots[at] === hash && test(slots[at + 1]! - 1)) return true;
    }
    return false;
  }

  add(hash: number, number: number): void {
    if (++this.#size * 4 > this.#slots.length) this.#grow();
    this.#enter(hash, number + 1);
  }

  #enter(hash: number, value: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = (hash * 2) & mask;
    while (slots[at + 1] !== 0) at = (at + 2) & mask;
    slots[at] = hash;
    slots[at + 1] = value;
  }

  /** Takes out what was added; those behind it move up, so that no gap hides them. */
  delete(hash: number, number: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = (hash * 2) & mask;
    while (slots[gap + 1] !== number + 1) gap = (gap + 2) & mask;
    for (let at = (gap + 2) & mask; slots[at + 1] !== 0; at = (at + 2) & mask) {
      const home = (slots[at]! * 2) & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      slots[gap] = slots[at]!;
      slots[gap + 1] = slots[at + 1]!;
      gap = at;
    }
    slots[gap + 1] = 0;
    this.#size--;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2)
      if (before[at + 1] !== 0) this.#enter(before[at]!, before[at + 1]!);
    release(before);
  }
}
