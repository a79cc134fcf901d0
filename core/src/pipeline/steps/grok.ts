import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import type { JsonObject } from "../paths/index.ts";
import { PatternError, type PrefixRegex, prefixRegex } from "../patterns/index.ts";
import { checkLength, hasPairs, joinRegexes } from "../regex/index.ts";
import {
  compileSource,
  compileTarget,
  type Outcome,
  type RunStep,
  readSourceText,
  type StepContext,
  StepError,
  type Target,
} from "./step.ts";
import { where } from "./where.ts";

const pattern = z.strictObject({
  fieldName: z.string().default("").describe("Field that takes the matched text; empty for a separator."),
  pattern: z
    .string()
    .min(1)
    .describe("Regular expression in Go syntax; `{{.name}}` inserts a named pattern."),
});

/** Cuts a text from its start, one pattern after the other. Nothing is written where a pattern does not match. */
export const grok = z
  .strictObject({
    source: z.string().default("raw").describe("Path of the text to cut."),
    patterns: z.array(pattern).min(1).max(128).describe("What follows what in the text."),
    where,
  })
  .describe(
    "Cuts a text from its start, one pattern after the other. Nothing is written where a pattern does not match.",
  );

interface Part {
  readonly target: Target | undefined;
  readonly regex: PrefixRegex;
}

/** Writes what the parts cut from a text to a draft. */
type Cut = (text: string, root: JsonObject) => Outcome;

/** Trims only where there is something to trim; most values have nothing. */
function trimmed(value: string): string {
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(value.length - 1);
  return first > 32 && first < 127 && last > 32 && last < 127 ? value : value.trim();
}

/** Part after part: the meaning of the step, and the way for expressions that cannot be joined. */
function cutInTurn(parts: readonly Part[]): Cut {
  return (whole, root) => {
    let text = whole;
    const values: string[] = [];
    for (const { regex } of parts) {
      if (text === "") break;
      const length = regex.match(text);
      if (length <= 0) return "missed";
      values.push(text.slice(0, length).trim());
      text = text.slice(length).trim();
    }
    for (let index = 0; index < values.length; index++) parts[index]!.target?.write(root, values[index]);
    return undefined;
  };
}

/** All parts at once in one native expression; undefined when that would mean something else or be unsafe. */
function cutAtOnce(parts: readonly Part[]): Cut | undefined {
  const joined = joinRegexes(
    parts.map((part) => part.regex.compiled),
    parts.map((part) => part.target !== undefined),
  );
  if (!joined) return undefined;
  const { regex, groups, nonEmpty, maxText, basicPlaneOnly } = joined;
  const inTurn = cutInTurn(parts);
  const targets = parts.flatMap(({ target }, index) => (target ? [{ target, group: groups[index]! }] : []));
  return (text, root) => {
    checkLength(text, maxText);
    if (basicPlaneOnly && hasPairs(text)) return inTurn(text, root);
    const match = regex.exec(text);
    if (match === null) return "missed";
    for (let index = 0; index < nonEmpty.length; index++) if (match[nonEmpty[index]!] === "") return "missed";
    for (let index = 0; index < targets.length; index++) {
      const { target, group } = targets[index]!;
      const value = match[group];
      if (value === undefined) break;
      target.write(root, trimmed(value));
    }
    return undefined;
  };
}

export function compileGrok({ source, patterns }: z.infer<typeof grok>, context: StepContext): RunStep {
  const path = compileSource(source, ["source"]);
  const parts = patterns.map(({ fieldName, pattern }, index): Part => {
    try {
      const target =
        fieldName === "" ? undefined : compileTarget(fieldName, ["patterns", index, "fieldName"]);
      return { target, regex: prefixRegex(pattern, context.patterns) };
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      throw new StepError(["patterns", index, "pattern"], messageOf(error), error.suggestion);
    }
  });
  const cut = cutAtOnce(parts) ?? cutInTurn(parts);
  return ({ root }) => {
    const text = readSourceText(root, path).trim();
    return text === "" ? "missed" : cut(text, root);
  };
}
