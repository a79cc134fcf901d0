import { ByteReader } from "./bytes.ts";
import { type Codes, codesOf, type DynamicColumn } from "./column.ts";
import { finished, readEnds, textBounds } from "./read-parts.ts";
import { type DynamicType, dynamicTypes } from "./types.ts";

type Dense = (at: number) => unknown;

/** Reads a column in the layout of `DynamicBuilder`. Throws a RangeError on bytes that do not add up. */
export function readDynamic(path: string, bytes: Buffer, rows: number): DynamicColumn {
  const reader = new ByteReader(bytes);
  const types = Array.from({ length: reader.u8() }, () => {
    const type = dynamicTypes[reader.u8()];
    if (!type) throw new RangeError("has an unknown type");
    return type;
  });
  if (new Set(types).size !== types.length) throw new RangeError("names a type twice");
  const nativeStart = reader.offset;
  const index = reader.take(rows);
  const counts = new Array<number>(types.length + 1).fill(0);
  const at = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const type = index[row]!;
    if (type > types.length) throw new RangeError("points beyond its types");
    at[row] = counts[type]!++;
  }
  const dense = types.map((type, i) => readDense(type, reader, counts[i]!));
  finished(reader);
  const value = (row: number): unknown => {
    const type = index[row]!;
    return type === types.length ? undefined : dense[type]!(at[row]!);
  };
  let codes: Codes | undefined;
  return {
    kind: "dynamic",
    path,
    rows,
    types,
    native: bytes.subarray(nativeStart),
    value,
    codes: () => {
      if (types.length !== 1 || types[0] !== "String") return undefined;
      codes ??= codesOf(rows, (row) => (value(row) as string | undefined) ?? "");
      return codes;
    },
  };
}

function readDense(type: DynamicType, reader: ByteReader, count: number): Dense {
  if (!type.startsWith("Array")) return readScalars(type, reader, count);
  const ends = readEnds(reader, count);
  const items = count === 0 ? 0 : ends[count - 1]!;
  const nulls = reader.take(items);
  const item = readScalars(type.slice("Array(Nullable(".length, -2) as DynamicType, reader, items);
  return (at) => {
    const from = at === 0 ? 0 : ends[at - 1]!;
    return Array.from({ length: ends[at]! - from }, (_, i) => (nulls[from + i] ? null : item(from + i)));
  };
}

function readScalars(type: DynamicType, reader: ByteReader, count: number): Dense {
  const { bytes } = reader;
  if (type === "String") {
    const bounds = textBounds(reader, count);
    return (at) => bytes.toString("utf8", bounds[at * 2], bounds[at * 2 + 1]);
  }
  if (type === "Bool") {
    const values = reader.take(count);
    for (const value of values) if (value > 1) throw new RangeError("has a truth value other than 0 and 1");
    return (at) => values[at] === 1;
  }
  const values = reader.take(count * 8);
  if (type === "Float64") return (at) => values.readDoubleLE(at * 8);
  if (type === "UInt64") return (at) => values.readBigUInt64LE(at * 8).toString();
  return (at) => Number(values.readBigInt64LE(at * 8));
}
