export type { CodePart } from "./code-part.ts";
export { CutCode, type CutSpace } from "./cut-code.ts";
export { writeMatch, writeTrim } from "./match-code.ts";
export { Unwritten } from "./outlook.ts";
export { mostTouched, type Touch, TouchCode, type Touched } from "./touch-code.ts";
