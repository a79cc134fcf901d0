import { type NumberLayout, unsliceKernel } from "../kernels/index.ts";
import { mostGrowth, type PackedColumn, type Packing, packings, unpackInto, withUnpacked } from "./blocks.ts";
import { align8, type ColumnSource, encodings, type RawColumn, readDirectory } from "./body.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { type Made, readDynamicParts } from "./dynamic-parts.ts";
import { fileIdBytes, readIds } from "./ids.ts";
import { takeMemory } from "./memory.ts";
import { readPackedNumbers } from "./packed-numbers.ts";
import { finished, textBounds } from "./read-parts.ts";
import { type LineTexts, readSlices } from "./read-slices.ts";
import type { Encoding } from "./types.ts";

/** A column that writes itself packed. */
type Source = ColumnSource<PackedColumn>;

/** What comes in front of packed columns, and the bytes that they have when they are not packed. */
export interface PackedBody {
  readonly directory: Buffer;
  readonly bytes: number;
}

/** Writes the columns of a packed body behind what is there; the first one may have begun at `start` already. */
export function packBody(columns: readonly Source[], out: ByteWriter, start: number): PackedBody {
  let from = start;
  const written = columns.map((column) => {
    const about = column.write(out);
    const size = out.length - from;
    from = out.length;
    return { ...about, size };
  });
  return {
    directory: directoryOf(columns, written),
    bytes: written.reduce((sum, { bytes }) => sum + align8(bytes), 0),
  };
}

function directoryOf(
  columns: readonly Source[],
  written: readonly (PackedColumn & { readonly size: number })[],
): Buffer {
  const directory = new ByteWriter(1_024);
  directory.u32(0);
  directory.u32(columns.length);
  columns.forEach(({ path }, i) => {
    const { encoding, bytes, packing, size } = written[i]!;
    directory.text(path);
    directory.u8(encodings.indexOf(encoding));
    directory.u32(bytes);
    directory.u8(packings.indexOf(packing));
    directory.u32(size);
  });
  const bytes = directory.view();
  bytes.writeUInt32LE(bytes.length - 4, 0);
  return bytes;
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
    // What is not just packed is bounded by the size of a body alone, as where all of it is packed by zstd.
    const most = packing === "ids" ? rows * fileIdBytes : packing === "lz4" ? 0 : size;
    if (size > data.length * mostGrowth + most) throw new RangeError(`column "${path}" has too few bytes`);
  }
  if (all !== bodyBytes) throw new RangeError(`has ${all} bytes where its header says ${bodyBytes}`);
  const memory = takeMemory(all);
  let at = 0;
  const columns = parts.map(({ path, encoding, size }): RawColumn => {
    const bytes = memory.subarray(at, at + size);
    at += align8(size);
    return { path, encoding, bytes };
  });
  let raw: Buffer | undefined;
  for (const [i, { packing, data, path, encoding }] of parts.entries()) {
    if (packing !== "lz4" && packing !== "lines") continue;
    const { bytes } = columns[i]!;
    if (packing === "lines" && encoding !== "text")
      throw new RangeError(`column "${path}" may not be ${encoding} packed as lines`);
    unpackInto(data, bytes, packing === "lines");
    if (path === "raw" && encoding === "text") raw = bytes;
  }
  let lines: LineTexts | undefined;
  const made: Made = {
    rows,
    lines: () => {
      lines ??= raw && linesOf(raw, rows);
      return lines;
    },
  };
  for (const [i, { packing, data, path, encoding }] of parts.entries()) {
    if (packing === "lz4" || packing === "lines") continue;
    const { bytes } = columns[i]!;
    try {
      withUnpacked(data, (content) => {
        if (packing === "ids") readIds(content, rows, made.lines(), bytes);
        else columns[i] = { ...columns[i]!, ...makeColumn(packing, encoding, content, made, bytes) };
      });
    } catch (error) {
      throw error instanceof RangeError ? new RangeError(`column "${path}" ${error.message}`) : error;
    }
  }
  // Whoever reads the lines need not look again where they are.
  const known = lines?.kernel && lines;
  const found = columns.map((column) =>
    known && column.bytes === known.bytes ? { ...column, bounds: known.bounds } : column,
  );
  return { memory, columns: found };
}

function linesOf(raw: Buffer, rows: number): LineTexts {
  const kernel = unsliceKernel();
  const bounds = kernel?.load(raw, rows);
  if (bounds) return { bytes: raw, bounds, kernel };
  return { bytes: raw, bounds: textBounds(new ByteReader(raw), rows), kernel: undefined };
}

/** Makes a column from what it is made from. Gives what is then known of it. Throws a RangeError on anything that does not fit. */
function makeColumn(
  packing: Packing,
  encoding: Encoding,
  content: Buffer,
  made: Made,
  out: Buffer,
): Pick<RawColumn, "bounds" | "made"> {
  const reader = new ByteReader(content);
  let known: Pick<RawColumn, "bounds" | "made"> = {};
  if (packing === "slices" && encoding === "text") {
    const { end, bounds } = readSlices(reader, made.rows, undefined, made.lines(), out, 0);
    if (end !== out.length) throw new RangeError("has less text than its directory says");
    known = { bounds: bounds() };
  } else if (packing === "parts" && encoding === "dynamic")
    known = { made: readDynamicParts(reader, made, out) };
  else if (packing === "numbers" && isNumbers(encoding)) readPackedNumbers(encoding, reader, made.rows, out);
  else throw new RangeError(`may not be ${encoding} packed as ${packing}`);
  finished(reader);
  return known;
}

const isNumbers = (encoding: Encoding): encoding is NumberLayout =>
  encoding === "u32" || encoding === "u64" || encoding === "f64" || encoding === "time";

function readParts(body: Buffer): PackedPart[] {
  const parts: PackedPart[] = [];
  let start = 0;
  readDirectory(body, (directory, path, encoding) => {
    const size = directory.u32();
    const packing = packings[directory.u8()];
    const length = directory.u32();
    if (packing === undefined)
      throw new RangeError(
        `has a column "${path.slice(0, 100)}" in a packing that this program does not know`,
      );
    if (parts.length === 0) start = directory.end;
    if (start + length > body.length) throw new RangeError(`column "${path}" is cut off`);
    parts.push({ path, encoding, size, packing, data: body.subarray(start, start + length) });
    start += length;
  });
  return parts;
}
