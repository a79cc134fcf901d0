import { z } from "zod";
import { sanitizeName, setPath } from "../paths/index.ts";
import { logOf } from "./json.ts";
import { compileSource, type RunStep, readSourceText } from "./step.ts";
import { where } from "./where.ts";

/** Splits `key=value` pairs and puts them under `log.`. Quotes have no meaning. */
export const kv = z.strictObject({
  source: z.string().describe("Path of the text to split."),
  fieldSplit: z.string().min(1).describe("What stands between two pairs, such as a space."),
  valueSplit: z.string().min(1).describe("What stands between a key and its value, such as `=`."),
  where,
});

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
        const segments = sanitizeName(text.slice(start, cut));
        const value = text.slice(cut + valueSplit.length, end).trim();
        if (segments.length === 1) log[segments[0]!] = value;
        else if (segments.length > 1) setPath(log, segments, value);
      }
      start = end + fieldSplit.length;
    }
    return undefined;
  };
}
