/** Most bytes of a block before it is packed: a place in it takes 16 bits. */
export const pieceBytes = 64 << 10;
/** Most bytes that a block takes, where nothing in it is found again. */
export const packedBytes = pieceBytes + Math.ceil(pieceBytes / 255) + 32;
/** Most bytes that texts of a block take as ClickHouse Strings, where each has one byte behind it there: two more for 128 bytes and a newline. */
export const stringBytes = pieceBytes + Math.ceil(pieceBytes / 64) + 32;
/** The table of places that were met has 2^13 entries, which stay in the cache of a core. */
export const packBits = 13;

/** LZ4 blocks (its block format, version 1.6), each by itself. What a call gives is void with the next one. */
export interface Packer {
  /** Packs up to `pieceBytes`. */
  pack(bytes: Uint8Array): Uint8Array;
  /** Unpacks a block into at most `room` bytes, themselves at most `pieceBytes`; undefined where it is damaged. */
  unpack(bytes: Uint8Array, room: number): Uint8Array | undefined;
  /**
   * Texts with a newline behind each, of together at most `pieceBytes`, as ClickHouse Strings: each behind its length. Undefined where the
   * last byte is no newline. The bytes may be what `unpack` gave.
   */
  strings(lines: Uint8Array): Uint8Array | undefined;
}

/** Packs what lies in the memory of a kernel where it lies. */
export interface InPlacePacker {
  /** As of `Packer`. The bytes lie in the kernel's memory. */
  pack(bytes: Uint8Array): Uint8Array;
}
