import type { FieldKind } from "@vedette/sdk";
import { type Place, placeOf } from "./columns.ts";

/** Types a value below `log.` or in the `rest` column may have, with the bytes ClickHouse's Dynamic expects. */
export const dynamicTypes = [
  "String",
  "Int64",
  "UInt64",
  "Float64",
  "Bool",
  "Array(Nullable(String))",
  "Array(Nullable(Int64))",
  "Array(Nullable(Float64))",
  "Array(Nullable(Bool))",
] as const;
export type DynamicType = (typeof dynamicTypes)[number];

/** How a column's bytes are laid out. `dict` and `text` are two layouts of the same kind, chosen by the data. */
export type Encoding = "dict" | "text" | "time" | "u32" | "u64" | "f64" | "texts" | "dynamic";

const byKind: Record<Exclude<FieldKind, "json">, readonly Encoding[]> = {
  text: ["dict", "text"],
  time: ["time"],
  u32: ["u32"],
  u64: ["u64"],
  f64: ["f64"],
  texts: ["texts"],
};

/** The ClickHouse type that names an encoding in a Native block. */
export const nativeTypes: Record<Exclude<Encoding, "dynamic">, string> = {
  dict: "LowCardinality(String)",
  text: "String",
  time: "DateTime64(3, 'UTC')",
  u32: "UInt32",
  u64: "UInt64",
  f64: "Float64",
  texts: "Array(String)",
};

/** Whether a path may carry an encoding: the schema decides, whoever sent the batch. */
export function allows(path: string, encoding: Encoding): Place | undefined {
  const place = placeOf(path) ?? (path.startsWith("compliance.") ? restPlace(path) : undefined);
  if (!place) return undefined;
  if (place.kind === "json") return encoding === "dynamic" ? place : undefined;
  const kind = place.field.kind;
  return kind !== "json" && byKind[kind].includes(encoding) ? place : undefined;
}

const restPlace = (path: string): Place => ({ kind: "json", column: "rest", path });

/** Paths reach SQL as JSON path names and objects as keys, so they are plain and bounded. */
export const isPath = (path: string): boolean =>
  path.length <= 512 && !/(^|\.)(__proto__|constructor|prototype)(\.|$)|^\.|\.$|\.\.|\p{Cc}/u.test(path);

export const isInteger = (value: unknown, max: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;

const maxU64 = 0xffff_ffff_ffff_ffffn;

/** An unsigned 64-bit integer, as protojson prints it (text) or as a number. */
export const isU64 = (value: unknown): boolean =>
  typeof value === "string"
    ? /^\d{1,20}$/.test(value) && BigInt(value) <= maxU64
    : isInteger(value, Number.MAX_SAFE_INTEGER);
