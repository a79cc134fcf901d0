import { isSearchable, type Needle } from "@vedette/core/kernels";
import type { Literal } from "../literal.ts";
import { fold, foldOnce, isAscii, longestAscii } from "./fold.ts";
import { compilePattern, many, mapTexts, type Pattern, plainText, simplified } from "./pattern.ts";

/** A scalar as text, which is how Sigma compares; undefined for what is none. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  return undefined;
}

/** A test of a field's value: of a list, one element must pass. */
export const ofEach = (test: (value: unknown) => boolean) => {
  const each = (value: unknown): boolean => (Array.isArray(value) ? value.some(each) : test(value));
  return each;
};

/** Tests texts against patterns, of which one must fit. */
export function testPatterns(patterns: readonly Pattern[], cased: boolean): (value: unknown) => boolean {
  const tests = patterns.map((pattern) => compilePattern(cased ? pattern : mapTexts(pattern, fold)));
  const wholes = patterns.map((pattern) => plainText(pattern));
  const set =
    wholes.length > 4 && !wholes.includes(undefined)
      ? new Set(wholes.map((text) => (cased ? text! : fold(text!))))
      : undefined;
  return ofEach((value) => {
    const given = textOf(value);
    if (given === undefined) return false;
    const text = cased ? given : foldOnce(given);
    if (set) return set.has(text);
    for (const test of tests) if (test(text)) return true;
    return false;
  });
}

/** Texts that must be in a value for one of some patterns to fit; undefined where a pattern needs none. */
export function literalOfPatterns(patterns: readonly Pattern[], cased: boolean): Literal | undefined {
  let exact = true;
  const needles: Needle[] = [];
  for (const pattern of patterns) {
    const found = needleOf(simplified(pattern), cased);
    if (!found || !isSearchable(found.needle.text)) return undefined;
    needles.push(found.needle);
    exact &&= found.exact;
  }
  return needles.length === 0 ? undefined : { needles, exact, longest: Number.POSITIVE_INFINITY };
}

function needleOf(pattern: Pattern, cased: boolean): { needle: Needle; exact: boolean } | undefined {
  let longest = "";
  let place = -1;
  for (const [i, part] of pattern.entries()) {
    if (typeof part !== "string") continue;
    const text = cased ? part : longestAscii(part);
    if (text.length > longest.length) {
      longest = text;
      place = i;
    }
  }
  if (place < 0) return undefined;
  const whole = cased || isAscii(pattern[place] as string);
  const anchors = {
    start: place === 0 && whole,
    end: place === pattern.length - 1 && whole,
  };
  const anchor =
    anchors.start && anchors.end ? "whole" : anchors.start ? "start" : anchors.end ? "end" : "anywhere";
  const around = pattern.every((part, i) => i === place || (part === many && Math.abs(i - place) === 1));
  return {
    needle: { text: cased ? longest : fold(longest), anchor, fold: !cased },
    exact: whole && around,
  };
}
