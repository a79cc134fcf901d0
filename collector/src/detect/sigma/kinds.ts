/** What a YAML document of a rule path is, told by its content. */
export type DocumentKind =
  | "sigma"
  | "sigma-filter"
  | "sigma-correlation"
  | "sigma-mapping"
  | "pipeline"
  | "rule";

export function kindOf(value: unknown): DocumentKind {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "rule";
  if (Object.hasOwn(value, "sigmaMapping")) return "sigma-mapping";
  if (Object.hasOwn(value, "pipeline")) return "pipeline";
  // An EventProcessor rule has `correlation` too, but as a list and beside `where`.
  if (Object.hasOwn(value, "where") || Object.hasOwn(value, "dataTypes")) return "rule";
  if (Object.hasOwn(value, "detection")) return "sigma";
  if (Object.hasOwn(value, "correlation")) return "sigma-correlation";
  if (Object.hasOwn(value, "filter")) return "sigma-filter";
  return Object.hasOwn(value, "logsource") || Object.hasOwn(value, "title") ? "sigma" : "rule";
}
