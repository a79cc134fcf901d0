import { gather, type PackedKeys } from "../kernels/index.ts";
import { ByteWriter } from "./bytes.ts";
import type { ColumnBuilder } from "./column-builders.ts";
import { giveMemory, takeMemory } from "./memory.ts";
import { Strings } from "./strings.ts";
import type { Encoding } from "./types.ts";

/** After this many rows a text column decides whether a dictionary pays. */
const probeRows = 512;

/** LowCardinality index flags: dictionary keys follow, and they are the whole dictionary. */
const hasKeys = 0x600;

/** Places for values met of late; a power of two. */
const recentPlaces = 256;

/**
 * Texts by number, in the order of their coming; the empty text is number 0. What was met of late is found by comparing,
 * which costs a third of what hashing a text does.
 */
class Dictionary {
  readonly #keys = new Map<string, number>([["", 0]]);
  readonly #recent: string[] = new Array(recentPlaces).fill("");
  readonly #recentKeys = new Uint32Array(recentPlaces);
  #bytes = 0;

  get size(): number {
    return this.#keys.size;
  }

  /** Rough size of its texts in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  get keys(): string[] {
    return [...this.#keys.keys()];
  }

  key(text: string): number {
    const { length } = text;
    if (length === 0) return 0;
    const place =
      (length * 31 + text.charCodeAt(length - 1) * 7 + text.charCodeAt(length >> 1)) & (recentPlaces - 1);
    if (this.#recent[place] === text) return this.#recentKeys[place]!;
    let key = this.#keys.get(text);
    if (key === undefined) {
      key = this.#keys.size;
      this.#keys.set(text, key);
      this.#bytes += length + 4;
    }
    this.#recent[place] = text;
    this.#recentKeys[place] = key;
    return key;
  }
}

/** Text that starts as a dictionary and turns into plain text when most values differ. */
export class TextBuilder implements ColumnBuilder {
  #dictionary: Dictionary | undefined;
  #memory = takeMemory(4_096);
  #index = new Uint32Array(this.#memory.buffer);
  readonly #plain: Strings;
  #rows = 0;
  #last = "";
  #lastKey = 0;

  /** `unique` texts get no dictionary. `expected`: bytes that there will be, as far as that is known. */
  constructor(unique: boolean, expected = 0) {
    this.#plain = new Strings(expected);
    this.#index.fill(0);
    if (!unique) this.#dictionary = new Dictionary();
  }

  get size(): number {
    return this.#dictionary ? this.#dictionary.bytes + this.#rows : this.#plain.size;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    const text = value as string;
    if (!this.#dictionary) {
      this.#plain.skip(row - this.#rows);
      this.#plain.add(text);
      this.#rows = row + 1;
      return;
    }
    if (row >= this.#index.length) this.#grow(row + 1);
    if (text !== this.#last) {
      this.#last = text;
      this.#lastKey = this.#dictionary.key(text);
    }
    this.#index[row] = this.#lastKey;
    this.#rows = row + 1;
    if (this.#rows === probeRows && this.#dictionary.size > probeRows / 2) this.#toPlain(this.#dictionary);
  }

  /** Adds rows at once that all have one value. */
  repeat(row: number, count: number, text: string): void {
    if (!this.#dictionary) {
      for (let i = 0; i < count; i++) this.add(row + i, text);
      return;
    }
    if (row + count > this.#index.length) this.#grow(row + count);
    this.#index.fill(this.#dictionary.key(text), row, row + count);
    this.#rows = row + count;
  }

  /** Adds `count` rows at once, laid out already: each text behind its length. Only for a column without a dictionary. */
  rawRows(row: number, count: number, write: (put: (bytes: Uint8Array) => void) => void): void {
    this.#plain.skip(row - this.#rows);
    write((bytes) => this.#plain.raw(bytes));
    this.#rows = row + count;
  }

  #grow(rows: number): void {
    const memory = takeMemory(Math.max(rows * 4, this.#memory.length * 2));
    const grown = new Uint32Array(memory.buffer);
    grown.set(this.#index.subarray(0, this.#rows));
    // Rows without a value are empty, which is key 0.
    grown.fill(0, this.#rows);
    giveMemory(this.#memory);
    this.#memory = memory;
    this.#index = grown;
  }

  #toPlain(dictionary: Dictionary): void {
    const { keys } = dictionary;
    this.#dictionary = undefined;
    this.#last = "";
    for (let row = 0; row < this.#rows; row++) this.#plain.add(keys[this.#index[row]!]!);
  }

  /** Writes the finished column as plain text, whatever it was collected as. */
  finishPlain(rows: number, out: ByteWriter): void {
    const dictionary = this.#dictionary;
    if (!dictionary || rows === 0) {
      this.#plain.finish(out);
    } else {
      if (rows > this.#index.length) this.#grow(rows);
      gather(packed(dictionary.keys), this.#index.subarray(0, rows), (bytes) => out.raw(bytes));
    }
    giveMemory(this.#memory);
  }

  finish(rows: number, out: ByteWriter): Encoding {
    if (!this.#dictionary) {
      this.#plain.skip(rows - this.#rows);
      this.#plain.finish(out);
      giveMemory(this.#memory);
      return "text";
    }
    if (rows > this.#index.length) this.#grow(rows);
    writeDictionary(this.#dictionary.keys, this.#index.subarray(0, rows), out);
    giveMemory(this.#memory);
    return "dict";
  }
}

/** Keys as ClickHouse Strings. */
function packed(keys: readonly string[]): PackedKeys {
  const out = new ByteWriter(1024);
  const ends = new Uint32Array(keys.length + 1);
  keys.forEach((key, i) => {
    out.text(key);
    ends[i + 1] = out.length;
  });
  return { bytes: out.view(), ends };
}

/** A LowCardinality(String) column: key 0 is the empty text. ClickHouse `SerializationLowCardinality`. */
export function writeDictionary(keys: readonly string[], index: ArrayLike<number>, out: ByteWriter): void {
  const width = keys.length <= 0x100 ? 0 : keys.length <= 0x1_0000 ? 1 : 2;
  out.u64(1);
  out.u64(hasKeys | width);
  out.u64(keys.length);
  for (const key of keys) out.text(key);
  out.u64(index.length);
  out.numbers(index, width === 0 ? 1 : width === 1 ? 2 : 4);
}
