import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { PatternError, prefixRegex } from "../patterns/index.ts";
import {
  compileSource,
  compileTarget,
  type RunStep,
  readSourceText,
  type StepContext,
  StepError,
} from "./step.ts";
import { where } from "./where.ts";

const pattern = z.strictObject({
  fieldName: z.string().default("").describe("Field that takes the matched text; empty for a separator."),
  pattern: z
    .string()
    .min(1)
    .describe("Regular expression in Go syntax; `{{.name}}` inserts a named pattern."),
});

/** Cuts a text from its start, one pattern after the other. Nothing is written unless every pattern matched. */
export const grok = z.strictObject({
  source: z.string().default("raw").describe("Path of the text to cut."),
  patterns: z.array(pattern).min(1).max(128).describe("What follows what in the text."),
  where,
});

export function compileGrok({ source, patterns }: z.infer<typeof grok>, context: StepContext): RunStep {
  const path = compileSource(source, ["source"]);
  const parts = patterns.map(({ fieldName, pattern }, index) => {
    try {
      const target =
        fieldName === "" ? undefined : compileTarget(fieldName, ["patterns", index, "fieldName"]);
      return { target, regex: prefixRegex(pattern, context.patterns) };
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      throw new StepError(["patterns", index, "pattern"], messageOf(error), error.suggestion);
    }
  });
  return ({ root }) => {
    let text = readSourceText(root, path).trim();
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
