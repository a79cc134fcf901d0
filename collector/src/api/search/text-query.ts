import { limits } from "../limits.ts";
import { badParameter } from "../problem.ts";
import { comparisonOf } from "./comparison.ts";
import type { Condition, Operator } from "./condition.ts";
import { fieldOf } from "./field.ts";

const parameter = "q";
const fieldStart = /^([A-Za-z@][\w@]*(?:\.[\w$#/-]+)*):(?!\/\/)/;
const comparisons: readonly (readonly [string, Operator])[] = [
  [">=", "gte"],
  ["<=", "lte"],
  [">", "gt"],
  ["<", "lt"],
];

/**
 * Reads the search box: words, "phrases", -negation and field:value, all of which must hold.
 * `field:>5`, `field:>=5`, `field:a*` and `ip:10.0.0.0/8` work as they look; `field:*` asks for any value.
 */
export function readTextQuery(text: string, now: number): Condition[] {
  if (text.length > limits.queryLength)
    throw badParameter(parameter, `The query is longer than ${limits.queryLength} characters.`, {
      at: limits.queryLength,
    });
  const conditions: Condition[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text[at] ?? "")) at++;
    if (at >= text.length) return conditions;
    const { condition, end } = readTerm(text, at, now);
    if (condition) conditions.push(condition);
    at = end;
    if (conditions.length > limits.terms)
      throw badParameter(parameter, `The query has more than ${limits.terms} terms.`, { at });
  }
}

interface Term {
  readonly condition?: Condition;
  readonly end: number;
}

function readTerm(text: string, start: number, now: number): Term {
  const negated = text[start] === "-" && /\S/.test(text[start + 1] ?? "");
  const at = negated ? start + 1 : start;
  if (text[at] === '"') {
    const phrase = readQuoted(text, at);
    return phrase.value.trim() === ""
      ? { end: phrase.end }
      : { condition: textTerm([phrase.value], true, true, negated), end: phrase.end };
  }
  const named = fieldStart.exec(text.slice(at));
  if (named) return fieldTerm(text, at, named[1]!, at + named[0].length, negated, now);
  const word = readWord(text, at);
  // A lone mark such as "-" or "*" asks for nothing.
  const parts = word.value.split("*").filter((part) => part !== "");
  if (parts.join("").length < 2 && !/[\p{L}\p{N}]/u.test(word.value)) return { end: word.end };
  const condition = textTerm(parts, !word.value.startsWith("*"), !word.value.endsWith("*"), negated);
  return { condition, end: word.end };
}

const textTerm = (parts: string[], wholeStart: boolean, wholeEnd: boolean, negated: boolean): Condition => ({
  kind: "text",
  parts,
  wholeStart,
  wholeEnd,
  negated,
});

function fieldTerm(
  text: string,
  at: number,
  name: string,
  valueAt: number,
  negated: boolean,
  now: number,
): Term {
  const field = fieldOf(name, parameter, at);
  const mark = comparisons.find(([sign]) => text.startsWith(sign, valueAt));
  const from = valueAt + (mark ? mark[0].length : 0);
  const isQuoted = text[from] === '"';
  const { value, end } = isQuoted ? readQuoted(text, from) : readWord(text, from);
  if (value === "" && !isQuoted)
    throw badParameter(parameter, `"${name}:" has no value.`, {
      at: valueAt,
      cure: `Write ${name}:value, ${name}:* for any value, or ${name}:"" for none.`,
    });
  const origin = { parameter, at: from, now };
  const operator: Operator = mark
    ? mark[1]
    : isQuoted
      ? "eq"
      : value === "*"
        ? "exists"
        : (field.kind === "text" || field.kind === "dynamic") && value.includes("*")
          ? "like"
          : field.kind === "text" && /(^|\.)ip$/.test(field.path) && value.includes("/")
            ? "cidr"
            : "eq";
  const condition = comparisonOf(field, operator, operator === "exists" ? ["true"] : [value], origin);
  return { condition: negated ? { ...condition, negated: !condition.negated } : condition, end };
}

/** Text between quotes; `\"` is a quote. */
function readQuoted(text: string, start: number): { value: string; end: number } {
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') return { value, end: at + 1 };
    if (char === "\\" && (text[at + 1] === '"' || text[at + 1] === "\\")) value += text[++at];
    else value += char;
  }
  throw badParameter(parameter, "A quote is not closed.", {
    at: start,
    cure: 'Close it with ", or write \\" for the mark.',
  });
}

function readWord(text: string, start: number): { value: string; end: number } {
  let end = start;
  while (end < text.length && !/\s/.test(text[end]!)) end++;
  return { value: text.slice(start, end), end };
}
