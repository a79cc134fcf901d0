import { randomInt } from "node:crypto";
import { Numbers } from "./grow.ts";

/** FNV-1a with a seed of the set's own, so that nobody can write a list whose entries all meet in one place. */
function hashOf(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let hash = seed;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Collects byte strings. */
export class TextSetBuilder {
  #arena = Buffer.allocUnsafe(65_536);
  #used = 0;
  readonly #ends = new Numbers();
  readonly #expires = new Numbers();

  /** `expires` is in seconds since 1970, 0 for never. */
  add(bytes: Uint8Array, expires: number): void {
    if (this.#used + bytes.length > this.#arena.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#arena.length * 2, this.#used + bytes.length));
      this.#arena.copy(larger, 0, 0, this.#used);
      this.#arena = larger;
    }
    this.#arena.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#ends.push(this.#used);
    this.#expires.push(expires);
  }

  done(): TextSet {
    const expires = this.#expires.done();
    return new TextSet(
      Uint8Array.from(this.#arena.subarray(0, this.#used)),
      this.#ends.done(),
      expires.some((each) => each !== 0) ? expires : undefined,
    );
  }
}

/**
 * Byte strings in one arena, found by open addressing: for each its own length and 12 to 20 bytes, 4 more where entries
 * expire. Exact: what is found was compared byte by byte.
 */
export class TextSet {
  readonly #arena: Uint8Array;
  readonly #ends: Uint32Array;
  readonly #expires: Uint32Array | undefined;
  /** Number of the entry in each place, counted from 1; 0 is free. At most two places in three are taken. */
  readonly #table: Uint32Array;
  readonly #seed = randomInt(1, 2 ** 32 - 1);
  /** Distinct entries. */
  readonly size: number;

  constructor(arena: Uint8Array, ends: Uint32Array, expires: Uint32Array | undefined) {
    this.#arena = arena;
    this.#ends = ends;
    this.#expires = expires;
    let places = 8;
    while (places * 2 < ends.length * 3) places *= 2;
    this.#table = new Uint32Array(places);
    let size = 0;
    for (let entry = 0; entry < ends.length; entry++) {
      const place = this.#place(arena, this.#start(entry), ends[entry]!);
      const twin = this.#table[place]!;
      if (twin === 0) {
        this.#table[place] = entry + 1;
        size++;
      } else if (expires) {
        // Of an entry that stands twice the longer life counts.
        const [one, other] = [expires[twin - 1]!, expires[entry]!];
        expires[twin - 1] = one === 0 || other === 0 ? 0 : Math.max(one, other);
      }
    }
    this.size = size;
  }

  get bytes(): number {
    const { byteLength = 0 } = this.#expires ?? {};
    return this.#arena.byteLength + this.#ends.byteLength + this.#table.byteLength + byteLength;
  }

  /** Whether an entry that has not expired is these bytes. `now` is in seconds since 1970. */
  has(bytes: Uint8Array, from: number, to: number, now: number): boolean {
    const entry = this.#table[this.#place(bytes, from, to)]!;
    if (entry === 0) return false;
    const expires = this.#expires?.[entry - 1] ?? 0;
    return expires === 0 || expires > now;
  }

  #start(entry: number): number {
    return entry === 0 ? 0 : this.#ends[entry - 1]!;
  }

  /** The place of these bytes, or the free one where they would go. */
  #place(bytes: Uint8Array, from: number, to: number): number {
    const mask = this.#table.length - 1;
    let place = hashOf(bytes, from, to, this.#seed) & mask;
    while (this.#table[place] !== 0 && !this.#equals(this.#table[place]! - 1, bytes, from, to))
      place = (place + 1) & mask;
    return place;
  }

  #equals(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#start(entry);
    if (this.#ends[entry]! - start !== to - from) return false;
    for (let at = from; at < to; at++) if (this.#arena[start + at - from] !== bytes[at]) return false;
    return true;
  }
}
