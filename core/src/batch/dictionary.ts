import { randomInt } from "node:crypto";
import type { PackedKeys } from "../kernels/index.ts";
import type { ByteWriter } from "./bytes.ts";
import { giveMemory, takeMemory } from "./memory.ts";

/** Node's own writing call, twice as fast as `write`; it is missing from its types. */
type Writable = Buffer & { utf8Write(text: string, at: number): number };

/** Places for texts met of late; a power of two. Few, for a text may keep a much longer one alive of which it is a part. */
const recentPlaces = 64;
/** Up to this length a text is read character by character, which beats a call. */
const shortText = 24;
/** Values that share so many places were made to collide, or are hardly ever equal. */
const maxProbes = 64;
/** So that nobody can know which values share a place. */
const seed = randomInt(2 ** 32 - 1) | 1;

let scratch = Buffer.allocUnsafeSlow(4_096) as Writable;

/** What a dictionary needs beside its texts. */
interface Tables {
  /** Where the text of each key begins, and where it ends. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly hashes: Int32Array;
  /** Keys + 1 by hash; 0 is a free place. */
  readonly places: Uint32Array;
  /** Texts met of late, and their keys. */
  readonly recent: string[];
  readonly recentKeys: Uint32Array;
}

/** For the next dictionaries: a batch needs two dozen, which were a hundred pieces of memory of the system's. Large ones are not kept. */
const free: Tables[] = [];
const mostFree = 128;
const mostPlaces = 4_096;

/**
 * Distinct texts by number, in the order of their coming; the empty text is number 0. They are kept as bytes, laid out as a
 * ClickHouse String column, and are found by a hash of their bytes, so that none has to be a JavaScript string.
 */
export class Dictionary {
  #bytes = takeMemory(4_096);
  #used = 1;
  #starts: Uint32Array;
  #ends: Uint32Array;
  #hashes: Int32Array;
  #places: Uint32Array;
  readonly #recent: string[];
  readonly #recentKeys: Uint32Array;
  #lastKey = 0;
  /** Distinct texts, the empty one included. */
  size = 1;
  /** True when looking for values takes long, so that they had better be kept as plain text. */
  crowded = false;

  constructor() {
    this.#bytes[0] = 0;
    const tables = free.pop() ?? {
      starts: new Uint32Array(64),
      ends: new Uint32Array(65),
      hashes: new Int32Array(64),
      places: new Uint32Array(128),
      recent: new Array<string>(recentPlaces).fill(""),
      recentKeys: new Uint32Array(recentPlaces),
    };
    this.#starts = tables.starts;
    this.#ends = tables.ends;
    this.#hashes = tables.hashes;
    this.#places = tables.places;
    this.#recent = tables.recent;
    this.#recentKeys = tables.recentKeys;
    this.#starts[0] = 1;
    this.#ends[1] = 1;
  }

  /** Size of the texts in bytes. */
  get bytes(): number {
    return this.#used;
  }

  /** The number of a text. */
  key(text: string): number {
    const { length } = text;
    if (length === 0) return 0;
    const place =
      (length * 31 + text.charCodeAt(length - 1) * 7 + text.charCodeAt(length >> 1)) & (recentPlaces - 1);
    if (this.#recent[place] === text) return this.#recentKeys[place]!;
    const key = this.#encoded(text);
    this.#recent[place] = text;
    this.#recentKeys[place] = key;
    return key;
  }

  #encoded(text: string): number {
    const { length } = text;
    if (length * 3 > scratch.length) scratch = Buffer.allocUnsafeSlow(length * 3) as Writable;
    if (length <= shortText) {
      let at = 0;
      for (; at < length; at++) {
        const code = text.charCodeAt(at);
        if (code > 127) break;
        scratch[at] = code;
      }
      if (at === length) return this.keyOf(scratch, 0, length);
    }
    return this.keyOf(scratch, 0, scratch.utf8Write(text, 0));
  }

