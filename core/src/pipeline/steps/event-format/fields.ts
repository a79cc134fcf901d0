import { compileWrite, type JsonObject, textOf } from "../../paths/index.ts";
import {
  compileDate,
  compileFormat,
  isRfc3339,
  ofMilliseconds,
  parseIso,
  type ZoneOffset,
} from "../../time/index.ts";

/** How a well known key of a format becomes a field of the event: a path, and what is done to the value. */
export interface KnownField {
  readonly path: string;
  readonly value?: (text: string) => unknown;
}

/** A known field, ready to write. */
export type FieldWriter = (root: JsonObject, text: string) => boolean;

/** Compiles the known keys of a format. A writer says false where the value is not of its kind; nothing is written then. */
export function compileKnown(known: Readonly<Record<string, KnownField>>): ReadonlyMap<string, FieldWriter> {
  return new Map(
    Object.entries(known).map(([key, { path, value = (text: string): unknown => text }]) => {
      const write = compileWrite(path.split("."));
      return [
        key,
        (root: JsonObject, text: string): boolean => {
          const result = value(text);
          if (result === undefined) return false;
          write(root, result);
          return true;
        },
      ];
    }),
  );
}

/** A count, such as a port or bytes. */
export const whole = (text: string): unknown => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);

const results: Readonly<Record<string, string>> = {
  success: "success",
  succeeded: "success",
  failure: "failed",
  failed: "failed",
  denied: "denied",
  blocked: "denied",
};

/** An outcome as the schema names it. */
export const outcome = (text: string): unknown => {
  const key = text.toLowerCase();
  return Object.hasOwn(results, key) ? results[key] : undefined;
};

const scaleWords: Readonly<Record<string, string>> = {
  low: "low",
  medium: "medium",
  high: "high",
  "very-high": "critical",
  veryhigh: "critical",
  "very high": "critical",
};

/** A severity of 0 to 10, or its word, as the schema names it: 0-3 low, 4-6 medium, 7-8 high, 9-10 critical. */
export function severityOfScale(text: string): string | undefined {
  const word = text.trim().toLowerCase();
  if (/^\d{1,2}$/.test(word)) {
    const number = Number(word);
    if (number > 10) return undefined;
    return number <= 3 ? "low" : number <= 6 ? "medium" : number <= 8 ? "high" : "critical";
  }
  return Object.hasOwn(scaleWords, word) ? scaleWords[word] : undefined;
}

// What CEF and LEEF allow: counts of milliseconds, and dates with or without year, fraction and zone.
const layouts = [
  "Jan 02 2006 15:04:05.999 MST",
  "Jan 02 2006 15:04:05 MST",
  "Jan 02 2006 15:04:05.999 -0700",
  "Jan 02 2006 15:04:05",
  "Jan _2 15:04:05.999 MST",
  "Jan _2 15:04:05",
  "02 Jan 2006 15:04:05",
].map(compileDate);
const format = compileFormat("RFC3339Nano");
/** A time in one of the forms that CEF and LEEF allow, as RFC 3339; undefined for anything else. */
export function eventTime(text: string, near: number, zone: ZoneOffset): string | undefined {
  const value = text.trim();
  if (/^\d{12,14}$/.test(value)) return ofMilliseconds(Number(value));
  if (/^\d{9,11}(?:\.\d{1,9})?$/.test(value)) return ofMilliseconds(Number(value) * 1000);
  if (isRfc3339(value)) return value;
  let moment = parseIso(value, zone);
  for (const parse of layouts) moment ??= parse(value, near, zone);
  return moment && format(moment);
}

/** When a log was read, ms since 1970. */
export const readAt = (root: JsonObject): number => Date.parse(textOf(root["@timestamp"]));
