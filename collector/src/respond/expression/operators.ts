import { searchRegex } from "@vedette/core/pipeline";
import { messageOf } from "@vedette/sdk";
import type { Comparison, Value } from "./ast.ts";
import { EvaluationFault } from "./errors.ts";
import { equal, kindOf } from "./values.ts";

/** A right side that was written `/…/`. */
export class RegexValue {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/** Applies a comparison. Throws EvaluationFault where it has no meaning for these types. */
export function compare(op: Comparison, left: Value, right: Value | RegexValue): boolean {
  if (op === "=~" || op === "!~") return matches(left, right) === (op === "=~");
  if (right instanceof RegexValue) throw new EvaluationFault(`${op} takes no regular expression.`);
  switch (op) {
    case "=":
    case "==":
      return equal(left, right);
    case "!=":
      return !equal(left, right);
    case ">":
      return order(op, left, right) > 0;
    case ">=":
      return order(op, left, right) >= 0;
    case "<":
      return order(op, left, right) < 0;
    case "<=":
      return order(op, left, right) <= 0;
    case "contains":
      return contains(left, right);
    case "like":
      return like(text(op, left), text(op, right));
    case "ilike":
      return like(text(op, left).toLowerCase(), text(op, right).toLowerCase());
    case "starts_with":
      return text(op, left).startsWith(text(op, right));
    case "ends_with":
      return text(op, left).endsWith(text(op, right));
  }
}

/** Null is no text: a field that a plugin left empty is neither a match nor a fault. */
function matches(left: Value, right: Value | RegexValue): boolean {
  const source = right instanceof RegexValue ? right.source : text("=~", right);
  if (left === null) return false;
  if (Array.isArray(left)) return left.some((each: Value) => matches(each, right));
  const subject = text("=~", left);
  try {
    return searchRegex(source, {}).test(subject);
  } catch (error) {
    throw new EvaluationFault(messageOf(error), { cause: error });
  }
}

function contains(left: Value, right: Value): boolean {
  if (left === null) return false;
  if (Array.isArray(left)) return left.some((each: Value) => equal(each, right));
  if (typeof left === "object") return Object.hasOwn(left, text("contains", right));
  return text("contains", left).includes(text("contains", right));
}

/** Numbers by value, texts by code units; a text that is a number is one beside a number. */
function order(op: string, left: Value, right: Value): number {
  if (typeof left === "string" && typeof right === "string")
    return left === right ? 0 : left < right ? -1 : 1;
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a === undefined || b === undefined)
    throw new EvaluationFault(`${op} cannot compare ${kindOf(left)} with ${kindOf(right)}.`);
  return a - b;
}

function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function text(op: string, value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new EvaluationFault(`${op} takes text, not ${kindOf(value)}.`);
}

/** `%` stands for any run of characters, `\%` for itself. Time in proportion to both lengths at most. */
function like(subject: string, pattern: string): boolean {
  const parts = pattern.split(/(?<!\\)%/).map((part) => part.replaceAll("\\%", "%"));
  const first = parts[0]!;
  if (parts.length === 1) return subject === first;
  const last = parts.at(-1)!;
  if (!subject.startsWith(first) || !subject.endsWith(last) || subject.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = subject.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= subject.length - last.length;
}
