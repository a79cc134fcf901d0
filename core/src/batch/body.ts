import { ByteReader, ByteWriter } from "./bytes.ts";
import type { Texts } from "./column.ts";
import { frameLimits } from "./frame.ts";
import type { Encoding } from "./types.ts";

/**
 * A body: the number of columns; per column its path, encoding and byte length; then the columns,
 * each starting at a multiple of 8 so that numbers can be viewed in place.
 */
export const encodings: readonly Encoding[] = [
  "dict",
  "text",
  "time",
  "u32",
  "u64",
  "f64",
  "texts",
  "dynamic",
];

export interface ColumnSource<Told = Encoding> {
  readonly path: string;
  /** Writes the column and says how. */
  write(out: ByteWriter): Told;
}

/** What is known of a dynamic column of texts that was made from them: its bytes are right, but for its index where there are gaps. */
export interface MadeTexts {
  /** Whether each row has a text. */
  readonly gapless: boolean;
  /** The texts, where it was made of few that many rows have; one that is empty for rows without any. */
  readonly texts: Texts | undefined;
}

export interface RawColumn {
  readonly path: string;
  readonly encoding: Encoding;
  readonly bytes: Buffer;
  /** Of texts, where each begins and ends, as far as that was looked up already. */
  readonly bounds?: Uint32Array | undefined;
  /** Of a dynamic column that was made here of texts alone. */
  readonly made?: MadeTexts | undefined;
}

/**
 * Memory that one body after the other is written in. Megabytes a second of fresh buffers would be freed only when the
 * garbage collector comes round to them, which let an agent's memory grow by as much again as it uses.
 */
let scratch = new ByteWriter(1 << 16);
/** Larger ones are given back: they come from batches of unusually long lines. A usual one of 4 MiB grows beyond that. */
const keptBytes = 16 << 20;

/** Writes a body and lends it to `use`; the bytes are void afterwards. Not to be nested. */
export function withBody<T>(columns: readonly ColumnSource[], use: (body: Buffer) => T): T {
  scratch.clear();
  try {
    writeBody(columns, scratch);
    return use(scratch.view());
  } finally {
    if (scratch.capacity > keptBytes) scratch = new ByteWriter(1 << 16);
  }
}

/** The directory's size is known before its content, so that the columns are written in their place at once. */
function writeBody(columns: readonly ColumnSource[], out: ByteWriter): void {
  const blank = columns.map((): { encoding: Encoding; bytes: number } => ({ encoding: "dict", bytes: 0 }));
  out.raw(directoryOf(columns, blank));
  const written = columns.map((column) => {
    out.align8();
    const start = out.length;
    const encoding = column.write(out);
    return { encoding, bytes: out.length - start };
  });
  out.view().set(directoryOf(columns, written));
}

function directoryOf(
  columns: readonly ColumnSource[],
  written: readonly { readonly encoding: Encoding; readonly bytes: number }[],
): Buffer {
  const directory = new ByteWriter(1024);
  directory.u32(0);
  directory.u32(columns.length);
  columns.forEach(({ path }, i) => {
    const { encoding, bytes } = written[i]!;
    directory.text(path);
    directory.u8(encodings.indexOf(encoding));
    directory.u32(bytes);
  });
  const bytes = directory.view();
  bytes.writeUInt32LE(bytes.length - 4, 0);
  return bytes;
}

/** Splits a body into its columns. Throws a RangeError on any length that does not fit. */
export function readBody(body: Buffer): RawColumn[] {
  const columns: RawColumn[] = [];
  let start = 0;
  readDirectory(body, (directory, path, encoding) => {
    if (columns.length === 0) start = align8(directory.end);
    const length = directory.u32();
    if (start + length > body.length) throw new RangeError(`column "${path}" is cut off`);
    columns.push({ path, encoding, bytes: body.subarray(start, start + length) });
    start = align8(start + length);
  });
  return columns;
}

/** Calls `take` for each column, with what the directory says of it behind its encoding. Throws a RangeError as `readBody` does. */
export function readDirectory(
  body: Buffer,
  take: (directory: ByteReader, path: string, encoding: Encoding) => void,
): void {
  const reader = new ByteReader(body);
  const directoryBytes = reader.u32();
  reader.need(directoryBytes);
  const directory = new ByteReader(body, reader.offset, reader.offset + directoryBytes);
  const count = directory.u32();
  if (count > frameLimits.columns) throw new RangeError(`has ${count} columns`);
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const path = directory.text();
    const encoding = encodings[directory.u8()];
    if (encoding === undefined || path === "" || seen.has(path))
      throw new RangeError(`has a bad column "${path}"`);
    seen.add(path);
    take(directory, path, encoding);
  }
}

export const align8 = (offset: number): number => (offset + 7) & ~7;
