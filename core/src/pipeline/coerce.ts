import type { FieldKind } from "@vedette/sdk";
import { textOf } from "./paths/index.ts";

/** Returned for a value that its field cannot hold. */
export const unfit: unique symbol = Symbol("unfit");

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const RFC3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const MAX_U64 = (1n << 64n) - 1n;

function u32(value: unknown): unknown {
  const number = typeof value === "string" && /^\s*\d{1,10}\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== "number") return unfit;
  return Number.isInteger(number) && number >= 0 && number <= 0xffff_ffff ? number || undefined : unfit;
}

function u64(value: unknown): unknown {
  if (typeof value === "number")
    return Number.isSafeInteger(value) && value >= 0 ? (value === 0 ? undefined : String(value)) : unfit;
  if (typeof value !== "string") return unfit;
  const digits = value.trim().replace(/^0+(?=\d)/, "");
  if (!/^\d{1,20}$/.test(digits) || (digits.length === 20 && BigInt(digits) > MAX_U64)) return unfit;
  return digits === "0" ? undefined : digits;
}

function f64(value: unknown): unknown {
  const number = typeof value === "string" && DECIMAL.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number || undefined : unfit;
}

let lastTime: unknown;

function isoTime(value: unknown): unknown {
  // Neighbouring logs mostly carry the same second.
  if (value === lastTime) return value;
  if (typeof value !== "string" || value.length > 40 || !RFC3339.test(value)) return unfit;
  if (Number.isNaN(Date.parse(value))) return unfit;
  lastTime = value;
  return value;
}

/** True for an object without values. */
export function isEmpty(value: object): boolean {
  for (const key in value) if ((value as Record<string, unknown>)[key] !== undefined) return false;
  return true;
}

/** The value as its field holds it; undefined for a zero value, which is never written; `unfit` where it cannot be. */
export function coerce(kind: FieldKind, value: unknown): unknown {
  if (value === null || value === "" || value === undefined) return undefined;
  switch (kind) {
    case "text":
      if (typeof value === "string") return value;
      return typeof value === "object" ? (isEmpty(value) ? undefined : unfit) : String(value);
    case "u32":
      return u32(value);
    case "u64":
      return u64(value);
    case "f64":
      return f64(value);
    case "time":
      return isoTime(value);
    case "texts":
      if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(textOf);
      return typeof value === "object" ? unfit : [String(value)];
    case "json":
      return typeof value === "object" ? (isEmpty(value) ? undefined : value) : unfit;
  }
}

const severityNames: Readonly<Record<string, string>> = {
  debug: "info",
  trace: "info",
  info: "info",
  information: "info",
  informational: "info",
  notice: "low",
  low: "low",
  warning: "medium",
  warn: "medium",
  medium: "medium",
  error: "high",
  err: "high",
  high: "high",
  critical: "critical",
  crit: "critical",
  fatal: "critical",
  alert: "critical",
  emergency: "critical",
  emerg: "critical",
};

/** One of the five severities; undefined for a word that names none. */
export function severityOf(word: string): string | undefined {
  const known = word.toLowerCase();
  return Object.hasOwn(severityNames, known) ? severityNames[known] : undefined;
}
