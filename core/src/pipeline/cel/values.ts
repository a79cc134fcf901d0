import { CelRuntimeError } from "./errors.ts";

const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const BIG = /^\d{16,20}$/;

/** The number a value stands for: a number, or text that is one; undefined for everything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.length > 64) return undefined;
  const text = value.trim();
  return NUMERIC.test(text) ? Number(text) : undefined;
}

/** Below, equal or above as -1, 0 or 1; undefined where one side is no number. 64-bit integers as text compare exactly. */
export function compareNumbers(left: unknown, right: unknown): number | undefined {
  if (typeof left === "string" && typeof right === "string" && BIG.test(left) && BIG.test(right)) {
    const difference = BigInt(left) - BigInt(right);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  const a = numberOf(left);
  const b = numberOf(right);
  if (a === undefined || b === undefined || Number.isNaN(a) || Number.isNaN(b)) return undefined;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Equality of the function `equals`: numeric where both are numeric, else as text of scalars. */
export function flexibleEquals(field: unknown, wanted: unknown): boolean {
  if (field === wanted) return field !== undefined && field !== null;
  if (typeof field === "number" && typeof wanted === "number") return false;
  if (typeof field === "object" || field === undefined || typeof wanted === "object" || wanted === undefined)
    return false;
  const numeric = compareNumbers(field, wanted);
  if (numeric !== undefined) return numeric === 0;
  return String(field) === String(wanted);
}

export const kindOf = (value: unknown): string =>
  value === undefined
    ? "absent"
    : value === null
      ? "null"
      : Array.isArray(value)
        ? "list"
        : typeof value === "object"
          ? "map"
          : typeof value;

const MAX_COMPARE_DEPTH = 32;

/** Equality of `==`. Numbers compare with numeric text only where that text is a 64-bit integer of the schema. */
export function celEquals(left: unknown, right: unknown, depth = 0): boolean {
  if (left === right) return true;
  if (typeof left === "number" && typeof right === "string")
    return BIG_OR_SMALL.test(right) && compareNumbers(left, right) === 0;
  if (typeof left === "string" && typeof right === "number")
    return BIG_OR_SMALL.test(left) && compareNumbers(left, right) === 0;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (depth > MAX_COMPARE_DEPTH) throw new CelRuntimeError("The compared values are nested too deep.");
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => celEquals(item, right[index], depth + 1));
  }
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every(
      (key) =>
        Object.hasOwn(right, key) &&
        celEquals((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key], depth + 1),
    )
  );
}

const BIG_OR_SMALL = /^\d{1,20}$/;

/** Order of `<` and its kin: numbers (also 64-bit integers as text against a number), text, booleans. Undefined where there is none. */
export function celCompare(left: unknown, right: unknown): number | undefined {
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (typeof left === "number" || typeof right === "number") return compareNumbers(left, right);
  return undefined;
}

/** Whether what `celCompare` said is what `<` and its kin ask for. */
export const celOrders = {
  "<": (order: number) => order < 0,
  "<=": (order: number) => order <= 0,
  ">": (order: number) => order > 0,
  ">=": (order: number) => order >= 0,
} as const;

/** The keys of a map, without fields that a step has removed. */
export const presentKeys = (map: object): string[] =>
  Object.keys(map).filter((key) => (map as Record<string, unknown>)[key] !== undefined);

/** Length as `size()` counts it: characters of text, elements of a list, keys of a map. */
export function sizeOf(value: unknown): number | undefined {
  if (typeof value === "string") {
    let length = 0;
    for (const _ of value) length++;
    return length;
  }
  if (Array.isArray(value)) return value.length;
  if (typeof value === "object" && value !== null) return presentKeys(value).length;
  return undefined;
}
