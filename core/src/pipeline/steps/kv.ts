import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { PatternError, prefixRegex } from "../patterns/index.ts";
import { quotedPairs, textOfHex } from "./kv-quoted.ts";
import { compileSource, type RunStep, readSourceText, type StepContext, StepError } from "./step.ts";
import { where } from "./where.ts";
import { logOf, putKey } from "./write-log.ts";

/** Splits `key=value` pairs and puts them under `log.`. Quotes have no meaning unless `quotes` says so. */
export const kv = z
  .strictObject({
    source: z.string().describe("Path of the text to split."),
    fieldSplit: z.string().min(1).describe("What stands between two pairs, such as a space."),
    valueSplit: z.string().min(1).describe("What stands between a key and its value, such as `=`."),
    quotes: z
      .enum(["none", "plain", "escaped"])
      .default("none")
      .describe(
        'Whether a value may stand in quotes. `plain`: in `"` or `\'`, to the next equal quote. `escaped`: in `"`, to the next one without a backslash before it. With quotes a key that stands twice is kept once, the first.',
      ),
    hex: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Regular expression of keys whose value, where it has no quotes and is hexadecimal, becomes the text it stands for, as the Linux audit system writes names with spaces. Needs `quotes`.",
      ),
    where,
  })
  .describe(
    "Splits `key=value` pairs and puts them under `log.`. Quotes have no meaning unless `quotes` says so.",
  );

type Options = z.infer<typeof kv>;

/** Most pairs that one text gives. */
const MAX_PAIRS = 4096;

const tooMany = (): Error => new Error(`More than ${MAX_PAIRS} pairs; the rest was left out.`);

/** Whether a key's value may be hexadecimal text. */
function compileHex(hex: string | undefined, context: StepContext): (key: string) => boolean {
  if (hex === undefined) return () => false;
  try {
    const regex = prefixRegex(`(?:${hex})$`, context.patterns);
    return (key) => regex.match(key) === key.length;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new StepError(["hex"], messageOf(error), error.suggestion);
  }
}

function compileQuoted(options: Options, quotes: "plain" | "escaped", context: StepContext): RunStep {
  const path = compileSource(options.source, ["source"]);
  const isHex = compileHex(options.hex, context);
  return ({ root }) => {
    const text = readSourceText(root, path).trim();
    const log = logOf(root);
    const seen = new Set<string>();
    const all = quotedPairs(text, { ...options, quotes }, MAX_PAIRS, (key, value, quoted) => {
      if (seen.has(key)) return;
      seen.add(key);
      putKey(log, key, (!quoted && isHex(key) ? textOfHex(value) : undefined) ?? value);
    });
    if (!all) throw tooMany();
    return undefined;
  };
}

export function compileKv(options: Options, context: StepContext): RunStep {
  const { source, fieldSplit, valueSplit, quotes, hex } = options;
  if (quotes !== "none") return compileQuoted(options, quotes, context);
  if (hex !== undefined)
    throw new StepError(["hex"], "`hex` needs `quotes`, because quotes tell texts from it.");
  const path = compileSource(source, ["source"]);
  return ({ root }) => {
    const text = readSourceText(root, path).trim();
    const log = logOf(root);
    let start = 0;
    for (let count = 0; start <= text.length; count++) {
      if (count >= MAX_PAIRS) throw tooMany();
      const found = text.indexOf(fieldSplit, start);
      const end = found < 0 ? text.length : found;
      const cut = text.indexOf(valueSplit, start);
      if (cut >= 0 && cut < end) {
        putKey(log, text.slice(start, cut), text.slice(cut + valueSplit.length, end).trim());
      }
      start = end + fieldSplit.length;
    }
    return undefined;
  };
}
