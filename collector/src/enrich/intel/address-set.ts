import { Numbers } from "./grow.ts";
import { orderBy } from "./radix.ts";

const none = 0xffff_ffff;

/** The 32-bit words of an address of 4 or 16 bytes. */
function wordsOf(bytes: Uint8Array): number[] {
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 4)
    words.push(((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0);
  return words;
}

/** What of word `at` belongs to a network of so many bits. */
function maskOf(prefix: number, at: number): number {
  const bits = prefix - at * 32;
  return bits >= 32 ? none : bits <= 0 ? 0 : (none << (32 - bits)) >>> 0;
}

/** Collects networks of one family. */
export class AddressSetBuilder {
  readonly #words: Numbers[];
  readonly #prefixes = new Numbers();
  readonly #expires = new Numbers();

  /** `width` is 1 for IPv4 and 4 for IPv6. */
  constructor(width: 1 | 4) {
    this.#words = Array.from({ length: width }, () => new Numbers());
  }

  /** Bits beyond the prefix are left out. `expires` is in seconds since 1970, 0 for never. */
  add(address: Uint8Array, prefix: number, expires: number): void {
    for (const [at, word] of wordsOf(address).entries())
      this.#words[at]!.push((word & maskOf(prefix, at)) >>> 0);
    this.#prefixes.push(prefix);
    this.#expires.push(expires);
  }

  done(): AddressSet {
    const words = this.#words.map((each) => each.done());
    const prefixes = this.#prefixes.done();
    // A network before those inside it.
    const order = orderBy([...words, prefixes], prefixes.length);
    const by = (from: Uint32Array): Uint32Array => order.map((row) => from[row]!);
    const expires = this.#expires.done();
    return new AddressSet(
      words.map(by),
      Uint8Array.from(order, (row) => prefixes[row]!),
      expires.some((each) => each !== 0) ? by(expires) : undefined,
    );
  }
}

/**
 * Networks of one family in sorted arrays: 9 bytes each for IPv4, 21 for IPv6, 4 more where entries expire. Networks are
 * either inside one another or apart, so the last that begins at or before an address, and those around it, are all that
 * can hold it: one binary search and at most as many steps as an address has bits.
 */
export class AddressSet {
  readonly #words: readonly Uint32Array[];
  readonly #prefixes: Uint8Array;
  readonly #expires: Uint32Array | undefined;
  /** The network around each one. */
  readonly #around: Uint32Array;

  constructor(words: readonly Uint32Array[], prefixes: Uint8Array, expires: Uint32Array | undefined) {
    this.#words = words;
    this.#prefixes = prefixes;
    this.#expires = expires;
    this.#around = new Uint32Array(prefixes.length);
    for (let row = 0; row < prefixes.length; row++) {
      const network = words.map((each) => each[row]!);
      let outer = row === 0 ? none : row - 1;
      while (outer !== none && !this.#holds(outer, network)) outer = this.#around[outer]!;
      this.#around[row] = outer;
    }
  }

  get size(): number {
    return this.#prefixes.length;
  }

  get bytes(): number {
    const arrays = [...this.#words, this.#prefixes, this.#around, ...(this.#expires ? [this.#expires] : [])];
    return arrays.reduce((sum, each) => sum + each.byteLength, 0);
  }

  /** Whether a network that has not expired holds the address. `now` is in seconds since 1970. */
  has(address: Uint8Array, now: number): boolean {
    const words = wordsOf(address);
    let from = 0;
    let to = this.size;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#begins(middle, words)) from = middle + 1;
      else to = middle;
    }
    let row = from === 0 ? none : from - 1;
    while (row !== none) {
      if (this.#holds(row, words) && this.#lives(row, now)) return true;
      row = this.#around[row]!;
    }
    return false;
  }

  /** Whether the network begins at or before the address. */
  #begins(row: number, words: readonly number[]): boolean {
    for (let at = 0; at < words.length; at++) {
      const own = this.#words[at]![row]!;
      if (own !== words[at]!) return own < words[at]!;
    }
    return true;
  }

  #holds(row: number, words: readonly number[]): boolean {
    const prefix = this.#prefixes[row]!;
    for (let at = 0; at < words.length; at++) {
      if ((words[at]! & maskOf(prefix, at)) >>> 0 !== this.#words[at]![row]!) return false;
    }
    return true;
  }

  #lives(row: number, now: number): boolean {
    const expires = this.#expires?.[row] ?? 0;
    return expires === 0 || expires > now;
  }
}
