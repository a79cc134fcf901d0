import type { Lines } from "./lines.ts";
import { PlainLines } from "./lines-js.ts";
import { WasmLines } from "./lines-wasm.ts";

/** Lines over a buffer of `bytes`, as WebAssembly where that is to be had. */
export const linesOf = (bytes: number): Lines => WasmLines.open(bytes) ?? new PlainLines(bytes);
