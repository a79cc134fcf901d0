export { compileDate, dateNames } from "./date.ts";
export { compileFormat, type FormatTime } from "./format.ts";
export { parseIso } from "./iso.ts";
export { epochDigits, months, namedLayouts, splitLayout } from "./layout.ts";
export { type Moment, momentOf, type Parts } from "./moment.ts";
export { compileParse, type ParseTime } from "./parse.ts";
export { isRfc3339, ofMilliseconds } from "./rfc3339.ts";
export { type Rewritten, SameMinute } from "./same-minute.ts";
export { compileZone, type ZoneOffset } from "./zone.ts";
