import type { MadeTexts } from "./body.ts";
import { ByteReader } from "./bytes.ts";
import {
  type Codes,
  type Column,
  codesOf,
  type NumberColumn,
  type TextColumn,
  type Texts,
  type TextsColumn,
  withoutRepeats,
} from "./column.ts";
import { isoTime, lastTime } from "./iso-time.ts";
import { readDynamic } from "./read-dynamic.ts";
import { boundedCount, finished, readEnds, textBounds } from "./read-parts.ts";
import { type Encoding, nativeTypes } from "./types.ts";

/**
 * Reads and checks one column. Throws a RangeError where the bytes are not exactly `rows` valid values. `bounds` are those of texts that
 * were checked already, `made` is what is known of a dynamic column that was made here.
 */
export function readColumn(
  path: string,
  encoding: Encoding,
  bytes: Buffer,
  rows: number,
  bounds?: Uint32Array,
  made?: MadeTexts,
): Column {
  switch (encoding) {
    case "dict":
      return readDictionary(path, bytes, rows);
    case "text":
      return readText(path, bytes, bounds ?? checkedBounds(bytes, rows), rows);
    case "texts":
      return readTexts(path, bytes, rows);
    case "dynamic":
      return readDynamic(path, bytes, rows, made);
    default:
      return readNumbers(path, encoding, bytes, rows);
  }
}

function readDictionary(path: string, bytes: Buffer, rows: number): TextColumn {
  const reader = new ByteReader(bytes);
  const version = reader.u64();
  const flags = reader.u64();
  const width = 1 << (flags & 0xff);
  if (version !== 1 || (flags & ~0xff) !== 0x600 || width > 4)
    throw new RangeError("has an unknown dictionary layout");
  const bounds = textBounds(reader, boundedCount(reader, 1));
  const count = bounds.length / 2;
  if (reader.u64() !== rows || count === 0) throw new RangeError("has a dictionary of another length");
  const packed = reader.take(rows * width);
  finished(reader);
  const index = width === 1 ? packed : aligned(packed, width);
  if (highestOf(packed, index) >= count) throw new RangeError("points beyond its dictionary");
  if (bounds[0] !== bounds[1]) throw new RangeError("has no empty key");
  return dictionaryOf(path, { bytes, bounds, count, index }, bytes);
}

/** The highest number of an index. Often all rows have the same one, which comparing bytes tells at once. */
function highestOf(packed: Buffer, index: Codes["index"]): number {
  if (packed.length > 1 && packed.compare(packed, 1, packed.length, 0, packed.length - 1) === 0)
    return index[0]!;
  let highest = 0;
  for (let row = 0; row < index.length; row++) if (index[row]! > highest) highest = index[row]!;
  return highest;
}

/** A copy of numbers that start at any offset: typed arrays need alignment. */
function aligned(packed: Buffer, width: number): Uint16Array | Uint32Array {
  const { buffer } = new Uint8Array(packed);
  return width === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
}

/** A dictionary column over its bytes: a key becomes a string when someone asks for it, and then once. */
export function dictionaryOf(
  path: string,
  texts: Texts & { index: Codes["index"] },
  native: Uint8Array,
): TextColumn {
  const { bytes, bounds, count, index } = texts;
  const keys = new Array<string | undefined>(count);
  const key = (code: number): string => {
    keys[code] ??= bytes.toString("utf8", bounds[code * 2], bounds[code * 2 + 1]);
    return keys[code];
  };
  let codes: Codes | undefined;
  return {
    kind: "text",
    path,
    rows: index.length,
    native,
    nativeType: nativeTypes.dict,
    text: (row) => key(index[row]!),
    value: (row) => key(index[row]!) || undefined,
    has: (row) => bounds[index[row]! * 2] !== bounds[index[row]! * 2 + 1],
    codes: () => {
      codes ??= { keys: Array.from(keys, (_, code) => key(code)), index };
      return codes;
    },
    texts: () => texts,
  };
}

function checkedBounds(bytes: Buffer, rows: number): Uint32Array {
  const reader = new ByteReader(bytes);
  const bounds = textBounds(reader, rows);
  finished(reader);
  return bounds;
}

function readText(path: string, bytes: Buffer, bounds: Uint32Array, rows: number): TextColumn {
  const plain: Texts = { bytes, bounds, count: rows, index: undefined };
  let codes: Codes | undefined;
  let texts: Texts | undefined;
  const text = (row: number): string => bytes.toString("utf8", bounds[row * 2], bounds[row * 2 + 1]);
  return {
    kind: "text",
    path,
    rows,
    native: bytes,
    nativeType: nativeTypes.text,
    text,
    value: (row) => text(row) || undefined,
    has: (row) => bounds[row * 2] !== bounds[row * 2 + 1],
    codes: () => {
      codes ??= codesOf(plain);
      return codes;
    },
    texts: () => {
      // No two ids are the same.
      texts ??= path === "id" ? plain : withoutRepeats(plain);
      return texts;
    },
  };
}

function readNumbers(
  path: string,
  encoding: "u32" | "u64" | "f64" | "time",
  bytes: Buffer,
  rows: number,
): NumberColumn {
  const width = encoding === "u32" ? 4 : 8;
  if (bytes.length !== rows * width) throw new RangeError(`has ${bytes.length} bytes for ${rows} numbers`);
  const number: (row: number) => number =
    encoding === "u32"
      ? (row) => bytes.readUInt32LE(row * 4)
      : encoding === "f64"
        ? (row) => bytes.readDoubleLE(row * 8)
        : encoding === "time"
          ? (row) => bytes.readInt32LE(row * 8 + 4) * 0x1_0000_0000 + bytes.readUInt32LE(row * 8)
          : (row) => bytes.readUInt32LE(row * 8 + 4) * 0x1_0000_0000 + bytes.readUInt32LE(row * 8);
  const value =
    encoding === "u64"
      ? (row: number) =>
          number(row) <= Number.MAX_SAFE_INTEGER
            ? String(number(row))
            : bytes.readBigUInt64LE(row * 8).toString()
      : encoding === "time"
        ? (row: number) => isoTime(number(row))
        : number;
  return {
    kind: "number",
    path,
    rows,
    native: bytes,
    nativeType: nativeTypes[encoding],
    number,
    value: (row) => (number(row) === 0 ? undefined : value(row)),
    has: (row) => number(row) !== 0 && (encoding !== "time" || Math.abs(number(row)) <= lastTime),
  };
}

function readTexts(path: string, bytes: Buffer, rows: number): TextsColumn {
  const reader = new ByteReader(bytes);
  const ends = readEnds(reader, rows);
  const bounds = textBounds(reader, rows === 0 ? 0 : ends[rows - 1]!);
  finished(reader);
  return {
    kind: "texts",
    path,
    rows,
    native: bytes,
    nativeType: nativeTypes.texts,
    has: (row) => ends[row] !== (row === 0 ? 0 : ends[row - 1]),
    value: (row) => {
      const from = row === 0 ? 0 : ends[row - 1]!;
      const to = ends[row]!;
      if (from === to) return undefined;
      return Array.from({ length: to - from }, (_, i) =>
        bytes.toString("utf8", bounds[(from + i) * 2], bounds[(from + i) * 2 + 1]),
      );
    },
  };
}
