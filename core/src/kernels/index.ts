export { type CutAutomaton, CutKernel, type CutPart } from "./cut.ts";
export { distinctValues } from "./distinct.ts";
export { gather, gatherings, type PackedKeys } from "./gather.ts";
export type { Distinct, Haystack } from "./haystack.ts";
export { type Lines, rowWords } from "./lines.ts";
export { type LoadedKernel, loadKernel } from "./load.ts";
export { isSearchable, type Needle, type NeedleSearch, needleSearch } from "./needles.ts";
export { linesOf } from "./open-lines.ts";
export { mostPlaces, placeWords, SliceKernel } from "./slices.ts";
