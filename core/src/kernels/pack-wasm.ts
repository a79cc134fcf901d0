import { rowWords } from "./lines.ts";
import { type ExportedNumber, type LoadedKernel, loadKernel } from "./load.ts";
import { type InPlacePacker, type Packer, packBits, packedBytes, pieceBytes, stringBytes } from "./pack.ts";

/** The exports of `assembly/pack.ts`; places are offsets in its memory. */
interface Exports {
  pack(input: number, size: number, out: number, table: number): number;
  unpack(input: number, size: number, out: number, room: number): number;
  strings(input: number, size: number, out: number): number;
  readonly written: ExportedNumber;
  packRows(
    begin: number,
    rows: number,
    count: number,
    mark: number,
    out: number,
    room: number,
    table: number,
  ): number;
}

/** Packs what lies in the memory of another kernel. */
export interface RowPacker extends InPlacePacker {
  /** As `Lines.blocks`, of rows and of what they count from, places in the kernel's memory. */
  packRows(begin: number, rows: number, count: number, mark: number, use: (blocks: Uint8Array) => void): void;
}

const newline = 10;
const slack = 64;
const tableAt = 1_024;
const plainAt = tableAt + (2 << packBits);
const packedAt = plainAt + pieceBytes + slack;
const stringsAt = packedAt + packedBytes + slack;
/** What packing in the memory of another kernel needs of it: the table, and room for one block and those in front of it. */
const ownTable = 2 << packBits;
const blocksBytes = packedBytes * 2;
export const inPlaceBytes = ownTable + blocksBytes + slack;

/** Blocks by WebAssembly. */
export class WasmPacker implements Packer {
  readonly #kernel: Exports;
  readonly #memory: Uint8Array;

  /** Gives undefined where WebAssembly is not to be had. */
  static open(): WasmPacker | undefined {
    const loaded = loadKernel<Exports>("pack", stringsAt + stringBytes + slack);
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
  strings(lines: Uint8Array): Uint8Array | undefined {
    if (lines.length > pieceBytes || lines.at(-1) !== newline) return undefined;
    if (lines.buffer !== this.#memory.buffer || lines.byteOffset !== plainAt)
      this.#memory.set(lines, plainAt);
    const size = this.#kernel.strings(plainAt, lines.length, stringsAt);
    return this.#memory.subarray(stringsAt, stringsAt + size);
  }
}

/** Packs in the memory of another kernel, of which it has `inPlaceBytes` from `at` on, a multiple of 8. Undefined where that cannot be. */
export function rowPacker(loaded: LoadedKernel<unknown>, at: number): RowPacker | undefined {
  const kernel = loaded.beside("pack") as Exports | undefined;
  if (!kernel) return undefined;
  const memory = new Uint8Array(loaded.memory);
  const out = at + ownTable;
  return {
    pack: (bytes) => memory.subarray(out, out + kernel.pack(bytes.byteOffset, bytes.length, out, at)),
    packRows(begin, rows, count, mark, use) {
      for (let done = 0; done < count; ) {
        const from = rows + done * rowWords * 4;
        done += kernel.packRows(begin, from, count - done, mark, out, blocksBytes, at);
        use(memory.subarray(out, out + kernel.written.value));
      }
    },
  };
}
