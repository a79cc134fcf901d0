import { gather, type NumberLayout, type PackedKeys } from "../kernels/index.ts";
import type { MadeTexts } from "./body.ts";
import { ByteReader } from "./bytes.ts";
import type { Texts } from "./column.ts";
import { readPackedNumbers } from "./packed-numbers.ts";
import { textBounds } from "./read-parts.ts";
import { type LineTexts, readSlices } from "./read-slices.ts";
import { readWords } from "./small-words.ts";
import { type DynamicType, dynamicTypes } from "./types.ts";

/**
 * A dynamic column by its parts: `u8` number of types, `u8` each type; `u8` 0 where each row has a value and there is one type only, else
 * 1 and one index byte a row; then for each type the `u8` form of its values, and these. As they are: behind their bytes as `u32`.
 * Slices, of texts that are parts of their lines: as a list writes them. Keys, of texts: their number as LEB128, the keys as `String`,
 * and which one each is as small words. Numbers: as `writePackedNumbers` writes them.
 */
export const forms = { native: 0, slices: 1, keys: 2, numbers: 3 } as const;

/** How numbers of a type are laid out. Whole ones with a sign are laid out as times are. */
export const layouts: Partial<Record<DynamicType, NumberLayout>> = {
  Int64: "time",
  UInt64: "u64",
  Float64: "f64",
};

/** What columns are made from that are not packed as they are. */
export interface Made {
  readonly rows: number;
  /** The texts of the column `raw`; undefined where there is none. */
  lines(): LineTexts | undefined;
}

/** Makes a dynamic column from its parts. Gives what is then known of one of texts. Throws a RangeError on anything that does not fit. */
export function readDynamicParts(reader: ByteReader, made: Made, out: Buffer): MadeTexts | undefined {
  const { rows } = made;
  const types = reader.u8();
  if (types > dynamicTypes.length) throw new RangeError("has too many types");
  const head = reader.take(types);
  const isGapless = reader.u8() === 0;
  if (isGapless && types !== 1) throw new RangeError("has no index of its types");
  const index = isGapless ? undefined : reader.take(rows);
  let at = 1 + types + rows;
  if (at > out.length) throw new RangeError("has more rows than its directory says");
  out[0] = types;
  out.set(head, 1);
  if (index) out.set(index, 1 + types);
  else out.fill(0, 1 + types, at);
  let known: MadeTexts | undefined;
  for (const [number, code] of head.entries()) {
    const type = dynamicTypes[code];
    if (!type) throw new RangeError("has an unknown type");
    const own = index && rowsWith(index, number);
    const part = readPart(type, reader, own ? own.length : rows, own, made, out, at);
    at = part.at;
    if (part.form !== forms.native && type === "String" && types === 1)
      known = { gapless: isGapless, texts: part.keyed && textsOf(part.keyed, rows, own) };
  }
  if (at !== out.length) throw new RangeError("has less than its directory says");
  return known;
}

/** The texts of a column of keys; rows without one have another one that is empty. */
function textsOf({ bytes, ends, codes }: Keyed, rows: number, own: Uint32Array | undefined): Texts {
  const keys = ends.length - 1;
  const bounds = new Uint32Array(keys * 2 + 2);
  const reader = new ByteReader(bytes);
  bounds.set(textBounds(reader, keys));
  bounds.fill(bytes.length, keys * 2);
  const index = keys < 0x100 ? new Uint8Array(rows) : new Uint32Array(rows);
  if (own) {
    index.fill(keys);
    for (let i = 0; i < own.length; i++) index[own[i]!] = codes[i]!;
  } else for (let row = 0; row < rows; row++) index[row] = codes[row]!;
  return { bytes, bounds, count: own ? keys + 1 : keys, index };
}

function rowsWith(index: Buffer, type: number): Uint32Array {
  const rows = new Uint32Array(index.length);
  let count = 0;
  for (let row = 0; row < index.length; row++) if (index[row] === type) rows[count++] = row;
  return rows.subarray(0, count);
}

/** Keys as they are packed, and which one each value is. */
interface Keyed extends PackedKeys {
  readonly bytes: Buffer;
  readonly codes: Uint32Array;
}

interface Part {
  readonly form: number;
  /** Where the values end. */
  readonly at: number;
  /** Of keys that are few; void with the next part. */
  readonly keyed?: Keyed | undefined;
}

/** Reads the values of one type into `out` from `at` on. */
function readPart(
  type: DynamicType,
  reader: ByteReader,
  count: number,
  rows: Uint32Array | undefined,
  made: Made,
  out: Buffer,
  at: number,
): Part {
  const form = reader.u8();
  const room = out.length - at;
  if (form === forms.native) {
    const bytes = reader.take(reader.u32());
    if (bytes.length > room) throw new RangeError("has more values than its directory says");
    out.set(bytes, at);
    return { form, at: at + bytes.length };
  }
  const layout = layouts[type];
  if (form === forms.numbers && layout !== undefined) {
    if (count * 8 > room) throw new RangeError("has more numbers than its directory says");
    readPackedNumbers(layout, reader, count, out.subarray(at, at + count * 8));
    return { form, at: at + count * 8 };
  }
  if (type !== "String") throw new RangeError("has values in an unknown form");
  if (form === forms.slices) return { form, at: readSlices(reader, count, rows, made.lines(), out, at).end };
  if (form === forms.keys) return readKeys(reader, count, out, at);
  throw new RangeError("has values in an unknown form");
}

/** At most a number for each row of a batch. */
let codeMemory = new Uint32Array(0);

function readKeys(reader: ByteReader, count: number, out: Buffer, at: number): Part {
  const keys = reader.varint();
  if (keys > reader.end - reader.offset) throw new RangeError("has more keys than bytes");
  const first = reader.offset;
  const bounds = textBounds(reader, keys);
  const ends = new Uint32Array(keys + 1);
  for (let key = 0; key < keys; key++) ends[key + 1] = bounds[key * 2 + 1]! - first;
  const bytes = reader.bytes.subarray(first, reader.offset);
  if (count > codeMemory.length) codeMemory = new Uint32Array(count);
  const codes = readWords(reader, count, codeMemory.subarray(0, count));
  let all = 0;
  for (let i = 0; i < count; i++) {
    const code = codes[i]!;
    if (code >= keys) throw new RangeError("points beyond its keys");
    all += ends[code + 1]! - ends[code]!;
  }
  if (all > out.length - at) throw new RangeError("has more text than its directory says");
  let to = at;
  gather({ bytes, ends }, codes, (some) => {
    out.set(some, to);
    to += some.length;
  });
  // A copy: what is read from is lent.
  return {
    form: forms.keys,
    at: to,
    keyed: keys * 2 <= count ? { bytes: Buffer.from(bytes), ends, codes } : undefined,
  };
}
