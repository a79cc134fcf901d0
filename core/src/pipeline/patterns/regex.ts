import { messageOf } from "@vedette/sdk";
import { RE2JS } from "re2js";
import { defaultPatterns } from "./defaults.ts";
import { expandPatterns, PatternError, type Patterns } from "./expand.ts";

/** An unanchored regular expression. */
export interface SearchRegex {
  test(text: string): boolean;
  /** The text without any match. */
  remove(text: string): string;
}

/** A regular expression at the start of a text. */
export interface PrefixRegex {
  /** Length of the match at the start; -1 where there is none. */
  match(text: string): number;
}

function linear(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw new PatternError(`Wrong regular expression: ${messageOf(error)}.`);
  }
}

const CACHE_SIZE = 1024;
const searches = new Map<string, SearchRegex>();

/** Compiles an expression for use anywhere in a text. Throws PatternError. */
export function searchRegex(source: string, patterns: Patterns = defaultPatterns): SearchRegex {
  const expanded = expandPatterns(source, patterns);
  const known = searches.get(expanded);
  if (known) return known;
  const regex = linear(expanded);
  const made: SearchRegex = {
    test: (text) => regex.test(text),
    remove: (text) => regex.matcher(text).replaceAll(""),
  };
  if (searches.size >= CACHE_SIZE) searches.clear();
  searches.set(expanded, made);
  return made;
}

/** Compiles an expression for the start of a text. Throws PatternError. */
export function prefixRegex(source: string, patterns: Patterns = defaultPatterns): PrefixRegex {
  const regex = linear(expandPatterns(source, patterns));
  return {
    match: (text) => {
      const matcher = regex.matcher(text);
      return matcher.lookingAt() ? matcher.end() : -1;
    },
  };
}
