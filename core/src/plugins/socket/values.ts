import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";

/** Values of any JSON as `google.protobuf.Value`. */
export function valuesOf(object: Readonly<Record<string, unknown>>): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [key, value] of Object.entries(object))
    values[key] = fromJson(ValueSchema, (value ?? null) as JsonValue);
  return values;
}
