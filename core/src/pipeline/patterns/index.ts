export { type CaptureRegex, captureRegex } from "./capture.ts";
export { defaultPatterns } from "./defaults.ts";
export { expandPatterns, PatternError, type Patterns } from "./expand.ts";
export { type PrefixRegex, prefixRegex, searchRegex, trustPatterns } from "./regex.ts";
