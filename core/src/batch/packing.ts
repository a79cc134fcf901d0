import {
  mostGrowth,
  type PackedColumn,
  type Packing,
  packInto,
  packings,
  unpackInto,
  unpackSized,
} from "./blocks.ts";
import { align8, type ColumnSource, encodings, type RawColumn, readDirectory } from "./body.ts";
import { ByteWriter } from "./bytes.ts";
import { fileIdBytes, readIds } from "./ids.ts";
import type { Encoding } from "./types.ts";

/** A column; with `packs` it writes itself packed. */
type Source = ColumnSource<Encoding | PackedColumn> & { readonly packs: boolean };

/** Memory for one column after the other, and for the body; kept for the reasons of `withBody`. */
let plain = new ByteWriter(1 << 16);
let packed = new ByteWriter(1 << 16);
const keptBytes = 4 << 20;

/** Writes a packed body and lends it to `use`, with the bytes of its columns; it is void afterwards. Not to be nested. */
export function withPackedBody<T>(
  columns: readonly Source[],
  use: (body: Buffer, bodyBytes: number) => T,
): T {
  packed.clear();
  try {
    const bodyBytes = packBody(columns, packed);
    return use(packed.view(), bodyBytes);
  } finally {
    if (plain.capacity > keptBytes) plain = new ByteWriter(1 << 16);
    if (packed.capacity > keptBytes) packed = new ByteWriter(1 << 16);
  }
}

/** The directory's size is known before its content, so that the columns are written in their place at once. */
function packBody(columns: readonly Source[], out: ByteWriter): number {
  const blank = { encoding: "dict", packing: "lz4", bytes: 0, size: 0 } as const;
  writeDirectory(
    columns,
    columns.map(() => blank),
    out,
  );
  const written = columns.map((column) => {
    const start = out.length;
    const about = packColumn(column, out);
    return { ...about, size: out.length - start };
  });
  const directory = new ByteWriter(1_024);
  writeDirectory(columns, written, directory);
  out.view().set(directory.view());
  return written.reduce((sum, { bytes }) => sum + align8(bytes), 0);
}

function writeDirectory(
  columns: readonly Source[],
  written: readonly (PackedColumn & { readonly size: number })[],
  out: ByteWriter,
): void {
  out.u32(0);
  out.u32(columns.length);
  columns.forEach(({ path }, i) => {
    const { encoding, bytes, packing, size } = written[i]!;
    out.text(path);
    out.u8(encodings.indexOf(encoding));
    out.u32(bytes);
    out.u8(packings.indexOf(packing));
    out.u32(size);
  });
  out.view().writeUInt32LE(out.length - 4, 0);
}

function packColumn(column: Source, out: ByteWriter): PackedColumn {
  plain.clear();
  const told = column.write(column.packs ? out : plain);
  if (typeof told !== "string") return told;
  packInto(plain.view(), out);
  return { encoding: told, bytes: plain.length, packing: "lz4" };
}

interface PackedPart extends Omit<RawColumn, "bytes"> {
  readonly size: number;
  readonly packing: Packing;
  readonly data: Buffer;
}

/**
 * The columns of a packed body, in one piece of memory of their own, each at a multiple of 8. Throws a RangeError on any size that
 * does not fit.
 */
export function unpackBody(
  body: Buffer,
  rows: number,
  bodyBytes: number,
): { memory: Buffer; columns: RawColumn[] } {
  const parts = readParts(body);
  let all = 0;
  for (const { path, packing, size, data } of parts) {
    all += align8(size);
    if (size > data.length * mostGrowth + (packing === "ids" ? rows * fileIdBytes : 0))
      throw new RangeError(`column "${path}" has too few bytes`);
  }
  if (all !== bodyBytes) throw new RangeError(`has ${all} bytes where its header says ${bodyBytes}`);
  const memory = Buffer.allocUnsafeSlow(all);
  let at = 0;
  const columns = parts.map(({ path, encoding, size }) => {
    const bytes = memory.subarray(at, at + size);
    at += align8(size);
    return { path, encoding, bytes };
  });
  parts.forEach(({ packing, data }, i) => {
    if (packing === "lz4") unpackInto(data, columns[i]!.bytes);
  });
  const raw = columns.find(({ path, encoding }) => path === "raw" && encoding === "text");
  parts.forEach(({ packing, data }, i) => {
    if (packing === "ids") readIds(unpackSized(data), rows, raw?.bytes, columns[i]!.bytes);
  });
  return { memory, columns };
}

function readParts(body: Buffer): PackedPart[] {
  const parts: PackedPart[] = [];
  let start = 0;
  readDirectory(body, (directory, path, encoding) => {
    const size = directory.u32();
    const packing = packings[directory.u8()];
    const length = directory.u32();
    if (packing === undefined) throw new RangeError(`has a bad column "${path}"`);
    if (parts.length === 0) start = directory.end;
    if (start + length > body.length) throw new RangeError(`column "${path}" is cut off`);
    parts.push({ path, encoding, size, packing, data: body.subarray(start, start + length) });
    start += length;
  });
  return parts;
}
