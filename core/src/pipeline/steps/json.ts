import { z } from "zod";
import { type JsonObject, sanitizeValue } from "../paths/index.ts";
import { compileSource, type RunStep, sourceText } from "./step.ts";
import { where } from "./where.ts";
import { logOf, putKey } from "./write-log.ts";

/** Parses JSON text and puts its keys under `log.`. */
export const json = z
  .strictObject({
    source: z.string().describe("Path of the text to parse, such as `raw`."),
    where,
  })
  .describe("Parses JSON text and puts its keys under `log.`.");

/** Digits in a row from which on a number may lie beyond 2^53. */
const LONG = 16;

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
};

/** True for a text with a long run of digits. Every such run covers a place that is a multiple of its length. */
function hasLongNumber(text: string): boolean {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isDigit(text, at)) continue;
    let start = at;
    while (start > 0 && isDigit(text, start - 1)) start--;
    let end = at + 1;
    while (end - start < LONG && isDigit(text, end)) end++;
    if (end - start >= LONG) return true;
  }
  return false;
}

/** JSON.parse, except that whole numbers beyond 2^53 become text instead of other numbers. */
export function parseJson(given: string): unknown {
  // Files from Windows begin with a byte order mark.
  const text = given.charCodeAt(0) === 0xfeff ? given.slice(1) : given;
  if (!hasLongNumber(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== "number" || Number.isSafeInteger(value) || !context?.source) return value;
    return /^-?\d+$/.test(context.source) ? context.source : value;
  });
}

/** The object that a value is, or that its text says. Throws where it is none; `name` is the field. */
export function objectOf(found: unknown, name: string): object {
  let value: unknown = found;
  if (typeof found !== "object" || found === null) {
    const text = sourceText(found, name);
    try {
      value = parseJson(text);
    } catch {
      throw new Error(`"${name}" is not valid JSON.`);
    }
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`"${name}" is JSON, but not an object.`);
  return value;
}

export function compileJson({ source }: z.infer<typeof json>): RunStep {
  const path = compileSource(source, ["source"]);
  return ({ root }) => {
    const value = objectOf(path.read(root), path.text);
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
