import { packer, pieceBytes } from "../kernels/index.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { Encoding } from "./types.ts";

/**
 * How a column is packed: blocks of what it is, or of what it is made from. Ids from stretches of lines, texts as slices of their lines,
 * numbers as how far they are apart, dynamic columns as parts of which each has a form.
 */
export type Packing = "lz4" | "ids" | "slices" | "numbers" | "parts";
export const packings: readonly Packing[] = ["lz4", "ids", "slices", "numbers", "parts"];

/** What a column that was written packed is when it is not. */
export interface PackedColumn {
  readonly encoding: Encoding;
  readonly packing: Packing;
  /** Bytes that it has in a body that is not packed. */
  readonly bytes: number;
}

/** A byte of a block stands for at most so many. */
export const mostGrowth = 255;

/** Writes bytes as blocks, each behind its size and the size that it takes. What does not become smaller is kept as it is. */
export function packInto(bytes: Uint8Array, out: ByteWriter): void {
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    const piece = bytes.subarray(from, from + pieceBytes);
    const packed = packer().pack(piece);
    const kept = packed.length < piece.length ? packed : piece;
    out.u32(piece.length);
    out.u32(kept.length);
    out.raw(kept);
  }
}

/** Unpacks blocks into `out`, which they fill. Throws a RangeError where they do not. */
export function unpackInto(blocks: Buffer, out: Buffer): void {
  const reader = new ByteReader(blocks);
  let at = 0;
  while (reader.offset < reader.end) {
    const size = reader.u32();
    const kept = reader.take(reader.u32());
    if (size === 0 || size > pieceBytes || size > out.length - at)
      throw new RangeError("has a block of a wrong size");
    const piece = kept.length === size ? kept : packer().unpack(kept, size);
    if (piece?.length !== size) throw new RangeError("has a damaged block");
    out.set(piece, at);
    at += size;
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
