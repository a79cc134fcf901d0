import { isSearchable, type Needle } from "@vedette/core/kernels";
import { type Expr, searchRegex } from "@vedette/core/pipeline";

/** What must be in a text for a condition to hold on it, so that many conditions are looked for in one pass over a column. */
export interface Literal {
  /** The condition holds only for texts that hold one of these. */
  readonly needles: readonly Needle[];
  /** True where it holds for all of these. */
  readonly exact: boolean;
  /** Texts of more bytes have to be asked for in any case: the condition may fault on them. */
  readonly longest: number;
}

/** As the functions of a path are written; `name` without the older names. */
interface Test {
  readonly name: string;
  readonly argument: Expr | undefined;
}

const aliases: Readonly<Record<string, string>> = {
  equal: "equals",
  lowerEqual: "equalsIgnoreCase",
  contain: "contains",
  startWith: "startsWith",
  endWith: "endsWith",
};
const anchors: Readonly<Record<string, Needle["anchor"]>> = {
  contains: "anywhere",
  containsAll: "anywhere",
  startsWith: "start",
  endsWith: "end",
  equals: "whole",
  oneOf: "whole",
  inList: "whole",
  "==": "whole",
  in: "whole",
};
/** Whose lists are trimmed, as the original does. */
const trims: ReadonlySet<string> = new Set(["contains", "containsAll", "startsWith", "endsWith"]);
/** Who compares numbers by value, so that other spellings of a number are equal to it. */
const numeric: ReadonlySet<string> = new Set(["equals", "oneOf", "inList"]);
const numberLike = /^\s*[+-]?[\d.]/;
const kelvin = "\u212a";
const maxSpellings = 8;
const ascii = /^\p{ASCII}*$/u;

/** What a condition compares text with; undefined where it does more than that. What it says of other values is not said here. */
export function literalOf(expr: Expr, patterns?: Readonly<Record<string, string>>): Literal | undefined {
  const test = testOf(expr);
  if (!test) return undefined;
  const { name, argument } = test;
  if (name === "regexMatch" || name === "matches") return ofRegex(textOf(argument), patterns);
  if (name === "equalsIgnoreCase") return ofFolded(textOf(argument));
  const texts = textsOf(test);
  const anchor = anchors[name];
  if (!texts || texts.length === 0 || anchor === undefined || !texts.every(isSearchable)) return undefined;
  if (numeric.has(name) && texts.some((text) => numberLike.test(text) && !Number.isNaN(Number(text))))
    return undefined;
  // Of texts that must all be there, the longest is the rarest.
  const looked = name === "containsAll" ? [texts.reduce((a, b) => (b.length > a.length ? b : a))] : texts;
  return literal(
    looked.map((text) => ({ text, anchor, fold: false })),
    looked.length === texts.length,
  );
}

const literal = (
  needles: readonly Needle[],
  exact: boolean,
  longest = Number.POSITIVE_INFINITY,
): Literal => ({ needles, exact, longest });

function testOf(expr: Expr): Test | undefined {
  if (expr.kind === "call") {
    const { name, target, args } = expr;
    if (target) {
      const known = name === "contains" || name === "startsWith" || name === "endsWith" || name === "matches";
      return known && isPath(target) ? { name, argument: args[0] } : undefined;
    }
    if (name === "matches") return isPath(args[0]!) ? { name, argument: args[1] } : undefined;
    return { name: Object.hasOwn(aliases, name) ? aliases[name]! : name, argument: args[1] };
  }
  if (expr.kind !== "binary") return undefined;
  const { operator, left, right } = expr;
  if (operator === "in")
    return isPath(left) && right.kind === "list" ? { name: "in", argument: right } : undefined;
  if (operator !== "==") return undefined;
  if (isPath(left)) return { name: "==", argument: right };
  return isPath(right) ? { name: "==", argument: left } : undefined;
}

const isPath = (expr: Expr): boolean => expr.kind === "select" || expr.kind === "ident";

const textOf = (expr: Expr | undefined): string | undefined =>
  expr?.kind === "literal" && typeof expr.value === "string" ? expr.value : undefined;

function textsOf({ name, argument }: Test): string[] | undefined {
  if (argument?.kind !== "list") {
    const text = textOf(argument);
    if (text === undefined || name === "containsAll" || name === "oneOf") return undefined;
    return name === "inList" ? text.split(",").map((item) => item.trim()) : [text];
  }
  if (name === "equals" || name === "==") return undefined;
  const texts: string[] = [];
  for (const item of argument.items) {
    const text = textOf(item);
    if (text === undefined) return undefined;
    texts.push(trims.has(name) ? text.trim() : text);
  }
  return texts;
}

/** The only other character whose small letter is an ASCII letter is the Kelvin sign. */
function ofFolded(wanted: string | undefined): Literal | undefined {
  const text = wanted?.toLowerCase();
  if (!text || !ascii.test(text)) return undefined;
  let spellings = [""];
  for (const char of text) {
    const chars = char === "k" ? ["k", kelvin] : [char];
    spellings = spellings.flatMap((spelling) => chars.map((each) => spelling + each));
    if (spellings.length > maxSpellings) return undefined;
  }
  return literal(
    spellings.map((each) => ({ text: each, anchor: "whole", fold: true })),
    true,
  );
}

function ofRegex(
  source: string | undefined,
  patterns: Readonly<Record<string, string>> | undefined,
): Literal | undefined {
  if (source === undefined) return undefined;
  try {
    const { required, limit } = searchRegex(source, patterns);
    if (!required?.every(({ text }) => isSearchable(text))) return undefined;
    return literal(
      required.map(({ text, fold }) => ({ text, anchor: "anywhere", fold })),
      false,
      limit,
    );
  } catch {
    // What is wrong with it the rule's own expression says.
    return undefined;
  }
}
