import { type JsonObject, textOf } from "../paths/index.ts";
import { compileSource, StepError } from "./step.ts";

const PLACEHOLDER = /\{\{\s*\.?([^{}]*?)\s*\}\}/g;
/** Most placeholders of one text. */
const MAX_PLACEHOLDERS = 64;

/** A value made anew for each draft; undefined where a path in it is absent. */
export type MakeValue = (root: JsonObject) => unknown;

/** True for a text that holds a `{{path}}`. */
export const hasPlaceholder = (text: string): boolean => /\{\{[^{}]*\}\}/.test(text);

/** A text as the texts around its placeholders, one more than these, and their paths. */
export function templateOf(text: string): {
  readonly literals: readonly string[];
  readonly paths: readonly string[];
} {
  const literals: string[] = [];
  const paths: string[] = [];
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    literals.push(text.slice(from, match.index));
    paths.push(match[1]!);
    from = match.index + match[0].length;
  }
  literals.push(text.slice(from));
  return { literals, paths };
}

/**
 * Compiles a value that may name paths: a text that is one `{{path}}` is the value there, a text with `{{path}}` among
 * others is a text. Anything else stands for itself. Throws StepError.
 */
export function compileValue(value: unknown, at: readonly PropertyKey[]): MakeValue {
  if (typeof value === "object" && value !== null) return () => structuredClone(value);
  if (typeof value !== "string" || !hasPlaceholder(value)) return () => value;
  const { literals, paths: names } = templateOf(value);
  const paths = names.map((name) => compileSource(name, at));
  if (paths.length > MAX_PLACEHOLDERS)
    throw new StepError(at, `More than ${MAX_PLACEHOLDERS} paths in a text.`);
  const [only] = paths;
  if (only && paths.length === 1 && literals.every((literal) => literal === "")) {
    return (root) => {
      const found = only.read(root);
      return typeof found === "object" && found !== null ? structuredClone(found) : found;
    };
  }
  return (root) => {
    let text = literals[0]!;
    for (let index = 0; index < paths.length; index++) {
      const found = paths[index]!.read(root);
      if (found === undefined) return undefined;
      text += textOf(found) + literals[index + 1]!;
    }
    return text;
  };
}
