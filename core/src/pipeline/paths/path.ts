/** Deepest path that is read or written; deeper JSON is kept as text. */
export const MAX_DEPTH = 16;

/** A compiled gjson path: dots separate, `\` escapes, a number indexes an array, `#` is its length or each element. */
export interface Path {
  readonly text: string;
  readonly segments: readonly string[];
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
export const escapeSegment = (key: string): string => key.replace(/[\\.*?#|@]/g, "\\$&");

/** Reads one own property of an object or one element of an array; undefined when there is none. */
export function readKey(value: unknown, key: string): unknown {
  if (value === null || typeof value !== "object") return undefined;
  if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? value[Number(key)] : undefined;
  // `__proto__` is the only inherited property of a plain object that is not a function.
  if (key === "__proto__" && !Object.hasOwn(value, key)) return undefined;
  const found = (value as Record<string, unknown>)[key];
  return typeof found === "function" ? undefined : found;
}

function walk(root: unknown, segments: readonly string[], from: number): unknown {
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

/** Compiles a path once, so that reading it costs one property access per segment. */
export function compilePath(text: string): Path {
  const segments = splitPath(text);
  const [first, second] = segments as [string, string | undefined];
  if (segments.length === 1) return { text, segments, read: (root) => readKey(root, first) };
  if (segments.length === 2 && second !== "#") {
    return {
      text,
      segments,
      read:
        first === "#" ? (root) => walk(root, segments, 0) : (root) => readKey(readKey(root, first), second!),
    };
  }
  return { text, segments, read: (root) => walk(root, segments, 0) };
}

const CACHE_SIZE = 4096;
const cache = new Map<string, Path>();

/** Compiles a path that is only known at run time; keeps the last few thousand. */
export function pathOf(text: string): Path {
  const known = cache.get(text);
  if (known) return known;
  if (cache.size >= CACHE_SIZE) cache.clear();
  const path = compilePath(text);
  cache.set(text, path);
  return path;
}
