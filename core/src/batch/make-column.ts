import { ByteWriter } from "./bytes.ts";
import type { Codes, NumberColumn, TextColumn } from "./column.ts";
import { readColumn } from "./read-columns.ts";
import { writeDictionary } from "./write-index.ts";

/** Encodings of numbers of fixed width. */
export type NumberEncoding = "u32" | "u64" | "f64" | "time";

/** Room for the numbers of a column, in the layout of their encoding; rows that are left are empty. */
export type Numbers = Uint32Array | BigUint64Array | Float64Array | BigInt64Array;

/** A text column from codes; what enrichment adds. Key 0 must be the empty text. */
export function textColumn(path: string, codes: Codes): TextColumn {
  const out = new ByteWriter(codes.index.length * 2 + 1024);
  writeDictionary(codes.keys, codes.index, out);
  return readColumn(path, "dict", out.view(), codes.index.length) as TextColumn;
}

/** Room for a column of so many rows, all empty. */
export function numbersFor(encoding: NumberEncoding, rows: number): Numbers {
  if (encoding === "u32") return new Uint32Array(rows);
  if (encoding === "f64") return new Float64Array(rows);
  return encoding === "time" ? new BigInt64Array(rows) : new BigUint64Array(rows);
}

/** A number column over its values, which are not copied. Times are milliseconds since 1970. */
export function numberColumn(path: string, encoding: NumberEncoding, values: Numbers): NumberColumn {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return readColumn(path, encoding, bytes, values.length) as NumberColumn;
}
