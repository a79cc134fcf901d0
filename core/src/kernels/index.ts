export { whole } from "./automaton.ts";
export {
  BlockFull,
  BlockKernel,
  type BlockTable,
  blockBytes,
  blockRows,
  type EmittedFunction,
} from "./block.ts";
export type { BlockSlot } from "./block-slot.ts";
export { checksum } from "./checksum.ts";
export { type Constant, ConstantValues, longestConstant, mostConstants } from "./constant-values.ts";
export { CutKernel } from "./cut.ts";
export type { CutAutomaton, CutPart } from "./cut-parts.ts";
export { distinctValues } from "./distinct.ts";
export { Bytes } from "./emit/bytes.ts";
export { Code, type Label, type Local, type ValueType } from "./emit/code.ts";
export { EmittedModule } from "./emit/module.ts";
export { gather, gatherings, type PackedKeys } from "./gather.ts";
export type { Distinct, Haystack } from "./haystack.ts";
export { type Lines, rowWords } from "./lines.ts";
export { type LoadedKernel, loadKernel, useModuleCode } from "./load.ts";
export { MemberKernel } from "./members.ts";
export { ModuleCode } from "./module-code.ts";
export { isSearchable, type Needle, type NeedleSearch, needleSearch, needleSearchSteps } from "./needles.ts";
export { longestNumbered, type Numbering, numberingOf, unnumbered } from "./numbering.ts";
export { linesOf } from "./open-lines.ts";
export { packed, packer } from "./open-pack.ts";
export { wordsFor } from "./open-words.ts";
export { pieceBytes } from "./pack.ts";
export { mostPlaces, placeWords, SliceKernel } from "./slices.ts";
export { memoBytes, type NumberForm, numberLayouts, SlotValues, type TextKeys } from "./slot-values.ts";
export { type UnsliceKernel, unsliceKernel, type WordData } from "./unslice.ts";
export type { NumberLayout, Words } from "./words.ts";
