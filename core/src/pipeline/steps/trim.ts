import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { textOf } from "../paths/index.ts";
import { PatternError, type Patterns, searchRegex } from "../patterns/index.ts";
import { compileFields, type RunStep, type StepContext, StepError } from "./step.ts";
import { where } from "./where.ts";

/** Takes text away from the ends or from anywhere. White space at the ends always goes. */
export const trim = z
  .strictObject({
    function: z
      .enum(["prefix", "suffix", "substring", "regex", "space"])
      .describe(
        "`prefix` or `suffix` once; `substring` or `regex` wherever they stand; `space` only white space.",
      ),
    substring: z.string().default("").describe("The text or regular expression to take away."),
    fields: z.array(z.string().min(1)).min(1).describe("Fields to change, where they exist."),
    where,
  })
  .describe("Takes text away from the ends or from anywhere. White space at the ends always goes.");

type Options = z.infer<typeof trim>;

/** The cut itself, without the trimming around it. Throws StepError. */
export function compileCut(
  kind: Options["function"],
  substring: string,
  patterns: Patterns,
): (text: string) => string {
  if (kind === "space") return (text) => text;
  if (substring === "") throw new StepError(["substring"], `The function "${kind}" needs a substring.`);
  if (kind === "prefix") return (text) => (text.startsWith(substring) ? text.slice(substring.length) : text);
  if (kind === "suffix")
    return (text) => (text.endsWith(substring) ? text.slice(0, -substring.length) : text);
  if (kind === "substring") return (text) => text.replaceAll(substring, "");
  try {
    return searchRegex(substring, patterns).remove;
  } catch (error) {
    throw new StepError(
      ["substring"],
      messageOf(error),
      error instanceof PatternError ? error.suggestion : undefined,
    );
  }
}

export function compileTrim(options: Options, { patterns }: StepContext): RunStep {
  const cut = compileCut(options.function, options.substring, patterns);
  const paths = compileFields(options.fields);
  return ({ root }) => {
    let found = false;
    for (const path of paths) {
      const value = path.read(root);
      if (value === undefined) continue;
      found = true;
      path.write(root, cut(textOf(value).trim()).trim());
    }
    return found ? undefined : "missed";
  };
}
