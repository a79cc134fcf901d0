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
export { type Joined, joinRegexes } from "./join.ts";
export { type RequiredText, requiredTexts } from "./required.ts";
