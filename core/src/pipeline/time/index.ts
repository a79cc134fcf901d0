export { compileFormat, type FormatTime } from "./format.ts";
export { epochDigits, namedLayouts, splitLayout } from "./layout.ts";
export type { Moment } from "./moment.ts";
export { compileParse, type ParseTime } from "./parse.ts";
