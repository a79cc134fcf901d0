import { type Lines, packed, packer, pieceBytes } from "../kernels/index.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { Encoding } from "./types.ts";

/**
 * How a column is packed: blocks of what it is, or of what it is made from. Ids from stretches of lines, texts as slices of their lines,
 * numbers as how far they are apart, dynamic columns as parts of which each has a form, lines as they were read.
 */
export type Packing = "lz4" | "ids" | "slices" | "numbers" | "parts" | "lines";
export const packings: readonly Packing[] = ["lz4", "ids", "slices", "numbers", "parts", "lines"];

/** What a column that was written packed is when it is not. */
export interface PackedColumn {
  readonly encoding: Encoding;
  readonly packing: Packing;
  /** Bytes that it has in a body that is not packed. */
  readonly bytes: number;
}

/** A byte of a block stands for at most so many. */
export const mostGrowth = 255;

/** Says with the size of a block that it has whole texts with a newline behind each, and not what the column is. */
const ofLines = 0x8000_0000;

/** Writes bytes as blocks, each behind its size and the size that it takes. What does not become smaller is kept as it is. */
export function packInto(bytes: Uint8Array, out: ByteWriter): void {
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    packBlock(bytes.subarray(from, from + pieceBytes), 0, out);
  }
}

/** Writes texts with a newline behind each, together at most `pieceBytes`, as a block of the packing `lines`. */
export function packLinesInto(lines: Uint8Array, out: ByteWriter): void {
  packBlock(lines, ofLines, out);
}

/** Writes lines as such blocks, as `Lines.blocks` wants them. */
export function packRowsInto(lines: Lines, first: number, count: number, out: ByteWriter): void {
  lines.blocks(first, count, ofLines, (blocks) => out.raw(blocks));
}

function packBlock(piece: Uint8Array, form: number, out: ByteWriter): void {
  const block = packed(piece);
  const kept = block.length < piece.length ? block : piece;
  out.u32(piece.length + form);
  out.u32(kept.length);
  out.raw(kept);
}

/** Unpacks blocks into `out`, which they fill, with `lines` those of the packing `lines`. Throws a RangeError where they do not. */
export function unpackInto(blocks: Buffer, out: Buffer, lines = false): void {
  const reader = new ByteReader(blocks);
  let at = 0;
  while (reader.offset < reader.end) {
    const head = reader.u32();
    const isLines = lines && head >= ofLines;
    const size = isLines ? head - ofLines : head;
    const kept = reader.take(reader.u32());
    if (size === 0 || size > pieceBytes) throw new RangeError("has a block of a wrong size");
    const piece = kept.length === size ? kept : packer().unpack(kept, size);
    const bytes = piece?.length === size ? (isLines ? packer().strings(piece) : piece) : undefined;
    if (!bytes) throw new RangeError("has a damaged block");
    if (bytes.length > out.length - at) throw new RangeError("has more than its directory says");
    out.set(bytes, at);
    at += bytes.length;
  }
  if (at !== out.length) throw new RangeError(`has ${at} bytes where its directory says ${out.length}`);
}

/** Memory for what one column after the other is made of; kept for the reasons of `withBody`. */
let scratch = new ByteWriter(1 << 16);
const keptBytes = 4 << 20;

/** Lends empty memory, which is void afterwards. Not to be nested. */
export function withScratch<T>(use: (scratch: ByteWriter) => T): T {
  scratch.clear();
  try {
    return use(scratch);
  } finally {
    if (scratch.capacity > keptBytes) scratch = new ByteWriter(1 << 16);
  }
}

/** Packs a column as it is. */
export function packNative(write: (out: ByteWriter) => Encoding, out: ByteWriter): PackedColumn {
  return withScratch((plain) => {
    const encoding = write(plain);
    packInto(plain.view(), out);
    return { encoding, bytes: plain.length, packing: "lz4" };
  });
}

/** Blocks behind the size of what is in them. */
export function packSized(bytes: Uint8Array, out: ByteWriter): void {
  out.u32(bytes.length);
  packInto(bytes, out);
}

let unpacked: Buffer = Buffer.alloc(0);

/**
 * Lends what `packSized` was given; it is void afterwards. Not to be nested. Throws a RangeError where the bytes do not fit. Megabytes a
 * second of memory of their own would be freed only when the garbage collector comes round to them.
 */
export function withUnpacked<T>(data: Buffer, use: (bytes: Buffer) => T): T {
  const size = new ByteReader(data).u32();
  if (size > data.length * mostGrowth) throw new RangeError("has too few bytes");
  if (size > unpacked.length) unpacked = Buffer.allocUnsafeSlow(Math.max(size, unpacked.length * 2));
  try {
    const bytes = unpacked.subarray(0, size);
    unpackInto(data.subarray(4), bytes);
    return use(bytes);
  } finally {
    if (unpacked.length > keptBytes) unpacked = Buffer.alloc(0);
  }
}
