export { type PatternOptions, parsePattern, type TextPattern } from "./pattern.ts";
