import { type ColumnBuilder, NumberBuilder, TextsBuilder } from "./column-builders.ts";
import { placeOf } from "./columns.ts";
import { DynamicBuilder } from "./dynamic-builder.ts";
import { TextBuilder } from "./text-builder.ts";
import { type DynamicType, isPath } from "./types.ts";

const dynamicOf: Partial<Record<string, DynamicType>> = { u32: "Int64", u64: "UInt64", f64: "Float64" };

/** Columns whose values practically never repeat, so that no dictionary is tried. */
const unique = new Set(["id", "raw"]);

/**
 * A fresh column for a path of the event; undefined where the path may not have one. `expected`: bytes that its texts will
 * have, as far as that is known.
 */
export function columnOf(path: string, expected = 0): ColumnBuilder | undefined {
  if (path.startsWith("log.")) return isPath(path) ? new DynamicBuilder() : undefined;
  const place = placeOf(path);
  if (!place) return path.startsWith("compliance.") && isPath(path) ? new DynamicBuilder() : undefined;
  if (place.kind === "json") return new DynamicBuilder(place.field ? dynamicOf[place.field.kind] : undefined);
  switch (place.field.kind) {
    case "text":
      return new TextBuilder(unique.has(path), expected);
    case "texts":
      return new TextsBuilder();
    case "json":
      return undefined;
    default:
      return new NumberBuilder(place.field.kind);
  }
}
