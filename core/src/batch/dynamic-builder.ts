import { type PackedColumn, packSized, withScratch } from "./blocks.ts";
import { ByteWriter } from "./bytes.ts";
import { NumberBuilder, type TextColumnBuilder } from "./column-builders.ts";
import { forms } from "./dynamic-parts.ts";
import { giveMemory, takeMemory } from "./memory.ts";
import { TextBuilder } from "./text-builder.ts";
import { type DynamicType, dynamicTypes } from "./types.ts";
import type { BlockColumn, ValueBlock } from "./value-block.ts";

/** For kinds without a value of one type. */
const noTypes = -1;
const nothing = new Uint8Array(0);
/** Bits of the kinds of a block. */
const bits = { text: 2, number: 4, boolean: 8, list: 32 } as const;

/** The values of one type, without gaps. */
interface Values {
  readonly size: number;
  add(value: unknown): void;
  /** Writes them as they are. Called once, last. */
  finish(out: ByteWriter): void;
  /** Instead: writes them as a part (see `dynamic-parts.ts`), and gives the bytes that they have as they are. */
  finishPart(out: ByteWriter): number;
}

/** Writes a part as it is. */
function nativePart(values: Values, out: ByteWriter): number {
  out.u8(forms.native);
  const at = out.length;
  out.u32(0);
  values.finish(out);
  const bytes = out.length - at - 4;
  out.view().writeUInt32LE(bytes, at);
  return bytes;
}

class NumberValues implements Values {
  readonly #numbers: NumberBuilder;
  #count = 0;

  constructor(encoding: "time" | "u64" | "f64") {
    this.#numbers = new NumberBuilder(encoding);
  }

  get size(): number {
    return this.#numbers.size;
  }

  add(value: unknown): void {
    this.#numbers.add(this.#count++, value);
  }

  /** Adds whole numbers of 64 bits. */
  addWholes(native: Uint8Array): void {
    const count = native.length / 8;
    this.#numbers.rows(this.#count, count, native);
    this.#count += count;
  }

  finish(out: ByteWriter): void {
    this.#numbers.finish(this.#count, (native) => out.raw(native));
  }

  finishPart(out: ByteWriter): number {
    return this.#numbers.finishPart(this.#count, out);
  }
}

/** Texts, found again while few differ. */
class TextValues implements Values {
  readonly #texts = new TextBuilder();
  #count = 0;
  #bytes = 0;

  get size(): number {
    return this.#bytes;
  }

  add(value: unknown): void {
    const text = value as string;
    this.#bytes += text.length + 1;
    this.#texts.add(this.#count++, text);
  }

  addBlock(first: number, count: number, block: ValueBlock): void {
    this.#count += this.#texts.addBlock(this.#count, first, count, block, true);
    this.#bytes += this.#texts.blockBytes;
  }

  addSlice(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes += to - from + 1;
    this.#texts.addSlice(this.#count++, bytes, from, to);
  }

  finish(out: ByteWriter): void {
    this.#texts.finishPlain(this.#count, out);
  }

  finishPart(out: ByteWriter): number {
    return this.#texts.finishPart(this.#count, out);
  }
}

class BoolValues implements Values {
  readonly #bytes = new ByteWriter(256);

  get size(): number {
    return this.#bytes.length;
  }

  add(value: unknown): void {
    this.#bytes.u8(value ? 1 : 0);
  }

  addBytes(bytes: Uint8Array): void {
    this.#bytes.raw(bytes);
  }

  finish(out: ByteWriter): void {
    out.raw(this.#bytes.view());
    this.#bytes.release();
  }

  finishPart(out: ByteWriter): number {
    return nativePart(this, out);
  }
}

class ListValues implements Values {
  readonly #ends = new NumberValues("u64");
  readonly #nulls = new BoolValues();
  readonly #items: Values;
  readonly #null: unknown;
  #count = 0;

  constructor(item: DynamicType) {
    this.#items = valuesOf(item);
    this.#null = item === "String" ? "" : 0;
  }

  get size(): number {
    return this.#ends.size + this.#nulls.size + this.#items.size;
  }

  add(value: unknown): void {
    for (const each of value as readonly unknown[]) {
      this.#nulls.add(each === null);
      this.#items.add(each ?? this.#null);
    }
    this.#count += (value as readonly unknown[]).length;
    this.#ends.add(this.#count);
  }

  finish(out: ByteWriter): void {
    this.#ends.finish(out);
    this.#nulls.finish(out);
    this.#items.finish(out);
  }

  finishPart(out: ByteWriter): number {
    return nativePart(this, out);
  }
}

function valuesOf(type: DynamicType): Values {
  switch (type) {
    case "String":
      return new TextValues();
    // Signed 64-bit integers, as times are.
    case "Int64":
      return new NumberValues("time");
    case "UInt64":
      return new NumberValues("u64");
    case "Float64":
      return new NumberValues("f64");
    case "Bool":
      return new BoolValues();
    default:
      return new ListValues(type.slice("Array(Nullable(".length, -2) as DynamicType);
  }
}

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
  #index = takeMemory(4_096);
  #rows = 0;
  /** True while every row has a value of the first type. */
  #isGapless = true;

  /** With `fixed`, every value is written as that type, and there are no texts in blocks. */
  constructor(fixed?: DynamicType) {
    this.#fixed = fixed;
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
    this.#values.push(valuesOf(type));
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
