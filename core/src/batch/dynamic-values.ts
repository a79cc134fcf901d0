import { ByteWriter } from "./bytes.ts";
import { forms } from "./dynamic-parts.ts";
import { type Expected, unknownSize } from "./expected.ts";
import { NumberBuilder } from "./number-builder.ts";
import { TextBuilder } from "./text-builder.ts";
import type { DynamicType } from "./types.ts";
import type { ValueBlock } from "./value-block.ts";

/** The values of one type, without gaps. */
export interface Values {
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

export class NumberValues implements Values {
  readonly #numbers: NumberBuilder;
  #count = 0;

  constructor(encoding: "time" | "u64" | "f64", expected: Expected) {
    this.#numbers = new NumberBuilder(encoding, expected.rows);
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
export class TextValues implements Values {
  readonly #texts: TextBuilder;
  #count = 0;
  #bytes = 0;

  constructor(expected: Expected) {
    this.#texts = new TextBuilder(expected);
  }

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

export class BoolValues implements Values {
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
  readonly #ends = new NumberValues("u64", unknownSize);
  readonly #nulls = new BoolValues();
  readonly #items: Values;
  readonly #null: unknown;
  #count = 0;

  constructor(item: DynamicType) {
    this.#items = valuesOf(item, unknownSize);
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

export function valuesOf(type: DynamicType, expected: Expected): Values {
  switch (type) {
    case "String":
      return new TextValues(expected);
    // Signed 64-bit integers, as times are.
    case "Int64":
      return new NumberValues("time", expected);
    case "UInt64":
      return new NumberValues("u64", unknownSize);
    case "Float64":
      return new NumberValues("f64", expected);
    case "Bool":
      return new BoolValues();
    default:
      return new ListValues(type.slice("Array(Nullable(".length, -2) as DynamicType);
  }
}
