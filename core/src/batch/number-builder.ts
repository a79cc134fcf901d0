import { type NumberForm, numberLayouts } from "../kernels/index.ts";
import { type PackedColumn, packInto, packSized, withScratch } from "./blocks.ts";
import type { ByteWriter } from "./bytes.ts";
import type { ColumnBuilder } from "./column-builders.ts";
import { forms } from "./dynamic-parts.ts";
import { giveMemory, takeMemory } from "./memory.ts";
import { type NumberRun, writeNumberRuns, writePackedNumbers } from "./packed-numbers.ts";
import type { BlockColumn, ValueBlock } from "./value-block.ts";

/** More runs are laid out as numbers. */
const mostRuns = 64;
const nothing = Buffer.alloc(0);

/**
 * Numbers and times of fixed width; empty rows are zero, as protojson's absent values are. As long as they come by `repeat` alone, such as
 * times of reading, only runs of them are kept.
 */
export class NumberBuilder implements ColumnBuilder, BlockColumn {
  readonly #encoding: "u32" | "u64" | "f64" | "time";
  readonly #width: 4 | 8;
  readonly #expected: number;
  #runs: NumberRun[] | undefined = [];
  #memory: Buffer = nothing;
  #words: Uint32Array = new Uint32Array(nothing.buffer, 0, 0);
  #floats: Float64Array = new Float64Array(nothing.buffer, 0, 0);
  #capacity = 0;
  #rows = 0;

  /** For about so many rows. */
  constructor(encoding: "u32" | "u64" | "f64" | "time", expected = 0) {
    this.#encoding = encoding;
    this.#width = encoding === "u32" ? 4 : 8;
    this.#expected = expected;
  }

  get size(): number {
    return this.#rows * this.#width;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    this.#room(row, row + 1);
    this.#rows = row + 1;
    if (typeof value === "number" || this.#encoding === "f64" || this.#encoding === "u32") {
      this.#put(row, value as number);
    } else {
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
    this.#room(row, row + count);
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
    if (this.#encoding === "f64") this.#floats[row] = value;
    else if (this.#encoding === "u32") this.#words[row] = value;
    else {
      // Two's complement, whatever the sign: ToUint32 of the low word, floor for the high one.
      this.#words[row * 2] = value;
      this.#words[row * 2 + 1] = Math.floor(value / 0x1_0000_0000);
    }
  }

  /** Adds rows at once, behind those that are there, that all have one value. */
  repeat(row: number, count: number, value: number): void {
    if (count <= 0) return;
    if (this.#runs && this.#isPlain(value)) {
      if (row > this.#rows) this.#run(row, 0);
      this.#run(row + count, value);
      return;
    }
    this.#room(row, row + count);
    this.#rows = row + count;
    this.#fill(row, row + count, value);
  }

  /** Whether a value is one that a run may have. */
  #isPlain(value: number): boolean {
    const least = this.#encoding === "time" ? Number.MIN_SAFE_INTEGER : 0;
    const most = this.#encoding === "u32" ? 0xffff_ffff : Number.MAX_SAFE_INTEGER;
    return Number.isInteger(value) && value >= least && value <= most && !Object.is(value, -0);
  }

  /** Adds a run, of which there may be one more in the end. */
  #run(end: number, value: number): void {
    const runs = this.#runs!;
    const last = runs.at(-1);
    if (last?.value === value) last.end = end;
    else runs.push({ value, end });
    this.#rows = end;
    if (runs.length > mostRuns) this.#spread(end);
  }

  #fill(from: number, to: number, value: number): void {
    this.#put(from, value);
    if (this.#width === 4) this.#words.fill(this.#words[from]!, from, to);
    else {
      // Not as doubles: some bits are none of theirs.
      const { buffer } = this.#memory;
      new BigUint64Array(buffer).fill(new BigUint64Array(buffer, from * 8, 1)[0]!, from, to);
    }
  }

  /** Lays runs out as numbers, with room for so many rows. */
  #spread(rows: number): void {
    const runs = this.#runs!;
    this.#runs = undefined;
    const own = this.#rows;
    this.#rows = 0;
    this.#grow(Math.max(rows, own));
    let from = 0;
    for (const { value, end } of runs) {
      this.#fill(from, end, value);
      from = end;
    }
    this.#rows = own;
  }

  /** Makes room up to a row; those without a value in front of another one are zero. */
  #room(row: number, end: number): void {
    if (this.#runs) this.#spread(end);
    if (end > this.#capacity) this.#grow(end);
    if (row > this.#rows) this.#memory.fill(0, this.#rows * this.#width, row * this.#width);
  }

  #grow(rows: number): void {
    const bytes = Math.max(rows, this.#expected, this.#capacity * 2) * this.#width;
    const memory = takeMemory(bytes);
    this.#memory.copy(memory, 0, 0, this.#rows * this.#width);
    giveMemory(this.#memory);
    this.#memory = memory;
    this.#words = new Uint32Array(memory.buffer);
    this.#floats = new Float64Array(memory.buffer);
    this.#capacity = memory.length / this.#width;
  }

  /** Hands on the numbers of so many rows as they are, at a multiple of 8. Called once, last. */
  finish<T>(rows: number, use: (native: Buffer) => T): T {
    this.#room(rows, rows);
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
    if (this.#runs && rows > this.#rows) this.#run(rows, 0);
    const runs = this.#runs;
    const isShort = runs !== undefined && packedSmall((scratch) => writeNumberRuns(runs, scratch), out);
    if (isShort) return { encoding, packing: "numbers", bytes: rows * this.#width };
    return this.finish(rows, (native) => {
      const isSmall = packedSmall((scratch) => writePackedNumbers(encoding, native, rows, scratch), out);
      if (!isSmall) packInto(native, out);
      return { encoding, packing: isSmall ? "numbers" : "lz4", bytes: native.length };
    });
  }
}

/** Packs what `write` says, where it says anything. */
function packedSmall(write: (scratch: ByteWriter) => boolean, out: ByteWriter): boolean {
  return withScratch((scratch) => {
    if (!write(scratch)) return false;
    packSized(scratch.view(), out);
    return true;
  });
}
