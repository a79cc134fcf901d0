import { eventField, type FieldKind } from "@vedette/sdk";

/** What is known of one field. */
export type Fact = string | number | undefined;

/** A field that an enricher may set in both sides, with a column of its own. */
export interface FactField {
  /** Path below the side, such as `geolocation.country`. */
  readonly path: string;
  readonly kind: Extract<FieldKind, "text" | "u32" | "u64" | "f64">;
}

const kinds: ReadonlySet<string> = new Set(["text", "u32", "u64", "f64"]);

/** The field of a path below a side; undefined where the schema has no column for it. */
export function factField(path: string): FactField | undefined {
  const field = eventField(`origin.${path}`);
  return field?.column && kinds.has(field.kind) ? { path, kind: field.kind as FactField["kind"] } : undefined;
}

const maxText = 1_024;
const U64 = /^\d{1,20}$/;
const largestU64 = 2n ** 64n - 1n;

/** The value as its field holds it; undefined where it does not fit. Enrichers are not trusted to keep the schema. */
export function fitting(kind: FactField["kind"], value: Fact): Fact {
  switch (kind) {
    case "text":
      return typeof value === "string" ? value.slice(0, maxText) : undefined;
    case "f64":
      return typeof value === "number" && Number.isFinite(value) ? value : undefined;
    case "u32":
      return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffff_ffff
        ? value
        : undefined;
    case "u64": {
      const text = Number.isSafeInteger(value) ? String(value) : value;
      return typeof text === "string" && U64.test(text) && BigInt(text) <= largestU64 ? text : undefined;
    }
  }
}
