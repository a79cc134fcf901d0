import type { MadeTexts } from "./body.ts";
import { ByteReader } from "./bytes.ts";
import { type Codes, codesOf, type DynamicColumn, type Texts, withoutRepeats } from "./column.ts";
import { finished, readEnds, textBounds } from "./read-parts.ts";
import { type DynamicType, dynamicTypes } from "./types.ts";

/** The values of one type, without gaps. */
interface Dense {
  at(place: number): unknown;
  /** Of text: where each value lies. */
  bounds?(): Uint32Array;
}

/** The place of each row among the values of its type. */
function placesOf(index: Uint8Array, types: number): Uint32Array {
  const next = new Uint32Array(types + 1);
  const places = new Uint32Array(index.length);
  for (let row = 0; row < index.length; row++) places[row] = next[index[row]!]!++;
  return places;
}

/** The values of a column of text only. A row without a value gets the one behind all others, which is empty. */
function textsOf(bytes: Buffer, bounds: Uint32Array, index: Uint8Array): Texts {
  const count = bounds.length / 2;
  if (count === index.length) return { bytes, bounds, count, index: undefined };
  const more = new Uint32Array(bounds.length + 2).fill(bounds.at(-1) ?? 0);
  more.set(bounds);
  const rows = new Uint32Array(index.length);
  let next = 0;
  for (let row = 0; row < index.length; row++) rows[row] = index[row] === 0 ? next++ : count;
  return { bytes, bounds: more, count: count + 1, index: rows };
}

/** Reads a column in the layout of `DynamicBuilder`, of which more is known where it was `made` here. Throws a RangeError on bytes that do not add up. */
export function readDynamic(path: string, bytes: Buffer, rows: number, made?: MadeTexts): DynamicColumn {
  const reader = new ByteReader(bytes);
  const types = Array.from({ length: reader.u8() }, () => {
    const type = dynamicTypes[reader.u8()];
    if (!type) throw new RangeError("has an unknown type");
    return type;
  });
  if (new Set(types).size !== types.length) throw new RangeError("names a type twice");
  const nativeStart = reader.offset;
  const index = reader.take(rows);
  const counts = made?.gapless ? Uint32Array.of(rows) : countsOf(index, types.length);
  const dense = made
    ? [denseTexts(reader, counts[0]!, undefined)]
    : types.map((type, i) => readDense(type, reader, counts[i]!));
  if (!made) finished(reader);
  const gapless = types.length === 1 && counts[0] === rows;
  let places: Uint32Array | undefined;
  const value = (row: number): unknown => {
    if (gapless) return dense[0]!.at(row);
    const type = index[row]!;
    if (type === types.length) return undefined;
    places ??= placesOf(index, types.length);
    return dense[type]!.at(places[row]!);
  };
  const isText = types.length === 1 && types[0] === "String";
  let codes: Codes | undefined;
  let texts: Texts | undefined;
  return {
    kind: "dynamic",
    path,
    rows,
    types,
    native: bytes.subarray(nativeStart),
    value,
    has: (row) => index[row] !== types.length,
    codes: () => {
      if (!isText) return undefined;
      codes ??= codesOf(made?.texts ?? textsOf(bytes, dense[0]!.bounds!(), index));
      return codes;
    },
    texts: () => {
      if (!isText) return undefined;
      texts ??= made?.texts ?? withoutRepeats(textsOf(bytes, dense[0]!.bounds!(), index));
      return texts;
    },
  };
}

/** How many rows have a value of each type, and none. */
function countsOf(index: Uint8Array, types: number): Uint32Array {
  const counts = new Uint32Array(256);
  for (let row = 0; row < index.length; row++) counts[index[row]!]!++;
  if (counts.subarray(types + 1).some((count) => count > 0)) throw new RangeError("points beyond its types");
  return counts;
}

/** Texts from where a reader stands; where they lie is looked up when it is asked for, unless it is given. */
function denseTexts({ bytes, offset }: ByteReader, count: number, known: Uint32Array | undefined): Dense {
  let found = known;
  const bounds = (): Uint32Array => {
    found ??= textBounds(new ByteReader(bytes, offset), count);
    return found;
  };
  return { at: (place) => bytes.toString("utf8", bounds()[place * 2], bounds()[place * 2 + 1]), bounds };
}

function readDense(type: DynamicType, reader: ByteReader, count: number): Dense {
  if (!type.startsWith("Array")) return readScalars(type, reader, count);
  const ends = readEnds(reader, count);
  const items = count === 0 ? 0 : ends[count - 1]!;
  const nulls = reader.take(items);
  const item = readScalars(type.slice("Array(Nullable(".length, -2) as DynamicType, reader, items);
  return {
    at: (place) => {
      const from = place === 0 ? 0 : ends[place - 1]!;
      return Array.from({ length: ends[place]! - from }, (_, i) =>
        nulls[from + i] ? null : item.at(from + i),
      );
    },
  };
}

function readScalars(type: DynamicType, reader: ByteReader, count: number): Dense {
  if (type === "String") {
    return denseTexts(reader, count, textBounds(reader, count));
  }
  if (type === "Bool") {
    const values = reader.take(count);
    if (values.some((value) => value > 1)) throw new RangeError("has a truth value other than 0 and 1");
    return { at: (place) => values[place] === 1 };
  }
  const values = reader.take(count * 8);
  if (type === "Float64") return { at: (place) => values.readDoubleLE(place * 8) };
  if (type === "UInt64") return { at: (place) => values.readBigUInt64LE(place * 8).toString() };
  return { at: (place) => Number(values.readBigInt64LE(place * 8)) };
}
