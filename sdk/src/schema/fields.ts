import { z } from "zod";

/**
 * How a leaf of the event schema is held outside JavaScript.
 * `text` UTF-8, `time` milliseconds since 1970 in UTC, `u32`/`u64` unsigned integers, `f64` a double,
 * `texts` a list of text, `json` anything (kept as JSON).
 */
export type FieldKind = "text" | "time" | "u32" | "u64" | "f64" | "texts" | "json";

/** What the store and the batch need to know of a leaf, carried by the zod schema itself. */
export interface FieldMeta {
  readonly kind: FieldKind;
  /** True when the field has a ClickHouse column of its own; the others share the `rest` column. */
  readonly column: boolean;
  /** True when few distinct values are expected in the store (LowCardinality). */
  readonly lowCardinality: boolean;
  readonly description: string;
}

interface LeafOptions {
  readonly column?: boolean;
  readonly lowCardinality?: boolean;
}

const meta = (kind: FieldKind, description: string, options: LeafOptions) => ({
  description,
  vedette: {
    kind,
    column: options.column ?? false,
    lowCardinality: options.lowCardinality ?? false,
    description,
  } satisfies FieldMeta,
});

const U64 = /^\d{1,20}$/;

export const text = (description: string, options: LeafOptions = {}) =>
  z
    .string()
    .meta(meta("text", description, options))
    .optional();
export const u32 = (description: string, options: LeafOptions = {}) =>
  z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .meta(meta("u32", description, options))
    .optional();
/** protojson prints 64-bit integers as strings; numbers are accepted and mean the same. */
export const u64 = (description: string, options: LeafOptions = {}) =>
  z
    .union([z.string().regex(U64), z.int().min(0)])
    .meta(meta("u64", description, options))
    .optional();
export const f64 = (description: string, options: LeafOptions = {}) =>
  z
    .number()
    .meta(meta("f64", description, options))
    .optional();
export const time = (description: string, options: LeafOptions = {}) =>
  z
    .string()
    .meta(meta("time", description, options))
    .optional();
export const texts = (description: string, options: LeafOptions = {}) =>
  z
    .array(z.string())
    .meta(meta("texts", description, options))
    .optional();
export const json = (description: string, options: LeafOptions = {}) =>
  z
    .record(z.string(), z.unknown())
    .meta(meta("json", description, options))
    .optional();

/** A leaf of the event schema: its dotted path (the same in API, rules and SQL) and its metadata. */
export interface Field extends FieldMeta {
  readonly path: string;
}

interface Walkable {
  readonly shape?: Record<string, Walkable>;
  unwrap?(): Walkable;
  meta?(): Record<string, unknown> | undefined;
}

/** Lists the leaves of a schema made of the helpers above, depth first, in declaration order. */
export function fieldsOf(schema: z.ZodType, prefix = ""): Field[] {
  const walk = (node: Walkable, path: string): Field[] => {
    const own = node.meta?.()?.["vedette"] as FieldMeta | undefined;
    if (own) return [{ path, ...own }];
    if (node.shape) {
      return Object.entries(node.shape).flatMap(([key, child]) => walk(child, path ? `${path}.${key}` : key));
    }
    if (node.unwrap) return walk(node.unwrap(), path);
    throw new Error(`The schema leaf "${path}" has no field metadata.`);
  };
  return walk(schema as unknown as Walkable, prefix);
}
