import { loadKernel } from "./load.ts";
import { PlainPacker } from "./pack-js.ts";

/** Most bytes of a block before it is packed: a place in it takes 16 bits. */
export const pieceBytes = 64 << 10;
/** Most bytes that a block takes, where nothing in it is found again. */
export const packedBytes = pieceBytes + Math.ceil(pieceBytes / 255) + 32;
/** The table of places that were met has 2^13 entries, which stay in the cache of a core. */
export const packBits = 13;

/** LZ4 blocks (its block format, version 1.6), each by itself. What a call gives is void with the next one. */
export interface Packer {
  /** Packs up to `pieceBytes`. */
  pack(bytes: Uint8Array): Uint8Array;
  /** Unpacks a block into at most `room` bytes, themselves at most `pieceBytes`; undefined where it is damaged. */
  unpack(bytes: Uint8Array, room: number): Uint8Array | undefined;
}

/** The exports of `assembly/pack.ts`; places are offsets in its memory. */
interface Exports {
  pack(input: number, size: number, out: number, table: number, bits: number): number;
  unpack(input: number, size: number, out: number, room: number): number;
}

const slack = 64;
const tableAt = 1_024;
const plainAt = tableAt + (2 << packBits);
const packedAt = plainAt + pieceBytes + slack;

/** Blocks by WebAssembly. */
export class WasmPacker implements Packer {
  readonly #kernel: Exports;
  readonly #memory: Uint8Array;

  /** Gives undefined where WebAssembly is not to be had. */
  static open(): WasmPacker | undefined {
    const loaded = loadKernel<Exports>("pack", packedAt + packedBytes + slack);
    return loaded && new WasmPacker(loaded.exports, loaded.memory);
  }

  private constructor(kernel: Exports, memory: ArrayBuffer) {
    this.#kernel = kernel;
    this.#memory = new Uint8Array(memory);
  }

  pack(bytes: Uint8Array): Uint8Array {
    this.#memory.set(bytes, plainAt);
    const size = this.#kernel.pack(plainAt, bytes.length, packedAt, tableAt, packBits);
    return this.#memory.subarray(packedAt, packedAt + size);
  }

  unpack(bytes: Uint8Array, room: number): Uint8Array | undefined {
    if (bytes.length > packedBytes) return undefined;
    this.#memory.set(bytes, packedAt);
    // The kernel's numbers have a sign here.
    const size = this.#kernel.unpack(packedAt, bytes.length, plainAt, room);
    return size < 0 ? undefined : this.#memory.subarray(plainAt, plainAt + size);
  }
}

let shared: Packer | undefined;

/** Packs as fast as can be here. */
export const packer = (): Packer => {
  shared ??= WasmPacker.open() ?? new PlainPacker();
  return shared;
};
