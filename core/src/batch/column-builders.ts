import { type NumberForm, numberLayouts } from "../kernels/index.ts";
import { type PackedColumn, packInto, packNative, packSized, withScratch } from "./blocks.ts";
import type { ByteWriter } from "./bytes.ts";
import { forms } from "./dynamic-parts.ts";
import { giveMemory, takeMemory } from "./memory.ts";
import { writePackedNumbers } from "./packed-numbers.ts";
import { Strings } from "./strings.ts";
import type { Encoding } from "./types.ts";
import type { BlockColumn, ValueBlock } from "./value-block.ts";

/** Collects one column of a batch, row by row; rows that are skipped are empty. */
export interface ColumnBuilder {
  /** `row` grows from call to call; where it does not, the first value of the row stays. */
  add(row: number, value: unknown): void;
  /** Writes the finished column packed, and says what it is. Called once, last. */
  pack(rows: number, out: ByteWriter): PackedColumn;
  /** Rough size so far in bytes, before packing. */
  readonly size: number;
}

/** A column that takes texts also as the bytes they are. */
export interface TextColumnBuilder extends ColumnBuilder {
  /** As `add` of the text that lies in `bytes` from `from` up to `to`, as UTF-8. Nothing is kept of `bytes`. */
  addSlice(row: number, bytes: Uint8Array, from: number, to: number): void;
}

/** Numbers and times of fixed width; empty rows are zero, as protojson's absent values are. */
export class NumberBuilder implements ColumnBuilder, BlockColumn {
  readonly #encoding: "u32" | "u64" | "f64" | "time";
  readonly #width: 4 | 8;
  #memory = takeMemory(4_096).fill(0);
  #words = new Uint32Array(this.#memory.buffer);
  #floats = new Float64Array(this.#memory.buffer);
  #capacity: number;
  #rows = 0;

  constructor(encoding: "u32" | "u64" | "f64" | "time") {
    this.#encoding = encoding;
    this.#width = encoding === "u32" ? 4 : 8;
    this.#capacity = this.#memory.length / this.#width;
  }

  get size(): number {
    return this.#rows * this.#width;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    if (row >= this.#capacity) this.#grow(row + 1);
    if (typeof value === "number" || this.#encoding === "f64" || this.#encoding === "u32") {
      this.#put(row, value as number);
    } else {
      this.#rows = row + 1;
      const big = BigInt(value as string);
      this.#words[row * 2] = Number(big & 0xffff_ffffn);
      this.#words[row * 2 + 1] = Number(big >> 32n);
    }
  }

  addBlock(row: number, first: number, count: number, block: ValueBlock): void {
    this.rows(row, count, block.numbersAs(this.#form, first, count));
  }

  /** Adds times of rows that follow each other: see `ValueBlock.times`. */
  addTimes(row: number, first: number, count: number, block: ValueBlock, otherwise: number): void {
    this.rows(row, count, block.times(first, count, otherwise));
  }

  /** Adds rows that are laid out already; those that are there stay. */
  rows(row: number, count: number, native: Uint8Array): void {
    const before = this.#rows - row;
    if (before >= count) return;
    if (row + count > this.#capacity) this.#grow(row + count);
    const width = this.#width;
    if (before > 0) this.#memory.set(native.subarray(before * width), this.#rows * width);
    else this.#memory.set(native, row * width);
    this.#rows = row + count;
  }

  get #form(): NumberForm {
    if (this.#encoding === "u32") return numberLayouts.words;
    return this.#encoding === "f64" ? numberLayouts.floats : numberLayouts.wholes;
  }

  /** Writes a number into a row that there is room for. */
  #put(row: number, value: number): void {
    this.#rows = row + 1;
    if (this.#encoding === "f64") this.#floats[row] = value;
    else if (this.#encoding === "u32") this.#words[row] = value;
    else {
      // Two's complement, whatever the sign: ToUint32 of the low word, floor for the high one.
      this.#words[row * 2] = value;
      this.#words[row * 2 + 1] = Math.floor(value / 0x1_0000_0000);
    }
  }

  /** Adds rows at once that all have one value. */
  repeat(row: number, count: number, value: number): void {
    if (count <= 0) return;
    if (row + count > this.#capacity) this.#grow(row + count);
    this.add(row, value);
    const { buffer } = this.#memory;
    const words = this.#width / 4;
    if (words === 1) this.#words.fill(this.#words[row]!, row, row + count);
    else new BigUint64Array(buffer).fill(new BigUint64Array(buffer, row * 8, 1)[0]!, row, row + count);
    this.#rows = row + count;
  }

  #grow(rows: number): void {
    const memory = takeMemory(Math.max(rows * this.#width, this.#memory.length * 2));
    const used = this.#rows * this.#width;
    this.#memory.copy(memory, 0, 0, used);
    // Rows without a value are zero.
    memory.fill(0, used);
    giveMemory(this.#memory);
    this.#memory = memory;
    this.#words = new Uint32Array(memory.buffer);
    this.#floats = new Float64Array(memory.buffer);
    this.#capacity = memory.length / this.#width;
  }

  /** Hands on the numbers of so many rows as they are, at a multiple of 8. Called once, last. */
  finish<T>(rows: number, use: (native: Buffer) => T): T {
    if (rows > this.#capacity) this.#grow(rows);
    const used = use(this.#memory.subarray(0, rows * this.#width));
    giveMemory(this.#memory);
    return used;
  }

  /** Writes the numbers as the part of a dynamic column, and gives the bytes that they have as they are. Called once, last. */
  finishPart(rows: number, out: ByteWriter): number {
    return this.finish(rows, (native) => {
      out.u8(forms.numbers);
      if (!writePackedNumbers(this.#encoding, native, rows, out)) {
        out.trim(1);
        out.u8(forms.native);
        out.u32(native.length);
        out.raw(native);
      }
      return native.length;
    });
  }

  pack(rows: number, out: ByteWriter): PackedColumn {
    const encoding = this.#encoding;
    return this.finish(rows, (native) => {
      const isSmall = withScratch((scratch) => {
        if (!writePackedNumbers(encoding, native, rows, scratch)) return false;
        packSized(scratch.view(), out);
        return true;
      });
      if (!isSmall) packInto(native, out);
      return { encoding, packing: isSmall ? "numbers" : "lz4", bytes: native.length };
    });
  }
}

/** Lists of text: running ends as 64-bit counts, then all items. ClickHouse `SerializationArray`. */
export class TextsBuilder implements ColumnBuilder {
  readonly #ends = new NumberBuilder("u64");
  readonly #items = new Strings();
  #count = 0;
  #rows = 0;

  get size(): number {
    return this.#ends.size + this.#items.size;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    const items = value as readonly string[];
    this.#ends.repeat(this.#rows, row - this.#rows, this.#count);
    for (const item of items) this.#items.add(item);
    this.#count += items.length;
    this.#ends.add(row, this.#count);
    this.#rows = row + 1;
  }

  /** Writes the column as it is. Called once, last. */
  finish(rows: number, out: ByteWriter): Encoding {
    this.#ends.repeat(this.#rows, rows - this.#rows, this.#count);
    this.#ends.finish(rows, (native) => out.raw(native));
    this.#items.finish(out);
    return "texts";
  }

  pack(rows: number, out: ByteWriter): PackedColumn {
    return packNative((plain) => this.finish(rows, plain), out);
  }
}
