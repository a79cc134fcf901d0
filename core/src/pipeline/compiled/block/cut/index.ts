export { CarriedCode, type CarriedFunction, type CutSpace } from "./carried-code.ts";
export type { CodePart } from "./code-part.ts";
export { CutCode } from "./cut-code.ts";
export { writeMatch, writeTrim } from "./match-code.ts";
export { Unwritten } from "./outlook.ts";
export { mostTouched, type Touch, TouchCode, type Touched } from "./touch-code.ts";