  /** The number of the text that lies in `bytes` from `from` up to `to`, as UTF-8. */
  keyOf(bytes: Uint8Array, from: number, to: number): number {
    const size = to - from;
    if (size === 0) return 0;
    // Rows that follow each other often say the same.
    const last = this.#lastKey;
    if (this.#equal(last, bytes, from, size)) return last;
    const hash = hashOf(bytes, from, to);
    const mask = this.#places.length - 1;
    let place = hash & mask;
    for (let probes = 0; ; probes++) {
      const key = this.#places[place]! - 1;
      if (key < 0) break;
      if (this.#hashes[key] === hash && this.#equal(key, bytes, from, size)) {
        this.#lastKey = key;
        return key;
      }
      if (probes === maxProbes) this.crowded = true;
      place = (place + 1) & mask;
    }
    const key = this.#add(bytes, from, to, hash);
    this.#places[place] = key + 1;
    if (this.size * 2 > this.#places.length) this.#spread();
    this.#lastKey = key;
    return key;
  }

  #equal(key: number, bytes: Uint8Array, from: number, size: number): boolean {
    const start = this.#starts[key]!;
    if (this.#ends[key + 1]! - start !== size) return false;
    const own = this.#bytes;
    for (let i = size - 1; i >= 0; i--) if (own[start + i] !== bytes[from + i]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const key = this.size++;
    if (key === this.#starts.length) this.#grow();
    this.#room(to - from + 5);
    const own = this.#bytes;
    let at = this.#used;
    let rest = to - from;
    for (; rest >= 0x80; rest >>>= 7) own[at++] = (rest & 0x7f) | 0x80;
    own[at++] = rest;
    this.#starts[key] = at;
    for (let i = from; i < to; i++) own[at++] = bytes[i]!;
    this.#used = at;
    this.#ends[key + 1] = at;
    this.#hashes[key] = hash;
    return key;
  }

  #grow(): void {
    const most = this.#starts.length * 2;
    const grown = <T extends Uint32Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#starts = grown(this.#starts, new Uint32Array(most));
    this.#ends = grown(this.#ends, new Uint32Array(most + 1));
    this.#hashes = grown(this.#hashes, new Int32Array(most));
  }

  #room(extra: number): void {
    const needed = this.#used + extra;
    if (needed <= this.#bytes.length) return;
    const grown = takeMemory(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#used);
    giveMemory(this.#bytes);
    this.#bytes = grown;
  }

  #spread(): void {
    const places = new Uint32Array(this.#places.length * 2);
    const mask = places.length - 1;
    for (let key = 1; key < this.size; key++) {
      let place = this.#hashes[key]! & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = key + 1;
    }
    this.#places = places;
  }

  /** The bytes of a text. A view: valid until the next call. */
  text(key: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[key], this.#ends[key + 1]);
  }

  /** Where a text begins and ends in `packed`. */
  start(key: number): number {
    return this.#starts[key]!;
  }

  end(key: number): number {
    return this.#ends[key + 1]!;
  }

  /** All texts as ClickHouse Strings. A view: valid until the next call. */
  get packed(): PackedKeys {
    return { bytes: this.#bytes.subarray(0, this.#used), ends: this.#ends.subarray(0, this.size + 1) };
  }

  /** Writes all texts, each behind its length. */
  write(out: ByteWriter): void {
    out.raw(this.#bytes.subarray(0, this.#used));
  }

  /** Gives the memory back. Called once, last. */
  release(): void {
    giveMemory(this.#bytes);
    if (free.length >= mostFree || this.#places.length > mostPlaces) return;
    free.push({
      starts: this.#starts,
      ends: this.#ends,
      hashes: this.#hashes,
      places: this.#places.fill(0),
      recent: this.#recent.fill(""),
      recentKeys: this.#recentKeys,
    });
  }
}

/** Four bytes at a time: one multiplication for each four. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = seed ^ (to - from);
  let at = from;
  for (const last = to - 3; at < last; at += 4) {
    const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(hash ^ four, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
