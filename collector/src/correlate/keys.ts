import { doubled } from "./doubled.ts";

const firstRoom = 256;

/**
 * Series by owner and key. A key is looked up once for all owners, because several conditions ask for the same of one event; its
 * series, of which there are few, are a list.
 */
export class Keys<Owner extends object> {
  /** Keys by number, which is given anew when the last series of a key has ended. */
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  /** By key: the series that began last. */
  #newest = new Int32Array(firstRoom);
  /** By series: the next one of the same key, its key, and whose it is. */
  #next = new Int32Array(firstRoom);
  #keys = new Uint32Array(firstRoom);
  readonly #owners: (Owner | undefined)[] = [];
  readonly #free: number[] = [];
  #last: string | undefined;
  #lastNumber = -1;

  /** The series of an owner by its key; -1 where there is none. */
  find(owner: Owner, key: string): number {
    const number = this.#numberOf(key);
    let series = number < 0 ? -1 : this.#newest[number]!;
    while (series >= 0 && this.#owners[series] !== owner) series = this.#next[series]!;
    return series;
  }

  #numberOf(key: string): number {
    if (key !== this.#last) {
      this.#last = key;
      this.#lastNumber = this.#numbers.get(key) ?? -1;
    }
    return this.#lastNumber;
  }

  /** Begins a series of an owner. */
  add(owner: Owner, key: string, series: number): void {
    let number = this.#numberOf(key);
    if (number < 0) {
      number = this.#free.pop() ?? this.#texts.length;
      while (number >= this.#newest.length) this.#newest = doubled(this.#newest);
      this.#texts[number] = key;
      this.#newest[number] = -1;
      this.#numbers.set(key, number);
      this.#lastNumber = number;
    }
    while (series >= this.#next.length) {
      this.#next = doubled(this.#next);
      this.#keys = doubled(this.#keys);
    }
    this.#next[series] = this.#newest[number]!;
    this.#newest[number] = series;
    this.#keys[series] = number;
    this.#owners[series] = owner;
  }

  ownerOf(series: number): Owner {
    return this.#owners[series]!;
  }

  /** Ends a series. */
  delete(series: number): void {
    const number = this.#keys[series]!;
    this.#owners[series] = undefined;
    if (this.#newest[number] !== series) {
      let before = this.#newest[number]!;
      while (this.#next[before] !== series) before = this.#next[before]!;
      this.#next[before] = this.#next[series]!;
      return;
    }
    this.#newest[number] = this.#next[series]!;
    if (this.#newest[number] >= 0) return;
    this.#numbers.delete(this.#texts[number]!);
    this.#texts[number] = "";
    this.#free.push(number);
    if (this.#lastNumber === number) this.#lastNumber = -1;
  }
}
