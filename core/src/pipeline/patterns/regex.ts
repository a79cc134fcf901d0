import { messageOf, once } from "@vedette/sdk";
import {
  type Compiled,
  checkLength,
  compileRegex,
  fastAnywhere,
  fastAtOnePosition,
  MAX_LINEAR_TEXT,
  MAX_NATIVE_TEXT,
  nativeFor,
  type Regex,
  type RequiredText,
  requiredTexts,
} from "../regex/index.ts";
import { defaultPatterns } from "./defaults.ts";
import { expandPatterns, PatternError, type Patterns } from "./expand.ts";

/** An unanchored regular expression. Throws on texts beyond its limit. */
export interface SearchRegex {
  /** True when it runs in the native engine, which is proved safe for it. */
  readonly native: boolean;
  /** Texts of which every text with a match holds at least one; undefined where there are none. */
  readonly required: readonly RequiredText[] | undefined;
  /** What it says, where that is known. */
  readonly tree: Regex | undefined;
  /** Longest text that is searched, in characters. */
  readonly limit: number;
  test(text: string): boolean;
  /** The text without any match. */
  remove(text: string): string;
}

/** A regular expression at the start of a text. Throws on texts beyond its limit. */
export interface PrefixRegex {
  readonly native: boolean;
  readonly compiled: Compiled;
  /** Length of the match at the start; -1 where there is none. */
  match(text: string): number;
}

const trusted = new WeakSet<Patterns>();

/** From now on expressions with these patterns are taken to be right, which saves half of compiling them. */
export const trustPatterns = (patterns: Patterns): void => void trusted.add(patterns);

/** Checks an expression, unless it is trusted. Throws PatternError. */
function compileExpanded(expanded: string, isTrusted: boolean): Compiled {
  try {
    return compileRegex(expanded, isTrusted);
  } catch (error) {
    throw new PatternError(messageOf(error));
  }
}

function compileSearch(compiled: Compiled): SearchRegex {
  const { tree } = compiled;
  const required = tree && requiredTexts(tree);
  if (!fastAnywhere(compiled)) {
    const engine = once(() => compiled.engine);
    return {
      native: false,
      required,
      tree,
      limit: MAX_LINEAR_TEXT,
      test: (text) => {
        checkLength(text, MAX_LINEAR_TEXT);
        return engine().test(text);
      },
      remove: (text) => {
        checkLength(text, MAX_LINEAR_TEXT);
        return engine().matcher(text).replaceAll("");
      },
    };
  }
  const search = nativeFor(compiled, "");
  const every = nativeFor(compiled, "g");
  return {
    native: true,
    required,
    tree,
    limit: MAX_NATIVE_TEXT,
    test: (text) => {
      checkLength(text, MAX_NATIVE_TEXT);
      return search(text).test(text);
    },
    remove: (text) => {
      checkLength(text, MAX_NATIVE_TEXT);
      return text.replace(every(text), "");
    },
  };
}

function compilePrefix(compiled: Compiled): PrefixRegex {
  if (!fastAtOnePosition(compiled)) {
    const engine = once(() => compiled.engine);
    return {
      native: false,
      compiled,
      match: (text) => {
        checkLength(text, MAX_LINEAR_TEXT);
        const matcher = engine().matcher(text);
        return matcher.lookingAt() ? matcher.end() : -1;
      },
    };
  }
  const at = nativeFor(compiled, "y");
  return {
    native: true,
    compiled,
    match: (text) => {
      checkLength(text, MAX_NATIVE_TEXT);
      const regex = at(text);
      regex.lastIndex = 0;
      return regex.test(text) ? regex.lastIndex : -1;
    },
  };
}

const CACHE_SIZE = 1024;

/** Keeps compiled expressions by their expanded text, because pipelines and rules repeat them. */
function cached<T>(compile: (compiled: Compiled) => T): (source: string, patterns?: Patterns) => T {
  const known = new Map<string, T>();
  return (source, patterns = defaultPatterns) => {
    const expanded = expandPatterns(source, patterns);
    const found = known.get(expanded);
    if (found) return found;
    const made = compile(compileExpanded(expanded, trusted.has(patterns)));
    if (known.size >= CACHE_SIZE) known.clear();
    known.set(expanded, made);
    return made;
  };
}

/** Compiles an expression for use anywhere in a text. Throws PatternError. */
export const searchRegex = cached(compileSearch);

/** Compiles an expression for the start of a text. Throws PatternError. */
export const prefixRegex = cached(compilePrefix);
