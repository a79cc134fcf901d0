import { PathError } from "./path-error.ts";
import { compileQueryPath, isQueryPath } from "./query.ts";
import { readKey } from "./read-key.ts";

/** Deepest path that is read or written; deeper JSON is kept as text. */
export const MAX_DEPTH = 16;

/**
 * A compiled gjson path: dots separate, `\` escapes, a number indexes a list, `#` is its length or each element;
 * further what `compileQueryPath` reads.
 */
export interface Path {
  readonly text: string;
  /** Its keys. A path with a query, a wildcard or a bar has no such list: it is `query`, and the text is the only segment. */
  readonly segments: readonly string[];
  readonly query: boolean;
  /** The value at the path; undefined when absent (JSON null is null). Never reads inherited properties. */
  read(root: unknown): unknown;
}

/** Splits a gjson path at its unescaped dots and resolves the escapes. */
export function splitPath(text: string): string[] {
  if (!text.includes("\\")) return text.split(".");
  const segments: string[] = [];
  let current = "";
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if (char === "\\" && index + 1 < text.length) current += text[++index];
    else if (char === ".") {
      segments.push(current);
      current = "";
    } else current += char;
  }
  segments.push(current);
  return segments;
}

/** Writes a key as one path segment, escaping what the path syntax would read otherwise. */
export const escapeSegment = (key: string): string => key.replace(/[\\.*?#|@[{!(]/g, "\\$&");

/** Reads below a value, `#` of lists included. */
export function walk(root: unknown, segments: readonly string[], from: number): unknown {
  let value = root;
  for (let index = from; index < segments.length; index++) {
    const segment = segments[index]!;
    if (segment === "#" && Array.isArray(value)) {
      if (index === segments.length - 1) return value.length;
      return value.map((item) => walk(item, segments, index + 1)).filter((item) => item !== undefined);
    }
    value = readKey(value, segment);
    if (value === undefined) return undefined;
  }
  return value;
}

/** Compiles a path once, so that reading it costs one property access per segment. Throws PathError. */
export function compilePath(text: string): Path {
  if (isQueryPath(text)) return { text, segments: [text], query: true, read: compileQueryPath(text) };
  const segments = splitPath(text);
  const query = false;
  const [first, second] = segments as [string, string | undefined];
  if (segments.length === 1) return { text, segments, query, read: (root) => readKey(root, first) };
  if (segments.length === 2 && second !== "#") {
    return {
      text,
      segments,
      query,
      read:
        first === "#" ? (root) => walk(root, segments, 0) : (root) => readKey(readKey(root, first), second!),
    };
  }
  return { text, segments, query, read: (root) => walk(root, segments, 0) };
}

const CACHE_SIZE = 4096;
const cache = new Map<string, Path>();

function compileOrNothing(text: string): Path {
  try {
    return compilePath(text);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    return { text, segments: [text], query: true, read: () => undefined };
  }
}

/** Compiles a path that is only known at run time; keeps the last few thousand. A wrong one reads nothing. */
export function pathOf(text: string): Path {
  const known = cache.get(text);
  if (known) return known;
  if (cache.size >= CACHE_SIZE) cache.clear();
  const path = compileOrNothing(text);
  cache.set(text, path);
  return path;
}
