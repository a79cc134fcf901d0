import { escapeSegment } from "../paths/index.ts";
import type { Expr } from "./ast.ts";

/**
 * The dotted path of a chain such as `log.a["b"]`, when every step is a literal and the root is not `bound`, as the
 * variable of a macro is; undefined for anything else.
 */
export function dottedPath(expr: Expr, bound?: (name: string) => boolean): string | undefined {
  if (expr.kind === "ident") return bound?.(expr.name) ? undefined : expr.name;
  if (expr.kind !== "select" && expr.kind !== "index") return undefined;
  const parent = dottedPath(expr.object, bound);
  if (parent === undefined) return undefined;
  if (expr.kind === "select") return `${parent}.${expr.field}`;
  if (expr.index.kind !== "literal") return undefined;
  const { value } = expr.index;
  const plain =
    typeof value === "string" || (typeof value === "number" && Number.isInteger(value) && value >= 0);
  return plain ? `${parent}.${escapeSegment(String(value))}` : undefined;
}
