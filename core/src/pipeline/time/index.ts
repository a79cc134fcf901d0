export { compileFormat } from "./format.ts";
export { epochDigits, namedLayouts, splitLayout } from "./layout.ts";
export { compileParse } from "./parse.ts";
