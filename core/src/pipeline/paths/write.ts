import { MAX_DEPTH } from "./path.ts";
import { readKey } from "./read-key.ts";

/** A JSON object as the steps change it. */
export type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const MAX_PADDING = 1000;

/** The place of a key in an array: an index, or `-1` for a new last element, as sjson has it. */
function arrayIndex(array: readonly unknown[], key: string): number {
  if (key === "-1") return array.length;
  if (/^\d{1,9}$/.test(key) && Number(key) <= array.length + MAX_PADDING) return Number(key);
  throw new Error(`"${key}" is not a place in a list.`);
}

function setIn(container: JsonObject | unknown[], key: string, value: unknown): void {
  if (Array.isArray(container)) {
    const index = arrayIndex(container, key);
    while (container.length < index) container.push(null);
    container[index] = value;
  } else container[key] = value;
}

/** What is made where a parent is missing: sjson makes a list for a number, but never at the top of a log. */
const parentFor = (key: string, depth: number): JsonObject | unknown[] =>
  depth > 1 && /^\d{1,9}$/.test(key) ? [] : {};

/**
 * Sets a value, as sjson.Set does: missing parents are made, a scalar parent is replaced by an object.
 * Throws when a list on the way is addressed by a name. Segments are sanitized by the caller, so none is `__proto__`.
 * With `depth`, how many segments lead to `root`, missing parents of numbers are lists, as sjson has them. Without it
 * a number is a key like any other: names in logs, such as addresses, would make long lists of nothing.
 */
export function setPath(
  root: JsonObject | unknown[],
  segments: readonly string[],
  value: unknown,
  depth?: number,
): void {
  let container: JsonObject | unknown[] = root;
  const last = segments.length - 1;
  for (let index = 0; index < last; index++) {
    const key: string = segments[index]!;
    const next: unknown = readKey(container, key);
    if (typeof next === "object" && next !== null) container = next as JsonObject;
    else {
      const made = depth === undefined ? {} : parentFor(segments[index + 1]!, depth + index + 1);
      setIn(container, key, made);
      container = made;
    }
  }
  setIn(container, segments[last]!, value);
}

/** Compiles `setPath` for one place that a pipeline names. */
export function compileWrite(segments: readonly string[]): (root: JsonObject, value: unknown) => void {
  const [first, second] = segments as [string, string];
  if (segments.length === 1) {
    return (root, value) => {
      root[first] = value;
    };
  }
  if (segments.length > 2) return (root, value) => setPath(root, segments, value, 0);
  return (root, value) => {
    const parent = root[first];
    if (isObject(parent) && first !== "__proto__") parent[second] = value;
    else setPath(root, segments, value);
  };
}

/**
 * Removes a value; says whether it was there. The property stays with the value undefined, which counts as absent
 * everywhere and is gone from the event: deleting it would make the object slow for all that follows.
 */
export function deletePath(root: JsonObject, segments: readonly string[]): boolean {
  let container: unknown = root;
  const last = segments.length - 1;
  for (let index = 0; index < last; index++) container = readKey(container, segments[index]!);
  const key = segments[last]!;
  if (readKey(container, key) === undefined) return false;
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else (container as JsonObject)[key] = undefined;
  return true;
}

const UNSAFE = /[^\p{L}\p{Nd}._]+/gu;
/** Longest name of one level, in characters; longer ones are cut. */
const MAX_SEGMENT = 256;
const CACHE_SIZE = 8192;
const cache = new Map<string, readonly string[]>();

/**
 * The path segments of a name that came with a log or a pipeline: letters, digits, dots and underscores stay,
 * everything else goes; dots nest. Empty when nothing is left. `__proto__` becomes `proto`.
 */
export function sanitizeName(name: string): readonly string[] {
  const known = cache.get(name);
  if (known) return known;
  const segments = name
    .replace(UNSAFE, "")
    .split(".")
    .filter((segment) => segment !== "")
    .map((segment) => (segment === "__proto__" ? "proto" : segment.slice(0, MAX_SEGMENT)));
  if (segments.length > MAX_DEPTH)
    segments.splice(MAX_DEPTH - 1, segments.length, segments.slice(MAX_DEPTH - 1).join("_"));
  if (name.length <= 256) {
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(name, segments);
  }
  return segments;
}

/** JSON text of a value; throws a sentence where the nesting is too deep even for that. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new Error("The value is nested too deep.", { cause: error });
  }
}

/** As `setPath`, but a list on the way that is addressed by a name gives way to an object: no name of a log may stop its reading. */
function nest(clean: JsonObject, segments: readonly string[], item: unknown): void {
  try {
    setPath(clean, segments, item);
  } catch {
    let container = clean;
    for (const segment of segments.slice(0, -1)) {
      const next = readKey(container, segment);
      const below: JsonObject = isObject(next) ? next : {};
      container[segment] = below;
      container = below;
    }
    container[segments.at(-1)!] = item;
  }
}

/** The values of a parsed JSON text with all names sanitized; below `MAX_DEPTH` objects become JSON text. */
export function sanitizeValue(value: unknown, depth = 1): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return jsonText(value);
  if (Array.isArray(value)) return value.map((item) => sanitizeValue(item, depth + 1));
  const clean: JsonObject = {};
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const segments = sanitizeName(key);
    const item = sanitizeValue((value as JsonObject)[key], depth + 1);
    if (segments.length === 1) clean[segments[0]!] = item;
    else if (segments.length > 1) nest(clean, segments, item);
  }
  return clean;
}

/** Text of a value as gjson gives it: strings as they are, null as "", objects and lists as JSON. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return isObject(value) || Array.isArray(value) ? jsonText(value) : String(value);
}
