import type { InPlacePacker, Packer } from "./pack.ts";
import { PlainPacker } from "./pack-js.ts";
import { WasmPacker } from "./pack-wasm.ts";

let shared: Packer | undefined;

/** Packs as fast as can be here. */
export const packer = (): Packer => {
  shared ??= WasmPacker.open() ?? new PlainPacker();
  return shared;
};

const inPlace = new WeakMap<ArrayBufferLike, InPlacePacker>();

/** Says what packs bytes of a kernel's memory. */
export const packsIn = (memory: ArrayBufferLike, own: InPlacePacker): void => {
  inPlace.set(memory, own);
};

/** Packs up to `pieceBytes`, where they lie if a kernel has them in its memory. Void with the next call. */
export const packed = (bytes: Uint8Array): Uint8Array => (inPlace.get(bytes.buffer) ?? packer()).pack(bytes);
