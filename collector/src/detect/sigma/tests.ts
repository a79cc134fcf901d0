import { isSearchable } from "@vedette/core/kernels";
import { compileCidr, searchRegex } from "@vedette/core/pipeline";
import type { Leaf } from "../filter.ts";
import type { Literal } from "../literal.ts";
import { type Pattern, patternText } from "./pattern.ts";
import { literalOfPatterns, ofEach, testPatterns, textOf } from "./values.ts";

/** What is asked of a value, without the path that it is read from. */
export type Test = Omit<Leaf, "path">;

/** Whether a value is one of some patterns. */
export function equalsAny(patterns: readonly Pattern[], cased: boolean): Test {
  const name = `sigma ${cased ? "cased " : ""}${JSON.stringify(patterns.map(patternText))}`;
  const literal = literalOfPatterns(patterns, cased);
  const test = { name, test: testPatterns(patterns, cased) };
  return literal ? { ...test, literal } : test;
}

/** The same of one of the parts of a text, which a separator keeps from each other. */
export function inParts(whole: Test, separator: string): Test {
  const { name, test } = whole;
  return {
    ...whole,
    name: `${name} in parts`,
    test: (value) => (typeof value === "string" ? value.split(separator).some(test) : test(value)),
  };
}

export const isAbsent: Test = {
  name: "sigma absent",
  test: (value) => value === undefined || value === null,
};

export const isPresent: Test = {
  name: "sigma present",
  presence: true,
  test: (value) => value !== undefined && value !== null,
};

/** Whether a regular expression is found in a text; beyond the length that its engine takes, in the beginning of it. */
export function matches(source: string): Test {
  const regex = searchRegex(source, {});
  const { limit, required } = regex;
  const test = ofEach((value) => {
    const text = textOf(value);
    return text !== undefined && regex.test(text.length > limit ? text.slice(0, limit) : text);
  });
  const name = `sigma re ${JSON.stringify(source)}`;
  if (!required || required.length === 0 || !required.every(({ text }) => isSearchable(text)))
    return { name, test };
  const needles = required.map(({ text, fold }) => ({ text, anchor: "anywhere" as const, fold }));
  const literal: Literal = { needles, exact: false, longest: Number.POSITIVE_INFINITY };
  return { name, test, literal };
}

/** Whether an address is in a network; undefined where the network cannot be read. */
export function inNetwork(network: string): Test | undefined {
  const contains = compileCidr(network);
  if (!contains) return undefined;
  const test = ofEach((value) => typeof value === "string" && contains(value));
  return { name: `sigma cidr ${network}`, test };
}

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  gt: (value, limit) => value > limit,
  gte: (value, limit) => value >= limit,
  lt: (value, limit) => value < limit,
  lte: (value, limit) => value <= limit,
};

export const isComparison = (name: string): boolean => Object.hasOwn(comparisons, name);

/** A number, or a text that is one. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !/^\s*[+-]?(\d|\.\d)/.test(value)) return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

export function compares(operator: string, limit: number): Test {
  const holds = comparisons[operator]!;
  const test = ofEach((value) => {
    const number = numberOf(value);
    return number !== undefined && holds(number, limit);
  });
  return { name: `sigma ${operator} ${limit}`, test };
}
