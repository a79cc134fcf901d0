import type { Expr } from "@vedette/core/pipeline";

/** A leaf that only compares text with literals, so that many of them can be answered together. */
export type Literal =
  /** True for exactly these texts. */
  | { readonly kind: "exact"; readonly texts: readonly string[] }
  /** True for texts that hold one of these. */
  | { readonly kind: "parts"; readonly texts: readonly string[] };

const exactCalls: ReadonlySet<string> = new Set(["equals", "equal", "oneOf"]);
const partCalls: ReadonlySet<string> = new Set(["contains", "contain"]);
/** Text that may be a number is also equal to other spellings of it. */
const numberLike = /^\s*[+-]?[\d.]/;

/** What a call compares text with; undefined where it is not such a call. How other values compare is not said here. */
export function literalOf(expr: Expr): Literal | undefined {
  if (expr.kind !== "call" || expr.target) return undefined;
  const exact = exactCalls.has(expr.name);
  if (!exact && !partCalls.has(expr.name)) return undefined;
  const argument = expr.args[1];
  const list = argument?.kind === "list";
  const items = list ? argument.items : argument ? [argument] : [];
  const texts: string[] = [];
  for (const item of items) {
    if (item.kind !== "literal" || typeof item.value !== "string") return undefined;
    // `contains` trims the items of a list, as the original does.
    texts.push(list && !exact ? item.value.trim() : item.value);
  }
  if (texts.length === 0 || texts.includes("")) return undefined;
  if (exact && texts.some((text) => numberLike.test(text) && !Number.isNaN(Number(text)))) return undefined;
  return { kind: exact ? "exact" : "parts", texts };
}
