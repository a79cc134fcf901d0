import type { Operator } from "./search-schema.ts";

/** Text of a scalar as terms are compared by it: 404, "404" and 404.0 are the same. Undefined for anything else. */
export function termOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** Bound of the values of a list that take part in comparisons. */
const maxElements = 64;

/** The scalars of a value: itself, or the elements of a list, as a search index sees it. */
export function termsOf(value: unknown): string[] {
  if (!Array.isArray(value)) {
    const term = termOf(value);
    return term === undefined ? [] : [term];
  }
  return value
    .slice(0, maxElements)
    .map(termOf)
    .filter((term) => term !== undefined);
}

const word = /[\p{L}\p{N}\p{M}_]+/gu;
/** Bound of the text that full-text comparisons look at, in characters. */
const maxText = 32_768;

/** The words of a text, lower-cased, as full-text search splits them. */
export const wordsOf = (text: string): readonly string[] =>
  text.slice(0, maxText).toLowerCase().match(word) ?? [];

/** Tells whether a field's value passes; an absent value is undefined. */
export type TermTest = (value: unknown) => boolean;

/**
 * A comparison with a known value. `term` compares whole values exactly; `match` finds any of the words,
 * whatever their case (the default of an OpenSearch match query); `must_not` also passes where the field is absent.
 */
export function termTest(operator: Operator, wanted: string): TermTest {
  switch (operator) {
    case "filter_term":
      return (value) => (Array.isArray(value) ? termsOf(value).includes(wanted) : termOf(value) === wanted);
    case "must_not_term":
      return (value) => (Array.isArray(value) ? !termsOf(value).includes(wanted) : termOf(value) !== wanted);
    case "filter_match":
      return anyWord(wanted);
    case "must_not_match": {
      const found = anyWord(wanted);
      return (value) => !found(value);
    }
  }
}

function anyWord(wanted: string): TermTest {
  const words = new Set(wordsOf(wanted));
  return (value) => termsOf(value).some((term) => wordsOf(term).some((each) => words.has(each)));
}
