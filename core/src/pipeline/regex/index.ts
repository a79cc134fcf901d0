export { mayBeEmpty } from "./analyze.ts";
export { Automaton, noMatch } from "./automaton.ts";
export {
  type Compiled,
  checkLength,
  compileRegex,
  fastAnywhere,
  fastAtOnePosition,
  hasPairs,
  MAX_LINEAR_TEXT,
  MAX_NATIVE_TEXT,
  nativeFor,
} from "./compile.ts";
export { beginOf, type Joined, joinRegexes, withoutStart } from "./join.ts";
export type { Regex } from "./parse.ts";
export { type RequiredText, requiredTexts } from "./required.ts";
export { type CharSet, negate, overlaps, union } from "./sets.ts";
