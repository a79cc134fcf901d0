import { z } from "zod";
import { type JsonObject, sanitizeValue } from "../paths/index.ts";
import { compileSource, type RunStep, readSourceText } from "./step.ts";
import { where } from "./where.ts";
import { logOf, putKey } from "./write-log.ts";

/** Parses JSON text and puts its keys under `log.`. */
export const json = z
  .strictObject({
    source: z.string().describe("Path of the text to parse, such as `raw`."),
    where,
  })
  .describe("Parses JSON text and puts its keys under `log.`.");

const LONG_NUMBER = /\d{16}/;

/** JSON.parse, except that whole numbers beyond 2^53 become text instead of other numbers. */
export function parseJson(given: string): unknown {
  // Files from Windows begin with a byte order mark.
  const text = given.charCodeAt(0) === 0xfeff ? given.slice(1) : given;
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== "number" || Number.isSafeInteger(value) || !context?.source) return value;
    return /^-?\d+$/.test(context.source) ? context.source : value;
  });
}

export function compileJson({ source }: z.infer<typeof json>): RunStep {
  const path = compileSource(source, ["source"]);
  return ({ root }) => {
    const found = path.read(root);
    let value: unknown = found;
    if (typeof found !== "object" || found === null) {
      const text = readSourceText(root, path);
      try {
        value = parseJson(text);
      } catch {
        throw new Error(`"${path.text}" is not valid JSON.`);
      }
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Error(`"${path.text}" is JSON, but not an object.`);
    }
    const log = logOf(root);
    let unnamed = 0;
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      // The object is read while `log` may be its own parent, so each value is copied before it is set.
      const item = sanitizeValue((value as JsonObject)[key], 2);
      if (!putKey(log, key, item)) unnamed++;
    }
    if (unnamed > 0) throw new Error(`${unnamed} keys have no letter or digit and were left out.`);
    return undefined;
  };
}
