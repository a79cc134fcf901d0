import { BlockList, isIP } from "node:net";
import type { Event } from "@vedette/sdk";
import type { Comparison, Condition, TextTerm } from "./condition.ts";
import { linkedCheck } from "./linked.ts";
import { isTokenChar, lower, wholeTokens } from "./tokens.ts";

/** Answers whether an event meets all conditions: the same meaning as the SQL, for events that are just passing. */
export function matcherOf(conditions: readonly Condition[]): (event: Event) => boolean {
  const checks = conditions.map((condition) => {
    const check =
      condition.kind === "text"
        ? textCheck(condition)
        : condition.kind === "linked"
          ? linkedCheck(condition)
          : comparisonCheck(condition);
    return condition.negated ? (event: Event) => !check(event) : check;
  });
  return (event) => checks.every((check) => check(event));
}

type Check = (event: Event) => boolean;

function textCheck(term: TextTerm): Check {
  const parts = term.parts.map(lower);
  const tokens = wholeTokens(term);
  return (event) => {
    const line = lower(event.raw ?? "");
    return tokens.every((token) => holdsWord(line, token)) && holdsParts(line, parts, term);
  };
}

const holdsWord = (line: string, token: string): boolean => find(line, token, 0, true, true) >= 0;

/** The leftmost place of each part after the one before; leftmost is never worse, so this is exact and linear. */
function holdsParts(line: string, parts: readonly string[], { wholeStart, wholeEnd }: TextTerm): boolean {
  let from = 0;
  for (const [index, part] of parts.entries()) {
    const at = find(line, part, from, wholeStart && index === 0, wholeEnd && index === parts.length - 1);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

function find(line: string, part: string, from: number, start: boolean, end: boolean): number {
  const checkStart = start && isTokenChar(part[0]);
  const checkEnd = end && isTokenChar(part.at(-1));
  for (let at = line.indexOf(part, from); at >= 0; at = line.indexOf(part, at + 1)) {
    const startFits = !checkStart || at === 0 || !isTokenChar(line[at - 1]);
    if (startFits && (!checkEnd || !isTokenChar(line[at + part.length]))) return at;
  }
  return -1;
}

function comparisonCheck(comparison: Comparison): Check {
  const path = comparison.field.path.split(".");
  const holds = valueCheck(comparison);
  return (event) => holds(valueAt(event, path));
}

/** The value of a dotted path; a parent that holds a scalar may have the rest of the path as one key beside it. */
export function valueAt(event: object, path: readonly string[]): unknown {
  let node: unknown = event;
  for (const [index, key] of path.entries()) {
    if (typeof node !== "object" || node === null) return undefined;
    const child = (node as Record<string, unknown>)[key];
    if (child === undefined) return (node as Record<string, unknown>)[path.slice(index).join(".")];
    node = child;
  }
  return node;
}

function valueCheck({ field, operator, values, numbers }: Comparison): (value: unknown) => boolean {
  const [wanted = ""] = values;
  const [number = 0] = numbers ?? [];
  if (operator === "exists") return (value) => textOf(value) !== "";
  if (operator === "cidr") {
    const inside = networkCheck(wanted);
    return (value) => inside(textOf(value));
  }
  if (operator === "like") {
    const parts = wanted.split("*");
    return (value) => likeMatches(textOf(value), parts);
  }
  if (operator === "prefix") return (value) => textOf(value).startsWith(wanted);
  if (operator === "contains") {
    const needle = lower(wanted);
    return (value) => [value].flat().some((each) => lower(textOf(each)).includes(needle));
  }
  if (operator === "eq" || operator === "in") {
    if (numbers) return (value) => numbers.includes(numberOf(value, field.kind));
    if (field.kind === "texts")
      return (value) => Array.isArray(value) && value.some((each) => values.includes(each));
    return (value) => values.includes(textOf(value));
  }
  return (value) => {
    const left = numberOf(value, field.kind);
    if (operator === "gt") return left > number;
    if (operator === "gte") return left >= number;
    return operator === "lt" ? left < number : left <= number;
  };
}

const textOf = (value: unknown): string =>
  value === undefined || value === null
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

const numberOf = (value: unknown, kind: string): number => {
  if (kind === "time") return value === undefined ? 0 : Date.parse(String(value));
  if (kind === "dynamic") return value === undefined || value === "" ? Number.NaN : Number(value);
  return value === undefined ? 0 : Number(value);
};

function likeMatches(text: string, parts: readonly string[]): boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (parts.length === 1) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= text.length - last.length;
}

function networkCheck(cidr: string): (address: string) => boolean {
  const [network = "", bits = ""] = cidr.split("/");
  const list = new BlockList();
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  list.addSubnet(network, Number(bits), family);
  return (address) => isIP(address) === (family === "ipv6" ? 6 : 4) && list.check(address, family);
}
