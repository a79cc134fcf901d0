import { analyze, anythingFollows, looksBehind, noneFollows } from "./analyze.ts";
import { type Compiled, fastAtOnePosition, MAX_NATIVE_TEXT } from "./compile.ts";
import { emitRegex, emitSet } from "./emit.ts";
import type { Regex } from "./parse.ts";

/** Several expressions that follow each other, as one native expression. */
export interface Joined {
  readonly regex: RegExp;
  /** Number of the group that holds each expression's match; 0 where it is not kept. */
  readonly groups: readonly number[];
  /** Groups that must not be empty. */
  readonly nonEmpty: readonly number[];
  readonly maxText: number;
  /** Says the same as its parts only for texts without characters outside the basic plane. */
  readonly basicPlaneOnly: boolean;
}

/** Each expression is tried at the start of what is left, so `^` at its start says nothing. */
export function withoutStart(regex: Regex): Regex {
  if (regex.kind !== "sequence") return regex;
  const [first, ...items] = regex.items;
  return first?.kind === "assert" && first.assert === "start" ? { kind: "sequence", items } : regex;
}

/** What follows `^` in an expression that holds to the start of a text and looks at nothing else before it; undefined for others. */
export function beginOf(regex: Regex): Regex | undefined {
  const rest = withoutStart(regex);
  return rest === regex || looksBehind(rest) ? undefined : rest;
}

/** The set of an unbounded greedy loop that ends the expression. */
function finalLoop(regex: Regex): Extract<Regex, { kind: "set" }> | undefined {
  if (regex.kind === "sequence") return regex.items.length > 0 ? finalLoop(regex.items.at(-1)!) : undefined;
  const unbounded = regex.kind === "repeat" && regex.max === Number.POSITIVE_INFINITY && regex.greedy;
  return unbounded && regex.item.kind === "set" ? regex.item : undefined;
}

/**
 * One expression whose match is never revised when a later one fails: as if each ran on its own. Where it has one
 * possible match that comes for free, or by looking at the next character; else through a lookahead, which is atomic.
 */
function emitAtomic(regex: Regex, group: number, capture: boolean): string {
  const source = emitRegex(regex, false);
  const open = capture ? "(" : "(?:";
  if (analyze(regex, anythingFollows)?.single) return `${open}${source})`;
  const loop = finalLoop(regex);
  if (loop && analyze(regex, noneFollows(loop.set))?.single)
    return `${open}${source})(?!${emitSet(loop.set, false)})`;
  return `(?=(${source}))\\${group}`;
}

const needsGroup = (regex: Regex): boolean => {
  if (analyze(regex, anythingFollows)?.single) return false;
  const loop = finalLoop(regex);
  return !(loop && analyze(regex, noneFollows(loop.set))?.single);
};

/**
 * Joins expressions into one: white space between them is skipped, and it is fine when the text ends before they do.
 * Undefined when one of them is not proved safe or looks behind its match. `kept` says whose match is wanted.
 */
export function joinRegexes(parts: readonly Compiled[], kept: readonly boolean[]): Joined | undefined {
  const trees: Regex[] = [];
  for (const part of parts) {
    const tree = part.tree && withoutStart(part.tree);
    if (!tree || looksBehind(tree) || !fastAtOnePosition(part)) return undefined;
    trees.push(tree);
  }
  const groups: number[] = [];
  const nonEmpty: number[] = [];
  let next = 1;
  const sources = trees.map((tree, index) => {
    const nullable = parts[index]!.outlook!.nullable;
    const capture = kept[index]! || nullable || needsGroup(tree);
    const group = capture ? next++ : 0;
    groups.push(kept[index]! ? group : 0);
    if (nullable) nonEmpty.push(group);
    return emitAtomic(tree, group, capture);
  });
  let joined = "";
  for (let index = sources.length - 1; index > 0; index--)
    joined = `\\s*(?:$|(?=\\S)${sources[index]}${joined})`;
  return {
    regex: new RegExp(`^${sources[0]}${joined}`),
    groups,
    nonEmpty,
    maxText: MAX_NATIVE_TEXT,
    basicPlaneOnly: !parts.every((part) => part.outlook?.pairSafe),
  };
}
