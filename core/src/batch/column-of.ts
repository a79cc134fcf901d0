import type { ByteWriter } from "./bytes.ts";
import type { ColumnBuilder } from "./column-builders.ts";
import { placeOf } from "./columns.ts";
import { DynamicBuilder } from "./dynamic-builder.ts";
import type { Expected } from "./expected.ts";
import { IdBuilder } from "./ids.ts";
import { NumberBuilder } from "./number-builder.ts";
import { RawBuilder } from "./raw-builder.ts";
import { TextBuilder } from "./text-builder.ts";
import { TextsBuilder } from "./texts-builder.ts";
import { type DynamicType, isPath } from "./types.ts";

const dynamicOf: Partial<Record<string, DynamicType>> = { u32: "Int64", u64: "UInt64", f64: "Float64" };

/**
 * A fresh column for a path of the event; undefined where the path may not have one. `frame` is where the column `raw` is packed while
 * it comes.
 */
export function columnOf(
  path: string,
  expected: Expected,
  frame: () => ByteWriter,
): ColumnBuilder | undefined {
  // What comes from the log itself and not from a pipeline.
  if (path === "id") return new IdBuilder();
  if (path === "raw") return new RawBuilder(frame());
  if (path.startsWith("log.")) return isPath(path) ? new DynamicBuilder(undefined, expected) : undefined;
  const place = placeOf(path);
  if (!place)
    return path.startsWith("compliance.") && isPath(path)
      ? new DynamicBuilder(undefined, expected)
      : undefined;
  if (place.kind === "json") return new DynamicBuilder(place.field && dynamicOf[place.field.kind], expected);
  switch (place.field.kind) {
    case "text":
      return new TextBuilder(expected);
    case "texts":
      return new TextsBuilder();
    case "json":
      return undefined;
    default:
      return new NumberBuilder(place.field.kind, expected.rows);
  }
}
