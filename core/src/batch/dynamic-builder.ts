import { type PackedColumn, packSized, withScratch } from "./blocks.ts";
import type { ByteWriter } from "./bytes.ts";
import type { TextColumnBuilder } from "./column-builders.ts";
import {
  type BoolValues,
  type NumberValues,
  type TextValues,
  type Values,
  valuesOf,
} from "./dynamic-values.ts";
import { type Expected, unknownSize } from "./expected.ts";
import { giveMemory, takeMemory } from "./memory.ts";
import { type DynamicType, dynamicTypes } from "./types.ts";
import type { BlockColumn, ValueBlock } from "./value-block.ts";

/** For kinds without a value of one type. */
const noTypes = -1;
const nothing = new Uint8Array(0);
/** Bits of the kinds of a block. */
const bits = { text: 2, number: 4, boolean: 8, list: 32 } as const;

/**
 * A column whose rows may have different types, laid out as a path of ClickHouse's JSON type in the flattened
 * Native serialization: one type index per row (the number of types means empty), then each type's values.
 */
export class DynamicBuilder implements TextColumnBuilder, BlockColumn {
  readonly #types: DynamicType[] = [];
  readonly #values: Values[] = [];
  #texts: TextValues | undefined;
  /** The type index of texts. */
  #textsAt = 0;
  readonly #fixed: DynamicType | undefined;
  readonly #expected: Expected;
  #index: Buffer;
  #rows = 0;
  /** True while every row has a value of the first type. */
  #isGapless = true;

  /** With `fixed`, every value is written as that type, and there are no texts in blocks. */
  constructor(fixed?: DynamicType, expected = unknownSize) {
    this.#fixed = fixed;
    this.#expected = expected;
    this.#index = takeMemory(expected.rows);
  }

  get size(): number {
    let size = this.#rows;
    for (const values of this.#values) size += values.size;
    return size;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    const at = this.#put(value, this.#rows);
    this.#to(row);
    this.#set(row, at);
  }

  #set(row: number, at: number): void {
    if (at !== 0) this.#isGapless = false;
    this.#index[row] = at;
    this.#rows = row + 1;
  }

