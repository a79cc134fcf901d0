export { type Lines, rowWords } from "./lines.ts";
export { type LoadedKernel, loadKernel } from "./load.ts";
export { type Haystack, isSearchable, type Needle, type NeedleSearch, needleSearch } from "./needles.ts";
export { linesOf } from "./open-lines.ts";
