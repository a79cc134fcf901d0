import { crc32 } from "node:zlib";
import { loadKernel } from "./load.ts";

/** The exports of `assembly/checksum.ts`; places are offsets in its memory. */
interface Exports {
  fold(begin: number, size: number): void;
  settle(begin: number): void;
}

/** What a checksum is made of in the end: the last bytes, to which all before were added. */
const lastBytes = 4_800;
/** How many bytes a turn of the kernel takes. */
const turnBytes = 64;
const chunkBytes = 64 << 10;
const chunkAt = 1_024 + lastBytes;
/** Fewer bytes are left to Node: to add all up takes as long as some 10 KiB. */
const leastBytes = 32 << 10;

/** CRC-32 of bytes behind those whose CRC-32 is `value`, as `crc32` of `node:zlib` gives it. */
export type Checksum = (bytes: Uint8Array, value: number) => number;

/** By WebAssembly, with Node's own for the rest, of at least `leastBytes`; undefined where that is not to be had. */
function wasmChecksum(): Checksum | undefined {
  const loaded = loadKernel<Exports>("checksum", chunkAt + chunkBytes);
  if (!loaded) return undefined;
  const { exports: kernel, memory } = loaded;
  const chunk = new Uint8Array(memory, chunkAt, chunkBytes);
  const before = new Uint8Array(memory, chunkAt - lastBytes, lastBytes);
  const first = new DataView(memory, chunkAt, 4);
  return (bytes, value) => {
    const added = bytes.length - lastBytes;
    const end = added - (added % turnBytes);
    before.fill(0);
    for (let at = 0; at < end; at += chunkBytes) {
      const size = Math.min(chunkBytes, end - at);
      chunk.set(bytes.subarray(at, at + size));
      // What a CRC begins with is added to its first bytes.
      if (at === 0) first.setUint32(0, first.getUint32(0, true) ^ ~value, true);
      kernel.fold(chunkAt, size);
    }
    const rest = bytes.length - end;
    chunk.set(bytes.subarray(end));
    kernel.settle(chunkAt);
    // Begins with zeros.
    return crc32(chunk.subarray(0, rest), 0xffff_ffff);
  };
}

let shared: Checksum | undefined;

/** As fast as can be here: Node's own CRC-32 does without the processor's instructions for it. */
export const checksum: Checksum = (bytes, value) => {
  if (bytes.length < leastBytes) return crc32(bytes, value);
  shared ??= wasmChecksum() ?? crc32;
  return shared(bytes, value);
};
