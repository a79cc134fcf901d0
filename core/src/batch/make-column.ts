import { ByteWriter } from "./bytes.ts";
import type { Codes, NumberColumn, TextColumn } from "./column.ts";
import type { Dictionary } from "./dictionary.ts";
import { dictionaryOf, readColumn } from "./read-columns.ts";
import { hasKeys, writeDictionary } from "./write-index.ts";

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

/** Bytes of a dictionary column before its keys, and between them and its index. */
const headBytes = 24;
const countBytes = 8;

/**
 * A text column of rows that each have one of some texts of a dictionary, which are copied as bytes. `keys` are their numbers there, the
 * first that of the empty text; a row has the one at `places[rows[row]]`.
 */
export function keyedColumn(
  path: string,
  dictionary: Dictionary,
  keys: Uint32Array,
  places: Uint32Array,
  rows: Uint32Array,
): TextColumn {
  const { bytes, ends } = dictionary.packed;
  let size = headBytes + countBytes;
  for (const key of keys) size += ends[key + 1]! - ends[key]!;
  const width = keys.length <= 0x100 ? 1 : keys.length <= 0x1_0000 ? 2 : 4;
  // What comes before the index begins so that the index lies at a multiple of its width.
  const before = -size & 3;
  const native = Buffer.allocUnsafeSlow(before + size + rows.length * width).subarray(before);
  const bounds = copyKeys(bytes, ends, keys, native);
  const head = [1, 0, hasKeys | (width >>> 1), 0, keys.length, 0];
  for (const [at, word] of head.entries()) native.writeUInt32LE(word, at * 4);
  native.writeUInt32LE(rows.length, size - countBytes);
  native.writeUInt32LE(0, size - countBytes + 4);
  const Index = width === 1 ? Uint8Array : width === 2 ? Uint16Array : Uint32Array;
  const index = new Index(native.buffer, native.byteOffset + size, rows.length);
  for (let row = 0; row < rows.length; row++) index[row] = places[rows[row]!]!;
  return dictionaryOf(path, { bytes: native, bounds, count: keys.length, index }, native);
}

/** Copies keys as they are packed, each behind its length, and gives where the text of each begins and ends. */
function copyKeys(from: Uint8Array, ends: Uint32Array, keys: Uint32Array, to: Buffer): Uint32Array {
  const bounds = new Uint32Array(keys.length * 2);
  let at = headBytes;
  for (let i = 0; i < keys.length; i++) {
    const end = ends[keys[i]! + 1]!;
    let next = ends[keys[i]!]!;
    let isLength = true;
    for (; next < end && isLength; next++) {
      isLength = from[next]! >= 0x80;
      to[at++] = from[next]!;
    }
    bounds[i * 2] = at;
    while (next < end) to[at++] = from[next++]!;
    bounds[i * 2 + 1] = at;
  }
  return bounds;
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