  /** Adds a value behind so many rows and gives the index of its type. */
  #put(value: unknown, rows: number): number {
    const type = this.#fixed ?? dynamicTypeOf(value);
    const at = this.#at(type, rows);
    this.#values[at]!.add(type === "String" && typeof value !== "string" ? JSON.stringify(value) : value);
    return at;
  }

  addSlice(row: number, bytes: Uint8Array, from: number, to: number): void {
    if (this.#fixed !== undefined) {
      this.add(row, Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString());
      return;
    }
    if (row < this.#rows) return;
    this.#text(this.#rows).addSlice(bytes, from, to);
    this.#to(row);
    this.#set(row, this.#textsAt);
  }

  addBlock(row: number, first: number, count: number, block: ValueBlock): void {
    const seen = block.kindsOf(first, count);
    const whole = (seen & bits.number) !== 0 ? block.wholes(first, count) : nothing;
    // Room first: what grows keeps only rows that were added, not the gap before this one.
    this.#room(row + count);
    if (this.#fixed !== undefined || (seen & bits.list) !== 0 || !whole) {
      this.#to(row);
      this.#addEach(row, first, count, block);
      return;
    }
    const types = [0, 0, 0, 0];
    const rows = this.#rows;
    if (whole !== nothing) {
      types[2] = this.#at("Int64", rows);
      (this.#values[types[2]] as NumberValues).addWholes(whole);
    }
    if ((seen & bits.boolean) !== 0) {
      types[3] = this.#at("Bool", rows);
      (this.#values[types[3]] as BoolValues).addBytes(block.booleans(first, count));
    }
    if ((seen & bits.text) !== 0) {
      const texts = this.#text(rows);
      types[1] = this.#textsAt;
      texts.addBlock(first, count, block);
    }
    this.#to(row);
    const none = this.#types.length;
    const [, text, number, boolean] = types as [number, number, number, number];
    // All rows have values of one type, or none has any.
    const only = seen === 1 ? none : (seen & (seen - 1)) === 0 ? types[Math.log2(seen)] : undefined;
    if (only !== 0) this.#isGapless = false;
    if (only !== undefined) this.#index.fill(only, row, row + count);
    else {
      const low = none | (text << 8) | (number << 16) | (boolean << 24);
      this.#index.set(block.types(first, count, low, noTypes), row);
    }
    this.#rows = row + count;
  }

  /** As `addBlock` where the types of values are not known from their kinds. There is room for the rows. */
  #addEach(row: number, first: number, count: number, block: ValueBlock): void {
    const { kinds } = block;
    const index = this.#index;
    this.#isGapless = false;
    let hasTexts = false;
    for (let i = 0; i < count; i++) {
      const kind = kinds[first + i]!;
      if (kind === 1) hasTexts = true;
      if (kind === 5) index[row + i] = this.#put(block.value(first + i), row + i);
      else if (kind === 2 || kind === 3) {
        const value = kind === 2 ? block.numbers[first + i]! : block.places[(first + i) * 2] === 1;
        const at = this.#at(this.#fixed ?? dynamicTypeOf(value), row + i);
        this.#values[at]!.add(value);
        index[row + i] = at;
      } else index[row + i] = this.#types.length;
    }
    if (hasTexts) {
      const texts = this.#text(row + count);
      const at = this.#textsAt;
      for (let i = 0; i < count; i++) if (kinds[first + i] === 1) index[row + i] = at;
      texts.addBlock(first, count, block);
    }
    this.#rows = row + count;
  }

  #text(rows: number): TextValues {
    if (!this.#texts) {
      this.#textsAt = this.#at("String", rows);
      this.#texts = this.#values[this.#textsAt] as TextValues;
    }
    return this.#texts;
  }

  /** The index of a type. A new one becomes the mark of empty rows, of which there are some among so many. */
  #at(type: DynamicType, rows: number): number {
    const at = this.#types.indexOf(type);
    if (at >= 0) return at;
    this.#values.push(valuesOf(type, this.#expected));
    const own = this.#types.push(type) - 1;
    const index = this.#index;
    if (!this.#isGapless) for (let row = 0; row < rows; row++) if (index[row] === own) index[row] = own + 1;
    return own;
  }

  /** Makes room for a row, with those before it that have no value marked as empty. */
  #to(row: number): void {
    this.#room(row + 1);
    const index = this.#index;
    if (row > this.#rows) this.#isGapless = false;
    // A call costs more than a few rows.
    const none = this.#types.length;
    if (row - this.#rows > 32) index.fill(none, this.#rows, row);
    else for (let gap = this.#rows; gap < row; gap++) index[gap] = none;
  }

  #room(rows: number): void {
    if (rows <= this.#index.length) return;
    const grown = takeMemory(Math.max(rows, this.#index.length * 2));
    this.#index.copy(grown, 0, 0, this.#rows);
    giveMemory(this.#index);
    this.#index = grown;
  }

  /** Writes the column as it is; no block or chunk of lines was added. Called once, last. */
  finish(rows: number, out: ByteWriter): "dynamic" {
    const index = this.#ended(rows);
    out.u8(this.#types.length);
    for (const type of this.#types) out.u8(dynamicTypes.indexOf(type));
    out.raw(index);
    giveMemory(this.#index);
    for (const values of this.#values) values.finish(out);
    return "dynamic";
  }

  pack(rows: number, out: ByteWriter): PackedColumn {
    const index = this.#ended(rows);
    const types = this.#types;
    let bytes = 1 + types.length + rows;
    withScratch((scratch) => {
      scratch.u8(types.length);
      for (const type of types) scratch.u8(dynamicTypes.indexOf(type));
      const isGapless = types.length === 1 && this.#isGapless;
      scratch.u8(isGapless ? 0 : 1);
      if (!isGapless) scratch.raw(index);
      for (const values of this.#values) bytes += values.finishPart(scratch);
      packSized(scratch.view(), out);
    });
    giveMemory(this.#index);
    return { encoding: "dynamic", packing: "parts", bytes };
  }

  /** The index of all rows; in those that have no value, the number of types. */
  #ended(rows: number): Buffer {
    this.#to(rows);
    return this.#index.subarray(0, rows);
  }
}

/** Lists of one scalar type stay lists; anything deeper is kept as JSON text. */
function dynamicTypeOf(value: unknown): DynamicType {
  if (typeof value === "string") return "String";
  if (Array.isArray(value)) {
    const kinds = new Set(value.filter((item) => item !== null).map(scalarType));
    if (kinds.size === 2 && kinds.has("Int64") && kinds.has("Float64")) return "Array(Nullable(Float64))";
    const [only] = kinds;
    return kinds.size === 1 && only ? (`Array(Nullable(${only}))` as DynamicType) : "String";
  }
  return scalarType(value) ?? "String";
}

function scalarType(value: unknown): "String" | "Int64" | "Float64" | "Bool" | undefined {
  if (typeof value === "string") return "String";
  if (typeof value === "boolean") return "Bool";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "Int64" : "Float64";
  return undefined;
}
