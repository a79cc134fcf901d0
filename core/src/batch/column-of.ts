import { eventField, type FieldKind } from "@vedette/sdk";
import { type ColumnBuilder, NumberBuilder, TextsBuilder } from "./column-builders.ts";
import { placeOf } from "./columns.ts";
import { DynamicBuilder } from "./dynamic-builder.ts";
import { TextBuilder } from "./text-builder.ts";
import { type DynamicType, isInteger, isPath, isU64 } from "./types.ts";

const dynamicOf: Partial<Record<string, DynamicType>> = { u32: "Int64", u64: "UInt64", f64: "Float64" };

/** Columns whose values practically never repeat, so that no dictionary is tried. */
const unique = new Set(["id", "raw"]);

/** A fresh column for a path of the event; undefined where the path may not have one. */
export function columnOf(path: string): ColumnBuilder | undefined {
  if (path.startsWith("log.")) return isPath(path) ? new DynamicBuilder() : undefined;
  const place = placeOf(path);
  if (!place) return path.startsWith("compliance.") && isPath(path) ? new DynamicBuilder() : undefined;
  if (place.kind === "json") return new DynamicBuilder(place.field ? dynamicOf[place.field.kind] : undefined);
  switch (place.field.kind) {
    case "text":
      return new TextBuilder(unique.has(path));
    case "texts":
      return new TextsBuilder();
    case "json":
      return undefined;
    default:
      return new NumberBuilder(place.field.kind);
  }
}

/** Consecutive logs often carry the same time; parsing it costs more than the rest of a field. */
const lastTime: { text: string; time: number | undefined }[] = [];
const lastTimes = 4;

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

/** How values of a path are made to fit its column. */
export function fitOf(path: string): Fit {
  const kind = eventField(path)?.kind;
  return kind === undefined || kind === "json" ? whole : fits[kind];
}
