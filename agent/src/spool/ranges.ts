/** A set of whole numbers kept as sorted, separate ranges: small while the numbers come nearly in order. */
export class Ranges {
  /** Inclusive bounds, ascending, never touching. */
  readonly #ranges: [from: number, to: number][] = [];

  constructor(ranges: Iterable<readonly [number, number]> = []) {
    for (const [from, to] of ranges) this.add(from, to);
  }

  get list(): readonly (readonly [number, number])[] {
    return this.#ranges;
  }

  has(value: number): boolean {
    const at = this.#at(value);
    return at < this.#ranges.length && this.#ranges[at]![0] <= value;
  }

  /** Adds all numbers from `from` up to and including `to`. */
  add(from: number, to = from): void {
    const first = this.#at(from - 1);
    let last = first;
    let low = from;
    let high = to;
    while (last < this.#ranges.length && this.#ranges[last]![0] <= to + 1) {
      low = Math.min(low, this.#ranges[last]![0]);
      high = Math.max(high, this.#ranges[last]![1]);
      last++;
    }
    this.#ranges.splice(first, last - first, [low, high]);
  }

  /** Place of the first range that ends at or after the value. */
  #at(value: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle]![1] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
