import type { Expr } from "../../cel/ast.ts";
import { numberOf } from "../../cel/values.ts";

/** A text that no number and no boolean equals. */
export const isPlain = (value: unknown): value is string =>
  typeof value === "string" && numberOf(value) === undefined && value !== "true" && value !== "false";

/** The value of an expression that is one; undefined for others. */
export function constantOf(expr: Expr): { readonly value: unknown } | undefined {
  if (expr.kind === "literal") return { value: expr.value };
  if (expr.kind !== "list" || !expr.items.every((item) => item.kind === "literal")) return undefined;
  return { value: expr.items.map((item) => (item.kind === "literal" ? item.value : undefined)) };
}
