import { PathError } from "./path-error.ts";
import { readKey } from "./read-key.ts";

/** Reads what a part of a path finds in a value. */
type Read = (value: unknown) => unknown;

/** Most characters of a path, and deepest query within a query. */
const MAX_PATH = 1024;
const MAX_QUERIES = 8;

/** gjson's own modifiers. What only looks like one, such as `@timestamp`, is a key. */
const MODIFIERS =
  "@(?:pretty|ugly|reverse|this|flatten|join|valid|keys|values|tostr|fromstr|group|dig)(?=[:.|]|$)";
const MODIFIER = new RegExp(`^${MODIFIERS}`);

interface Component {
  readonly text: string;
  /** What ends it: a dot, a bar, or the end of the path. */
  readonly end: "." | "|" | "";
}

/** Splits a path at dots and bars, but not within the brackets of a query or behind a backslash. */
function componentsOf(path: string): Component[] {
  const components: Component[] = [];
  let from = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < path.length; at++) {
    const char = path[at];
    if (char === "\\") at++;
    else if (char === '"' && depth > 0) quoted = !quoted;
    else if (quoted) continue;
    else if (char === "(" && (depth > 0 || path[at - 1] === "#")) depth++;
    else if (char === ")" && depth > 0) depth--;
    else if (depth === 0 && (char === "." || char === "|")) {
      components.push({ text: path.slice(from, at), end: char });
      from = at + 1;
    }
  }
  if (depth > 0) throw new PathError(`The query in "${path}" is not closed.`);
  components.push({ text: path.slice(from), end: "" });
  return components;
}

