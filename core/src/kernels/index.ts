export { type Lines, rowWords } from "./lines.ts";
export { type LoadedKernel, loadKernel } from "./load.ts";
export { linesOf } from "./open-lines.ts";
