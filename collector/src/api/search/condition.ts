import type { FieldRef } from "./field.ts";

/** How a filter compares. `like` has `*` for any run of characters; text is compared with its case, `contains` without. */
export const operators = [
  "eq",
  "neq",
  "in",
  "notIn",
  "prefix",
  "contains",
  "like",
  "exists",
  "gt",
  "gte",
  "lt",
  "lte",
  "cidr",
] as const;
export type Operator = (typeof operators)[number];

/** A field compared with values; `values` has one entry except for `in` and `notIn`. */
export interface Comparison {
  readonly kind: "compare";
  readonly field: FieldRef;
  readonly operator: Exclude<Operator, "neq" | "notIn">;
  readonly values: readonly string[];
  /** For numbers and times (milliseconds), the values read. */
  readonly numbers?: readonly number[];
  readonly negated: boolean;
}

/** Text to be found in `raw`, whatever its case: literal parts in this order, with anything between them. */
export interface TextTerm {
  readonly kind: "text";
  readonly parts: readonly string[];
  /** True where the first part begins at the beginning of a word, and the last ends at the end of one. */
  readonly wholeStart: boolean;
  readonly wholeEnd: boolean;
  readonly negated: boolean;
}

/** Of an asset: linked to it when it was stored, or by a name that leads to it now. */
export interface Linked {
  readonly kind: "linked";
  readonly assetId: string;
  /** Lower case. */
  readonly names: readonly string[];
  readonly negated: boolean;
}

/** One condition of a search; all of them must hold. */
export type Condition = Comparison | TextTerm | Linked;
