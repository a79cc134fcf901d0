import { eventField, type FieldKind } from "@vedette/sdk";
import { isInteger, isU64 } from "./types.ts";

/** Consecutive logs often carry the same time; parsing it costs more than the rest of a field. */
const lastTime: { text: string; time: number | undefined }[] = [];
const lastTimes = 4;

/** Milliseconds since 1970 of an RFC 3339 time; undefined where it is none. */
export function parseTime(text: string): number | undefined {
  for (const last of lastTime) if (last.text === text) return last.time;
  const parsed = Date.parse(text);
  const time = Number.isNaN(parsed) ? undefined : parsed;
  if (lastTime.length >= lastTimes) lastTime.pop();
  lastTime.unshift({ text, time });
  return time;
}

/** Gives a value in the form a column takes, or undefined where it does not fit the kind of the field. */
export type Fit = (value: unknown) => unknown;

const whole: Fit = (value) => value;

const fits: Record<Exclude<FieldKind, "json">, Fit> = {
  text: (value) =>
    typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined,
  time: (value) => (typeof value === "string" ? parseTime(value) : undefined),
  u32: (value) => (isInteger(value, 0xffff_ffff) ? value : undefined),
  u64: (value) => (isU64(value) ? value : undefined),
  f64: (value) => (typeof value === "number" ? value : undefined),
  texts: (value) => (Array.isArray(value) ? value.map(String) : undefined),
};

/** How values of an event path are made to fit its column. */
export function fitOf(path: string): Fit {
  const kind = eventField(path)?.kind;
  return kind === undefined || kind === "json" ? whole : fits[kind];
}