function refuse(text: string, path: string): void {
  const modifier = MODIFIER.exec(text)?.[0];
  if (modifier !== undefined)
    throw new PathError(`The modifier "${modifier}" in "${path}" is not supported; paths only read.`);
  if (/^[[{]/.test(text))
    throw new PathError(`"${path}" makes a new value of several paths, which is not supported.`);
  if (/^!/.test(text))
    throw new PathError(`"${path}" holds a value in place of a path, which is not supported.`);
}

const unescaped = (text: string): string => text.replace(/\\([\s\S])/gu, "$1");

/** Tells whether a text fits a pattern in which `*` is any text and `?` one character. Takes the product of both lengths at most. */
export function fitsWildcard(text: string, pattern: readonly (string | typeof any | typeof one)[]): boolean {
  let at = 0;
  let index = 0;
  let back = -1;
  let mark = 0;
  while (at < text.length) {
    const token = pattern[index];
    if (token === any) {
      back = index++;
      mark = at;
    } else if (token === one || token === text[at]) {
      at++;
      index++;
    } else if (back >= 0) {
      index = back + 1;
      at = ++mark;
    } else return false;
  }
  while (pattern[index] === any) index++;
  return index === pattern.length;
}

const any: unique symbol = Symbol("any");
const one: unique symbol = Symbol("one");

function wildcardOf(text: string): (string | typeof any | typeof one)[] {
  const pattern: (string | typeof any | typeof one)[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === "\\" && at + 1 < text.length) pattern.push(text[++at]!);
    else pattern.push(char === "*" ? any : char === "?" ? one : char);
  }
  return pattern;
}

const isWild = (text: string): boolean => /^(?:[^\\*?]|\\[\s\S])*[*?]/u.test(text);

/** The first key that fits and below which `below` finds something, as gjson goes on to the next where it does not. */
function wildKey(text: string, below: Read): Read {
  const pattern = wildcardOf(text);
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    for (const key of Object.keys(value)) {
      const item = (value as Record<string, unknown>)[key];
      const found = item !== undefined && fitsWildcard(key, pattern) ? below(item) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

const OPERATOR = /==|!=|<=|>=|!%|=|<|>|%/;

/** Compares as gjson does: texts as texts, numbers as numbers, anything else only for being equal. */
function comparison(operator: string, given: string): (value: unknown) => boolean {
  if (given.startsWith("~")) throw new PathError(`The query value "${given}" is not supported.`);
  const wanted = given.startsWith('"') ? unescaped(given.replace(/^"|"$/g, "")) : given;
  const pattern = wildcardOf(wanted);
  const number = Number(wanted);
  const ordered = (order: number): boolean => {
    switch (operator) {
      case "==":
      case "=":
        return order === 0;
      case "!=":
        return order !== 0;
      case "<":
        return order < 0;
      case "<=":
        return order <= 0;
      case ">":
        return order > 0;
      default:
        return operator === ">=" && order >= 0;
    }
  };
  return (value) => {
    if (typeof value === "string") {
      if (operator === "%") return fitsWildcard(value, pattern);
      if (operator === "!%") return !fitsWildcard(value, pattern);
      return ordered(value < wanted ? -1 : value > wanted ? 1 : 0);
    }
    if (typeof value === "number")
      return !operator.includes("%") && ordered(value - (Number.isNaN(number) ? 0 : number));
    if (typeof value === "boolean" && (wanted === "true" || wanted === "false"))
      return !operator.includes("%") && ordered(Number(value) - Number(wanted === "true"));
    return false;
  };
}

function operatorAt(query: string): RegExpExecArray | null {
  // An operator within a nested query belongs to that one.
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < query.length; at++) {
    const char = query[at];
    if (char === "\\") at++;
    else if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (depth === 0 && OPERATOR.test(query.slice(at, at + 2))) {
      const found = OPERATOR.exec(query.slice(at, at + 2));
      if (found?.index === 0) {
        found.index = at;
        return found;
      }
    }
  }
  return null;
}

function compileQuery(query: string, depth: number): (item: unknown) => boolean {
  if (depth > MAX_QUERIES) throw new PathError(`Queries are nested deeper than ${MAX_QUERIES}.`);
  const operator = operatorAt(query);
  const left = (operator ? query.slice(0, operator.index) : query).trim();
  const read: Read = left === "" ? (item) => item : compileComponents(left, depth + 1);
  if (!operator) return (item) => read(item) !== undefined;
  const test = comparison(operator[0], query.slice(operator.index + operator[0].length).trim());
  return (item) => {
    const value = read(item);
    return value !== undefined && test(value);
  };
}

const QUERY = /^#\(([\s\S]*)\)(#?)$/;

/** The last component before the next bar, or of the path. */
function lastBeforeBar(components: readonly Component[], index: number): number {
  let last = index;
  while (components[last]!.end === ".") last++;
  return last;
}

/** What is left of a path up to its next bar reads each element where a part says so. */
function compileFrom(components: readonly Component[], index: number, path: string, depth: number): Read {
  const component = components[index];
  if (!component) return (value) => value;
  const { text } = component;
  refuse(text, path);
  const query = QUERY.exec(text);
  const each = text === "#" || query?.[2] === "#";
  if (each) {
    // Everything up to the next bar is read from each element; what follows the bar, from the list of them.
    const last = lastBeforeBar(components, index);
    const rest = compileFrom(components, last + 1, path, depth);
    const inner =
      index === last ? undefined : compileFrom(components.slice(0, last + 1), index + 1, path, depth);
    const keep = query ? compileQuery(query[1]!, depth) : undefined;
    return (value) => {
      if (!Array.isArray(value))
        return keep ? undefined : rest(inner ? inner(readKey(value, "#")) : readKey(value, "#"));
      const kept = keep ? value.filter(keep) : value;
      if (!inner) return rest(keep ? kept : kept.length);
      return rest(kept.map(inner).filter((item) => item !== undefined));
    };
  }
  // A query is no wildcard, whatever it compares with.
  if (!query && isWild(text)) {
    const last = lastBeforeBar(components, index);
    const below = compileFrom(components.slice(0, last + 1), index + 1, path, depth);
    return andThen(wildKey(text, below), compileFrom(components, last + 1, path, depth));
  }
  const next = compileFrom(components, index + 1, path, depth);
  if (query) {
    const keep = compileQuery(query[1]!, depth);
    return (value) => (Array.isArray(value) ? next(value.find(keep)) : undefined);
  }
  return andThen(keyReader(unescaped(text)), next);
}

const andThen =
  (read: Read, next: Read): Read =>
  (value) => {
    const found = read(value);
    return found === undefined ? undefined : next(found);
  };

const keyReader =
  (key: string): Read =>
  (value) =>
    readKey(value, key);

function compileComponents(path: string, depth: number): Read {
  return compileFrom(componentsOf(path), 0, path, depth);
}

/**
 * Compiles a path with gjson's whole syntax for reading: queries such as `#(name=="x").value`, all matches with
 * `#(...)#`, wildcards in keys, bars. Throws PathError for what is wrong or not supported.
 */
export function compileQueryPath(path: string): Read {
  if (path.length > MAX_PATH) throw new PathError(`The path has more than ${MAX_PATH} characters.`);
  return compileComponents(path, 0);
}

const SPECIAL = new RegExp(`(?:^|[.|])(?:[[{!]|${MODIFIERS})|#\\(|\\|`);

/** True for paths that say more than keys, indexes and `#`. */
export const isQueryPath = (path: string): boolean => SPECIAL.test(path) || isWild(path);
