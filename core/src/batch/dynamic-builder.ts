import { ByteWriter } from "./bytes.ts";
import type { ColumnBuilder } from "./column-builders.ts";
import { type DynamicType, dynamicTypes } from "./types.ts";

/** Marks an empty row until the number of types is known. */
const empty = 0xff;

type Scalar = string | number | boolean;

/** The values of one type within a dynamic column, without gaps. */
class DenseValues {
  readonly type: DynamicType;
  readonly #values = new ByteWriter(256);
  readonly #ends = new ByteWriter(0);
  readonly #nulls = new ByteWriter(0);
  #items = 0;

  constructor(type: DynamicType) {
    this.type = type;
  }

  get size(): number {
    return this.#values.length + this.#ends.length;
  }

  add(value: unknown): void {
    if (!this.type.startsWith("Array")) {
      this.#scalar(this.type, value as Scalar);
      return;
    }
    const item = this.type.slice("Array(Nullable(".length, -2) as DynamicType;
    for (const each of value as readonly (Scalar | null)[]) {
      this.#nulls.u8(each === null ? 1 : 0);
      this.#scalar(item, each ?? (item === "String" ? "" : 0));
    }
    this.#items += (value as readonly unknown[]).length;
    this.#ends.u64(this.#items);
  }

  #scalar(type: DynamicType, value: Scalar): void {
    if (type === "String") this.#values.text(value as string);
    else if (type === "Int64") this.#values.i64(value as number);
    else if (type === "UInt64") this.#values.big64(BigInt(value));
    else if (type === "Float64") this.#values.f64(value as number);
    else this.#values.u8(value ? 1 : 0);
  }

  write(out: ByteWriter): void {
    for (const part of [this.#ends, this.#nulls, this.#values]) {
      out.raw(part.view());
      part.release();
    }
  }
}

/**
 * A column whose rows may have different types, laid out as a path of ClickHouse's JSON type in the flattened
 * Native serialization: one type index per row (the number of types means empty), then each type's values.
 */
export class DynamicBuilder implements ColumnBuilder {
  readonly #types: DenseValues[] = [];
  readonly #index = new ByteWriter(1024);
  readonly #fixed: DynamicType | undefined;

  /** With `fixed`, every value is written as that type. */
  constructor(fixed?: DynamicType) {
    this.#fixed = fixed;
  }

  get size(): number {
    return this.#types.reduce((sum, dense) => sum + dense.size, this.#index.length);
  }

  add(row: number, value: unknown): void {
    this.#pad(row);
    const type = this.#fixed ?? dynamicTypeOf(value);
    let at = this.#types.findIndex((dense) => dense.type === type);
    if (at < 0) at = this.#types.push(new DenseValues(type)) - 1;
    this.#types[at]!.add(type === "String" && typeof value !== "string" ? JSON.stringify(value) : value);
    this.#index.u8(at);
  }

  #pad(row: number): void {
    while (this.#index.length < row) this.#index.u8(empty);
  }

  finish(rows: number, out: ByteWriter): "dynamic" {
    this.#pad(rows);
    out.u8(this.#types.length);
    for (const dense of this.#types) out.u8(dynamicTypes.indexOf(dense.type));
    const index = this.#index.view();
    for (let row = 0; row < rows; row++) out.u8(index[row] === empty ? this.#types.length : index[row]!);
    this.#index.release();
    for (const dense of this.#types) dense.write(out);
    return "dynamic";
  }
}

/** Lists of one scalar type stay lists; anything deeper is kept as JSON text. */
function dynamicTypeOf(value: unknown): DynamicType {
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
