import { messageOf } from "@vedette/sdk";
import { RE2JS } from "re2js";
import { checkLength, MAX_LINEAR_TEXT } from "../regex/index.ts";
import { PatternError } from "./expand.ts";

/** A regular expression whose groups are wanted. Runs in the linear-time engine. */
export interface CaptureRegex {
  /** How many groups it has, without the whole match. */
  readonly groups: number;
  /**
   * The groups of the first matches, at most `most`; a group that took no part is undefined. Throws on texts beyond the
   * engine's limit.
   */
  find(text: string, most: number): (string | undefined)[][];
}

/** Compiles an expression in the syntax of Go. Throws PatternError. */
export function captureRegex(source: string): CaptureRegex {
  let engine: RE2JS;
  try {
    engine = RE2JS.compile(source);
  } catch (error) {
    throw new PatternError(`Wrong regular expression: ${messageOf(error).replace(/\.?$/, ".")}`);
  }
  const groups = engine.groupCount();
  return {
    groups,
    find(text, most) {
      checkLength(text, MAX_LINEAR_TEXT);
      const matcher = engine.matcher(text);
      const found: (string | undefined)[][] = [];
      while (found.length < most && matcher.find())
        found.push(Array.from({ length: groups }, (_, index) => matcher.group(index + 1) ?? undefined));
      return found;
    },
  };
}
