import { eventField, eventFields, type Field } from "@vedette/sdk";

/** Event fields with a ClickHouse column of their own, in the order of the schema. */
export const columnFields: readonly Field[] = eventFields.filter((field) => field.column);

/** The ClickHouse column of a field: its path, except that `@timestamp` drops the sign SQL cannot read bare. */
export const columnName = (path: string): string => (path === "@timestamp" ? "timestamp" : path);

/** Columns of type JSON: what the source said under its own names, and schema fields too rare for a column. */
export const jsonColumns = { log: "log", rest: "rest" } as const;

/** The ClickHouse type of a field's own column. */
export function columnType(field: Field): string {
  switch (field.kind) {
    case "text":
      return field.lowCardinality ? "LowCardinality(String)" : "String";
    case "time":
      return "DateTime64(3, 'UTC')";
    case "u32":
      return "UInt32";
    case "u64":
      return "UInt64";
    case "f64":
      return "Float64";
    case "texts":
      return "Array(String)";
    case "json":
      return "JSON";
  }
}

/** Where a path of an event lives in the table: a column, or a path inside the JSON column `log` or `rest`. */
export type Place =
  | { readonly kind: "column"; readonly name: string; readonly field: Field }
  | { readonly kind: "json"; readonly column: "log" | "rest"; readonly path: string; readonly field?: Field };

/** Finds the place of a path; undefined where the schema has no such path. */
export function placeOf(path: string): Place | undefined {
  if (path.startsWith("log.")) return { kind: "json", column: "log", path: path.slice(4) };
  const field = eventField(path);
  if (!field) return undefined;
  if (field.column) return { kind: "column", name: columnName(path), field };
  return { kind: "json", column: "rest", path, field };
}
