import { z } from "zod";
import { compileSource, type RunStep, readSourceText } from "./step.ts";
import { where } from "./where.ts";
import { logOf, putKey } from "./write-log.ts";

/** Splits `key=value` pairs and puts them under `log.`. Quotes have no meaning. */
export const kv = z
  .strictObject({
    source: z.string().describe("Path of the text to split."),
    fieldSplit: z.string().min(1).describe("What stands between two pairs, such as a space."),
    valueSplit: z.string().min(1).describe("What stands between a key and its value, such as `=`."),
    where,
  })
  .describe("Splits `key=value` pairs and puts them under `log.`. Quotes have no meaning.");

/** Most pairs that one text gives. */
const MAX_PAIRS = 4096;

export function compileKv({ source, fieldSplit, valueSplit }: z.infer<typeof kv>): RunStep {
  const path = compileSource(source, ["source"]);
  return ({ root }) => {
    const text = readSourceText(root, path).trim();
    const log = logOf(root);
    let start = 0;
    for (let count = 0; start <= text.length; count++) {
      if (count >= MAX_PAIRS) throw new Error(`More than ${MAX_PAIRS} pairs; the rest was left out.`);
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
