import type { Packer } from "./pack.ts";
import { PlainPacker } from "./pack-js.ts";
import { WasmPacker } from "./pack-wasm.ts";

let shared: Packer | undefined;

/** Packs as fast as can be here. */
export const packer = (): Packer => {
  shared ??= WasmPacker.open() ?? new PlainPacker();
  return shared;
};
