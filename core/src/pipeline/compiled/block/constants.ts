import type { Expr } from "../../cel/ast.ts";
import { numberOf } from "../../cel/values.ts";

/** How the kernel looks for words, by the function that asks. */
export const modes: Readonly<Record<string, number>> = { endsWith: 0, contains: 1 };

/** How the kernel compares numbers, by the function that asks. */
export const orders: Readonly<Record<string, number>> = {
  lessThan: 0,
  lessOrEqual: 1,
  greaterThan: 2,
  greaterOrEqual: 3,
};

/** As `orders`, for equal numbers. */
export const equalTo = 4;

/** Questions that are answered by a look at the ends of a text, or at a number. */
export const cheap: ReadonlySet<string> = new Set(["equals", "oneOf", "startsWith", ...Object.keys(orders)]);

/** A text that no number and no boolean equals. */
export const isPlain = (value: unknown): value is string =>
  typeof value === "string" && numberOf(value) === undefined && value !== "true" && value !== "false";

/** The value of an expression that is one; undefined for others. */
export function constantOf(expr: Expr): { readonly value: unknown } | undefined {
  if (expr.kind === "literal") return { value: expr.value };
  if (expr.kind !== "list" || !expr.items.every((item) => item.kind === "literal")) return undefined;
  return { value: expr.items.map((item) => (item.kind === "literal" ? item.value : undefined)) };
}
