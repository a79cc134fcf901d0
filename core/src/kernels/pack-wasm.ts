import { loadKernel } from "./load.ts";
import { type Packer, packBits, packedBytes, pieceBytes } from "./pack.ts";

/** The exports of `assembly/pack.ts`; places are offsets in its memory. */
interface Exports {
  pack(input: number, size: number, out: number, table: number): number;
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
    const size = this.#kernel.pack(plainAt, bytes.length, packedAt, tableAt);
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
