import {
  type Column,
  Dictionary,
  keyedColumn,
  type NumberColumn,
  type NumberEncoding,
  type Numbers,
  numberColumn,
  numbersFor,
} from "@vedette/core/batch";
import type { Fact, FactField } from "./facts.ts";
import { mergeText } from "./merge.ts";

/** What is known of the rows of a batch. */
export interface Found {
  /** Numbers of the sets of facts that rows have, each once. */
  readonly sets: Uint32Array;
  /** For each row a place in `sets`. */
  readonly rows: Uint32Array;
}

/** The values of one field in all sets of facts, by the number of the set, ready to be made columns. */
export interface FieldFacts {
  /** Bytes that it takes beside what its sets take. */
  readonly bytes: number;
  /** Says what a new set has. Sets are numbered one after the other. */
  add(set: number, value: Fact): void;
  get(set: number): Fact;
  /**
   * The column of this field: the producer's value where the row has one, else what was found. Undefined where the batch would not
   * change.
   */
  column(path: string, existing: Column | undefined, found: Found): Column | undefined;
  clear(): void;
}

export const fieldFacts = (kind: FactField["kind"]): FieldFacts =>
  kind === "text" ? new TextFacts() : new NumberFacts(kind);

class TextFacts implements FieldFacts {
  #texts = new Dictionary();
  /** The text of each set. */
  #keys = new Uint32Array(256);
  /** By text, the place that it has in the column that was made last, and which one that was. */
  #places = new Uint32Array(256);
  #marks = new Uint32Array(256);
  #mark = 0;

  get bytes(): number {
    return this.#texts.bytes;
  }

  add(set: number, value: Fact): void {
    this.#keys = roomFor(set, this.#keys);
    const key = this.#texts.key(typeof value === "string" ? value : "");
    this.#keys[set] = key;
    this.#places = roomFor(key, this.#places);
    this.#marks = roomFor(key, this.#marks);
  }

  get(set: number): string | undefined {
    const { buffer, byteOffset, length } = this.#texts.text(this.#keys[set]!);
    return length === 0 ? undefined : Buffer.from(buffer, byteOffset, length).toString("utf8");
  }

  column(path: string, existing: Column | undefined, { sets, rows }: Found): Column | undefined {
    if (existing && existing.kind !== "text") return undefined;
    const keys = new Uint32Array(sets.length + 1);
    const places = new Uint32Array(sets.length);
    const count = this.#placesOf(sets, keys, places);
    if (count === 1) return undefined;
    if (!existing) return keyedColumn(path, this.#texts, keys.subarray(0, count), places, rows);
    return mergeText(path, existing, { rows, values: Array.from(sets, (set) => this.get(set)) });
  }

  /** Gives each text that some sets have a place, the empty one the first. */
  #placesOf(sets: Uint32Array, keys: Uint32Array, places: Uint32Array): number {
    const mark = ++this.#mark;
    this.#marks[0] = mark;
    this.#places[0] = 0;
    let count = 1;
    for (let at = 0; at < sets.length; at++) {
      const key = this.#keys[sets[at]!]!;
      if (this.#marks[key] !== mark) {
        this.#marks[key] = mark;
        keys[count] = key;
        this.#places[key] = count++;
      }
      places[at] = this.#places[key]!;
    }
    return count;
  }

  clear(): void {
    this.#texts.release();
    this.#texts = new Dictionary();
  }
}

class NumberFacts implements FieldFacts {
  readonly #kind: NumberEncoding;
  #numbers: Numbers;
  readonly bytes = 0;

  constructor(kind: NumberEncoding) {
    this.#kind = kind;
    this.#numbers = numbersFor(kind, 256);
  }

  add(set: number, value: Fact): void {
    if (set >= this.#numbers.length) {
      const grown = numbersFor(this.#kind, this.#numbers.length * 2);
      grown.set(this.#numbers as never);
      this.#numbers = grown;
    }
    const numbers = this.#numbers;
    if (numbers instanceof BigUint64Array) numbers[set] = BigInt(value ?? 0);
    else numbers[set] = (value ?? 0) as never;
  }

  get(set: number): Fact {
    const value = this.#numbers[set]!;
    if (Number(value) === 0) return undefined;
    return typeof value === "bigint" ? String(value) : value;
  }

  column(path: string, existing: Column | undefined, { sets, rows }: Found): Column | undefined {
    if (existing && existing.kind !== "number") return undefined;
    // In words of 32 bits: 64-bit integers keep their digits, and none becomes an object for every row.
    const width = this.#numbers.BYTES_PER_ELEMENT;
    const from = new Uint32Array(this.#numbers.buffer);
    const known = new Uint32Array((sets.length * width) >>> 2);
    let any = 0;
    for (let at = 0; at < sets.length; at++) {
      if (width === 4) any |= known[at] = from[sets[at]!]!;
      else {
        any |= known[at * 2] = from[sets[at]! * 2]!;
        any |= known[at * 2 + 1] = from[sets[at]! * 2 + 1]!;
      }
    }
    if (any === 0) return undefined;
    const numbers = numbersFor(this.#kind, rows.length);
    const to = new Uint32Array(numbers.buffer);
    if (width === 4) for (let row = 0; row < rows.length; row++) to[row] = known[rows[row]!]!;
    else
      for (let row = 0; row < rows.length; row++) {
        const at = rows[row]! * 2;
        to[row * 2] = known[at]!;
        to[row * 2 + 1] = known[at + 1]!;
      }
    if (existing) keepOwn(existing, new Uint8Array(numbers.buffer), width);
    return numberColumn(path, this.#kind, numbers);
  }

  clear(): void {}
}

/** Puts back what rows have of their own. */
function keepOwn({ native, rows, has }: NumberColumn, bytes: Uint8Array, width: number): void {
  for (let row = 0; row < rows; row++)
    if (has(row)) bytes.set(native.subarray(row * width, (row + 1) * width), row * width);
}

type Words = Uint32Array<ArrayBuffer>;

/** The same numbers with room for one at a place, zeros behind them. */
export function roomFor(at: number, numbers: Words): Words {
  if (at < numbers.length) return numbers;
  const grown = new Uint32Array(Math.max(at + 1, numbers.length * 2));
  grown.set(numbers);
  return grown;
}
