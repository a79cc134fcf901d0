import { type Batch, requiredPaths } from "./batch.ts";
import { type ColumnSource, withBody } from "./body.ts";
import type { ByteWriter } from "./bytes.ts";
import type { Column, DynamicColumn, NumberColumn, Texts } from "./column.ts";
import { DynamicBuilder } from "./dynamic-builder.ts";
import type { BatchHeader } from "./frame.ts";
import { TextsBuilder } from "./texts-builder.ts";
import { dynamicTypes, type Encoding, nativeTypes } from "./types.ts";
import { writeIndex } from "./write-index.ts";

/** Some rows of a batch by themselves, as `openBody` takes them. */
export interface CopiedRows {
  /** That of the batch, but for their number and size; which stretches of sources they come from is not told. */
  readonly header: BatchHeader;
  readonly body: Buffer;
}

/**
 * Copies rows out of a batch: what is to outlive it, or to go elsewhere. Values are copied as bytes, in the order of `rows`;
 * dictionaries get only the keys that are used. At most as many rows as a batch may have.
 */
export function copyRows(batch: Batch, rows: Uint32Array): CopiedRows {
  const columns: ColumnSource[] = [];
  for (const column of batch.columns.values()) {
    if (requiredPaths.includes(column.path) || rows.some((row) => column.has(row)))
      columns.push({ path: column.path, write: (out) => write(column, rows, out) });
  }
  const body = withBody(columns, (bytes) => {
    const own = Buffer.allocUnsafeSlow(bytes.length);
    own.set(bytes);
    return own;
  });
  const header: BatchHeader = { ...batch.header, rows: rows.length, sources: [] };
  return { header: { ...header, codec: "none", bodyBytes: body.length }, body };
}

function write(column: Column, rows: Uint32Array, out: ByteWriter): Encoding {
  switch (column.kind) {
    case "number":
      return writeNumbers(column, rows, out);
    case "text": {
      const texts = column.texts();
      if (column.nativeType === nativeTypes.dict && texts.index) return writeDictionary(texts, rows, out);
      writeTexts(texts, rows, out);
      return "text";
    }
    case "texts": {
      const builder = new TextsBuilder();
      addAll(builder, column, rows);
      return builder.finish(rows.length, out);
    }
    case "dynamic":
      return writeDynamic(column, rows, out);
  }
}

function addAll(
  builder: { add(row: number, value: unknown): void },
  column: Column,
  rows: Uint32Array,
): void {
  for (let place = 0; place < rows.length; place++) {
    const value = column.value(rows[place]!);
    if (value !== undefined) builder.add(place, value);
  }
}

const encodings = new Map(
  Object.entries(nativeTypes).map(([encoding, type]) => [type, encoding as Encoding]),
);

function writeNumbers({ nativeType, native }: NumberColumn, rows: Uint32Array, out: ByteWriter): Encoding {
  const width = nativeType === nativeTypes.u32 ? 4 : 8;
  const bytes = out.room(rows.length * width);
  if (native.byteOffset % 4 === 0 && bytes.byteOffset % 4 === 0) {
    copyWords(native, rows, width >>> 2, bytes);
    return encodings.get(nativeType)!;
  }
  let at = 0;
  for (let place = 0; place < rows.length; place++) {
    const from = rows[place]! * width;
    for (let i = 0; i < width; i++) bytes[at++] = native[from + i]!;
  }
  return encodings.get(nativeType)!;
}

function copyWords(native: Uint8Array, rows: Uint32Array, words: number, bytes: Buffer): void {
  const from = new Uint32Array(native.buffer, native.byteOffset, native.length >>> 2);
  const to = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  if (words === 1) for (let place = 0; place < rows.length; place++) to[place] = from[rows[place]!]!;
  else {
    for (let place = 0; place < rows.length; place++) {
      const row = rows[place]! * 2;
      to[place * 2] = from[row]!;
      to[place * 2 + 1] = from[row + 1]!;
    }
  }
}

/** Only with the keys that these rows have; the empty one is the first in any case. */
function writeDictionary(
  { bytes, bounds, count, index }: Texts,
  rows: Uint32Array,
  out: ByteWriter,
): Encoding {
  const codeOf = new Uint32Array(count);
  const codes = new Uint32Array(rows.length);
  const keys = new Uint32Array(Math.min(count, rows.length + 1));
  let used = 1;
  for (let place = 0; place < rows.length; place++) {
    const key = index![rows[place]!]!;
    if (key !== 0 && codeOf[key] === 0) {
      keys[used] = key;
      codeOf[key] = used++;
    }
    codes[place] = codeOf[key]!;
  }
  const plain: Texts = { bytes, bounds, count, index: undefined };
  writeIndex(used, (to) => writeTexts(plain, keys.subarray(0, used), to), codes, out);
  return "dict";
}

function writeDynamic(column: DynamicColumn, rows: Uint32Array, out: ByteWriter): Encoding {
  const texts = column.texts();
  if (!texts) {
    const builder = new DynamicBuilder();
    addAll(builder, column, rows);
    return builder.finish(rows.length, out);
  }
  out.u8(1);
  out.u8(dynamicTypes.indexOf("String"));
  const index = out.room(rows.length);
  const present = new Uint32Array(rows.length);
  let count = 0;
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place]!;
    const has = column.has(row);
    index[place] = has ? 0 : 1;
    if (has) present[count++] = row;
  }
  writeTexts(texts, present.subarray(0, count), out);
  return "dynamic";
}

/** Below this many bytes a plain loop is faster than a call. */
const short = 64;

function writeTexts({ bytes, bounds, index }: Texts, rows: Uint32Array, out: ByteWriter): void {
  let most = 0;
  for (let place = 0; place < rows.length; place++) {
    const value = index ? index[rows[place]!]! : rows[place]!;
    most += bounds[value * 2 + 1]! - bounds[value * 2]! + 5;
  }
  const to = out.room(most);
  let at = 0;
  for (let place = 0; place < rows.length; place++) {
    const value = index ? index[rows[place]!]! : rows[place]!;
    const start = bounds[value * 2]!;
    const end = bounds[value * 2 + 1]!;
    let rest = end - start;
    for (; rest >= 0x80; rest >>>= 7) to[at++] = (rest & 0x7f) | 0x80;
    to[at++] = rest;
    if (end - start > short) {
      bytes.copy(to, at, start, end);
      at += end - start;
    } else for (let from = start; from < end; from++) to[at++] = bytes[from]!;
  }
  out.trim(most - at);
}
