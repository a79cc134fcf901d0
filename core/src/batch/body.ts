import { ByteReader, ByteWriter } from "./bytes.ts";
import { frameLimits } from "./frame.ts";
import type { Encoding } from "./types.ts";

/**
 * A body: the number of columns; per column its path, encoding and byte length; then the columns,
 * each starting at a multiple of 8 so that numbers can be viewed in place.
 */
const encodings: readonly Encoding[] = ["dict", "text", "time", "u32", "u64", "f64", "texts", "dynamic"];

export interface ColumnSource {
  readonly path: string;
  write(out: ByteWriter): Encoding;
}

export interface RawColumn {
  readonly path: string;
  readonly encoding: Encoding;
  readonly bytes: Buffer;
}

/**
 * Memory that one body after the other is written in. Megabytes a second of fresh buffers would be freed only when the
 * garbage collector comes round to them, which let an agent's memory grow by as much again as it uses.
 */
const scratch = { data: new ByteWriter(1 << 16), body: new ByteWriter(1 << 16) };
/** Larger ones are given back: they come from batches of unusually long lines. */
const keptBytes = 4 << 20;

/** Writes a body and lends it to `use`; the bytes are void afterwards. Not to be nested. */
export function withBody<T>(columns: readonly ColumnSource[], use: (body: Buffer) => T): T {
  const { data, body } = scratch;
  data.clear();
  body.clear();
  try {
    writeBody(columns, data, body);
    return use(body.view());
  } finally {
    if (data.capacity > keptBytes) scratch.data = new ByteWriter(1 << 16);
    if (body.capacity > keptBytes) scratch.body = new ByteWriter(1 << 16);
  }
}

function writeBody(columns: readonly ColumnSource[], data: ByteWriter, out: ByteWriter): void {
  const directory = new ByteWriter(1024);
  directory.u32(columns.length);
  for (const column of columns) {
    data.align8();
    const start = data.length;
    const encoding = column.write(data);
    directory.text(column.path);
    directory.u8(encodings.indexOf(encoding));
    directory.u32(data.length - start);
  }
  out.u32(directory.length);
  out.raw(directory.view());
  out.align8();
  out.raw(data.view());
}

/** Splits a body into its columns. Throws a RangeError on any length that does not fit. */
export function readBody(body: Buffer): RawColumn[] {
  const reader = new ByteReader(body);
  const directoryBytes = reader.u32();
  reader.need(directoryBytes);
  const directory = new ByteReader(body, reader.offset, reader.offset + directoryBytes);
  const columns: RawColumn[] = [];
  const count = directory.u32();
  if (count > frameLimits.columns) throw new RangeError(`has ${count} columns`);
  let start = align8(directory.end);
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const path = directory.text();
    const encoding = encodings[directory.u8()];
    const length = directory.u32();
    if (encoding === undefined || path === "" || seen.has(path))
      throw new RangeError(`has a bad column "${path}"`);
    if (start + length > body.length) throw new RangeError(`column "${path}" is cut off`);
    seen.add(path);
    columns.push({ path, encoding, bytes: body.subarray(start, start + length) });
    start = align8(start + length);
  }
  return columns;
}

const align8 = (offset: number): number => (offset + 7) & ~7;
