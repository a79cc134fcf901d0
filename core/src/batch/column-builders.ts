import { ByteWriter } from "./bytes.ts";
import { giveMemory, takeMemory } from "./memory.ts";
import type { Encoding } from "./types.ts";

/** Collects one column of a batch, row by row; rows that are skipped are empty. */
export interface ColumnBuilder {
  /** `row` grows from call to call. */
  add(row: number, value: unknown): void;
  /** Writes the finished column and says how it is laid out. Called once. */
  finish(rows: number, out: ByteWriter): Encoding;
  /** Rough size so far in bytes. */
  readonly size: number;
}

/** After this many rows a text column decides whether a dictionary pays. */
const probeRows = 512;

/** LowCardinality index flags: dictionary keys follow, and they are the whole dictionary. */
const hasKeys = 0x600;

/** Text that starts as a dictionary and turns into plain text when most values differ. */
export class TextBuilder implements ColumnBuilder {
  #keys: Map<string, number> | undefined;
  #memory = takeMemory(4_096);
  #index = new Uint32Array(this.#memory.buffer);
  #plain = new ByteWriter(0);
  #rows = 0;
  #keyBytes = 0;

  constructor(unique: boolean) {
    this.#index.fill(0);
    if (!unique) this.#keys = new Map([["", 0]]);
  }

  get size(): number {
    return this.#keys ? this.#keyBytes + this.#rows : this.#plain.length;
  }

  add(row: number, value: unknown): void {
    const text = value as string;
    if (!this.#keys) {
      this.#plain.zeros(row - this.#rows);
      this.#plain.text(text);
    } else {
      if (row >= this.#index.length) this.#grow(row + 1);
      let key = this.#keys.get(text);
      if (key === undefined) {
        key = this.#keys.size;
        this.#keys.set(text, key);
        this.#keyBytes += text.length + 4;
      }
      this.#index[row] = key;
    }
    this.#rows = row + 1;
    if (this.#keys && this.#rows === probeRows && this.#keys.size > probeRows / 2) this.#toPlain();
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

  #toPlain(): void {
    const keys = [...this.#keys!.keys()];
    this.#keys = undefined;
    for (let row = 0; row < this.#rows; row++) this.#plain.text(keys[this.#index[row]!]!);
  }

  finish(rows: number, out: ByteWriter): Encoding {
    if (!this.#keys) {
      this.#plain.zeros(rows - this.#rows);
      out.raw(this.#plain.view());
      this.#plain.release();
      giveMemory(this.#memory);
      return "text";
    }
    if (rows > this.#index.length) this.#grow(rows);
    writeDictionary([...this.#keys.keys()], this.#index.subarray(0, rows), out);
    giveMemory(this.#memory);
    return "dict";
  }
}

/** A LowCardinality(String) column: key 0 is the empty text. ClickHouse `SerializationLowCardinality`. */
export function writeDictionary(keys: readonly string[], index: ArrayLike<number>, out: ByteWriter): void {
  const width = keys.length <= 0x100 ? 0 : keys.length <= 0x1_0000 ? 1 : 2;
  out.u64(1);
  out.u64(hasKeys | width);
  out.u64(keys.length);
  for (const key of keys) out.text(key);
  out.u64(index.length);
  for (let row = 0; row < index.length; row++) {
    if (width === 0) out.u8(index[row]!);
    else if (width === 1) out.u16(index[row]!);
    else out.u32(index[row]!);
  }
}

/** Numbers and times of fixed width; empty rows are zero, as protojson's absent values are. */
export class NumberBuilder implements ColumnBuilder {
  readonly #encoding: "u32" | "u64" | "f64" | "time";
  readonly #width: 4 | 8;
  readonly #out = new ByteWriter(1024);
  #rows = 0;

  constructor(encoding: "u32" | "u64" | "f64" | "time") {
    this.#encoding = encoding;
    this.#width = encoding === "u32" ? 4 : 8;
  }

  get size(): number {
    return this.#out.length;
  }

  add(row: number, value: unknown): void {
    this.#out.zeros((row - this.#rows) * this.#width);
    if (this.#encoding === "u32") this.#out.u32(value as number);
    else if (this.#encoding === "f64") this.#out.f64(value as number);
    else if (this.#encoding === "time") this.#out.i64(value as number);
    else this.#out.big64(BigInt(value as string | number));
    this.#rows = row + 1;
  }

  finish(rows: number, out: ByteWriter): Encoding {
    this.#out.zeros((rows - this.#rows) * this.#width);
    out.raw(this.#out.view());
    this.#out.release();
    return this.#encoding;
  }
}

/** Lists of text: running ends as 64-bit counts, then all items. ClickHouse `SerializationArray`. */
export class TextsBuilder implements ColumnBuilder {
  readonly #ends = new ByteWriter(1024);
  readonly #items = new ByteWriter(0);
  #count = 0;
  #rows = 0;

  get size(): number {
    return this.#ends.length + this.#items.length;
  }

  #to(row: number): void {
    for (; this.#rows < row; this.#rows++) this.#ends.u64(this.#count);
  }

  add(row: number, value: unknown): void {
    this.#to(row);
    for (const item of value as readonly string[]) this.#items.text(item);
    this.#count += (value as readonly string[]).length;
    this.#to(row + 1);
  }

  finish(rows: number, out: ByteWriter): Encoding {
    this.#to(rows);
    out.raw(this.#ends.view());
    out.raw(this.#items.view());
    this.#ends.release();
    this.#items.release();
    return "texts";
  }
}
