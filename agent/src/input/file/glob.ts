import { basename, resolve, sep } from "node:path";

/** Bound of what braces may expand to. */
const maxExpansions = 1_000;

/**
 * A compiled file pattern: `*` and `?` within a name, `**` for any folders, `{a,b}` for alternatives.
 * Wildcards at the start of a name do not match a leading dot.
 */
export interface Glob {
  readonly pattern: string;
  /** Absolute path, split at slashes; the first part is empty. */
  readonly parts: readonly string[];
}

const isWild = (part: string): boolean => part.includes("*") || part.includes("?");

/** Compiles a pattern into one glob per alternative. Throws a RangeError that says what is wrong with it. */
export function compileGlob(pattern: string, base = process.cwd()): Glob[] {
  return expandBraces(pattern).map((expanded) => {
    const parts = resolve(base, expanded).split(sep);
    if (parts.some((part) => part !== "**" && part.includes("**"))) {
      throw new RangeError(`"**" in "${pattern}" must stand alone between slashes.`);
    }
    return { pattern, parts };
  });
}

/** `a{b,c}d` → `abd`, `acd`; braces may nest. */
export function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf("{");
  if (open < 0) {
    if (pattern.includes("}")) throw new RangeError(`"}" in "${pattern}" closes nothing.`);
    return [pattern];
  }
  const alternatives: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === "{") depth++;
    else if (char === "," && depth === 1) {
      alternatives.push(pattern.slice(from, i));
      from = i + 1;
    } else if (char === "}" && --depth === 0) {
      alternatives.push(pattern.slice(from, i));
      const head = pattern.slice(0, open);
      const rest = pattern.slice(i + 1);
      const expanded = alternatives.flatMap((middle) => expandBraces(head + middle + rest));
      if (expanded.length > maxExpansions) throw new RangeError(`"${pattern}" has too many alternatives.`);
      return [...new Set(expanded)];
    }
  }
  throw new RangeError(`"{" in "${pattern}" is not closed.`);
}

/** Whether a name matches a part with `*` and `?`. Takes at most name × part steps. */
export function matchesName(part: string, name: string): boolean {
  if (name.startsWith(".") && !part.startsWith(".")) return false;
  let at = 0;
  let i = 0;
  let star = -1;
  let mark = 0;
  while (i < name.length) {
    if (at < part.length && (part[at] === "?" || part[at] === name[i]) && part[at] !== "*") {
      at++;
      i++;
    } else if (part[at] === "*") {
      star = at++;
      mark = i;
    } else if (star >= 0) {
      at = star + 1;
      i = ++mark;
    } else return false;
  }
  while (part[at] === "*") at++;
  return at === part.length;
}

/** Whether a whole path matches. */
export function matchesPath(glob: Glob, path: string): boolean {
  return matchesParts(glob.parts, 0, path.split(sep), 0);
}

function matchesParts(parts: readonly string[], at: number, names: readonly string[], from: number): boolean {
  for (let i = at, n = from; ; i++, n++) {
    if (i === parts.length) return n === names.length;
    if (parts[i] === "**") {
      for (let skip = n; skip <= names.length; skip++) {
        if (matchesParts(parts, i + 1, names, skip)) return true;
      }
      return false;
    }
    if (n >= names.length || !matchesName(parts[i]!, names[n]!)) return false;
  }
}

/** What is left out: a pattern with a slash is matched against the path, one without against the name. */
export function compileExclude(patterns: readonly string[], base?: string): (path: string) => boolean {
  const names = patterns.filter((pattern) => !pattern.includes("/")).flatMap(expandBraces);
  const paths = patterns
    .filter((pattern) => pattern.includes("/"))
    .flatMap((each) => compileGlob(each, base));
  return (path) => {
    const name = basename(path);
    return names.some((part) => matchesName(part, name)) || paths.some((glob) => matchesPath(glob, path));
  };
}

export { isWild };
