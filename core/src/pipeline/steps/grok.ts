import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import type { JsonObject, Path } from "../paths/index.ts";
import { PatternError, type PrefixRegex, prefixRegex } from "../patterns/index.ts";
import { checkLength, hasPairs, type Joined, joinRegexes } from "../regex/index.ts";
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

/** Trims only where there is something to trim; most values have nothing. */
export function trimmed(value: string): string {
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(value.length - 1);
  return first > 32 && first < 127 && last > 32 && last < 127 ? value : value.trim();
}

/** A checked grok step: where it reads, what it cuts, and its one native expression where there is one. */
export interface Cutter {
  readonly path: Path;
  readonly parts: readonly Part[];
  /** All parts in one expression; undefined when that would mean something else or be unsafe. */
  readonly joined: Joined | undefined;
  /** The trimmed values of the first parts, part after part: the meaning of the step. Undefined where one does not match. */
  inTurn(text: string): string[] | undefined;
}

function cutInTurn(whole: string, parts: readonly Part[]): string[] | undefined {
  let text = whole;
  const values: string[] = [];
  for (const { regex } of parts) {
    if (text === "") break;
    const length = regex.match(text);
    if (length <= 0) return undefined;
    values.push(text.slice(0, length).trim());
    text = text.slice(length).trim();
  }
  return values;
}

/** What was made of a step: its forms for one line, for blocks and in the interpreter begin with the same. */
const made = new WeakMap<z.infer<typeof grok>, { readonly patterns: unknown; readonly cutter: Cutter }>();

/** Checks a grok step. Throws StepError. */
export function compileCutter(options: z.infer<typeof grok>, context: Pick<StepContext, "patterns">): Cutter {
  const known = made.get(options);
  if (known?.patterns === context.patterns) return known.cutter;
  const cutter = makeCutter(options, context);
  made.set(options, { patterns: context.patterns, cutter });
  return cutter;
}

function makeCutter(
  { source, patterns }: z.infer<typeof grok>,
  context: Pick<StepContext, "patterns">,
): Cutter {
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
  const joined = joinRegexes(
    parts.map((part) => part.regex.compiled),
    parts.map((part) => part.target !== undefined),
  );
  return { path, parts, joined, inTurn: (text) => cutInTurn(text, parts) };
}

/** Writes what the parts cut from a text to a draft. */
type Cut = (text: string, root: JsonObject) => Outcome;

function writeInTurn({ parts, inTurn }: Cutter): Cut {
  return (text, root) => {
    const values = inTurn(text);
    if (!values) return "missed";
    for (let index = 0; index < values.length; index++) parts[index]!.target?.write(root, values[index]);
    return undefined;
  };
}

function writeAtOnce({ parts }: Cutter, joined: Joined, inTurn: Cut): Cut {
  const { regex, groups, nonEmpty, maxText, basicPlaneOnly } = joined;
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

export function compileGrok(options: z.infer<typeof grok>, context: StepContext): RunStep {
  const cutter = compileCutter(options, context);
  const { path, joined } = cutter;
  const inTurn = writeInTurn(cutter);
  const cut = joined ? writeAtOnce(cutter, joined, inTurn) : inTurn;
  return ({ root }) => {
    const text = readSourceText(root, path).trim();
    return text === "" ? "missed" : cut(text, root);
  };
}
