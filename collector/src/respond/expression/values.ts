import type { Value } from "./ast.ts";

/** Deeper than this, two values count as different. */
const maxDepth = 64;

/** What a condition makes of a value: null, false, 0, empty text, an empty list and an empty map are false. */
export function truthy(value: Value | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Equality by content. No type is turned into another: `1` is not `"1"`. */
export function equal(a: Value, b: Value, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || depth > maxDepth)
    return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((each: Value, index) => equal(each, b[index] as Value, depth + 1));
  }
  const [left, right] = [a as Record<string, Value>, b as Record<string, Value>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equal(left[key]!, right[key]!, depth + 1))
  );
}

/** The value below a path; undefined where there is none. Only a value's own keys and elements count. */
export function valueAt(value: Value | undefined, path: readonly string[]): Value | undefined {
  let at: Value | undefined = value;
  for (const segment of path) {
    if (typeof at !== "object" || at === null) return undefined;
    if (Array.isArray(at))
      at = /^(?:0|[1-9][0-9]{0,9})$/.test(segment) ? (at[Number(segment)] as Value) : undefined;
    else at = Object.hasOwn(at, segment) ? (at as Record<string, Value>)[segment] : undefined;
    if (at === undefined) return undefined;
  }
  return at;
}

/** What a value is called in a message. */
export function kindOf(value: Value): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return { string: "text", number: "a number", boolean: "a boolean", object: "a map" }[
    typeof value as "string" | "number" | "boolean" | "object"
  ];
}
