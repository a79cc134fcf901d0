import type { CharSet, Regex } from "../../../regex/index.ts";
import { mayBeEmpty, overlaps, union } from "../../../regex/index.ts";

/** What comes behind a place of an expression. */
export interface Follow {
  /** Characters it may begin with. */
  readonly first: CharSet;
  /** It may match nothing, elsewhere than at the end of the text. */
  readonly empty: boolean;
  /** It matches wherever it is tried. */
  readonly sure: boolean;
}

/** Thrown for an expression that has no code. */
export class Unwritten extends Error {}

/** The match is over: whatever comes is no matter. */
export const accepted: Follow = { first: [], empty: true, sure: true };

export const itemsOf = (regex: Regex): readonly Regex[] =>
  regex.kind === "sequence" ? regex.items.flatMap(itemsOf) : [regex];

/** What a sequence looks like to who stands before it. */
export function outlookOf(items: readonly Regex[], after: Follow): Follow {
  let follow = after;
  for (const item of items.toReversed()) follow = before(item, follow);
  return follow;
}

function before(regex: Regex, rest: Follow): Follow {
  switch (regex.kind) {
    case "set":
      return { first: regex.set, empty: false, sure: false };
    case "sequence":
      return outlookOf(regex.items, rest);
    case "choice": {
      const each = regex.items.map((item) => before(item, rest));
      return {
        first: union(...each.map(({ first }) => first)),
        empty: each.some(({ empty }) => empty),
        sure: each.some(({ sure }) => sure),
      };
    }
    case "repeat": {
      if (regex.max === 0) return rest;
      const own = before(regex.item, rest);
      return regex.min > 0 ? own : { ...rest, first: union(own.first, rest.first) };
    }
    case "assert":
      // Behind the end there is nothing to begin with.
      if (regex.assert === "end") return { first: [], empty: false, sure: false };
      throw new Unwritten();
  }
}

/** True when stopping a loop over `first` before it must stop can lead to no match, or is not wanted. */
export const isDecided = (first: CharSet, rest: Follow): boolean =>
  rest.sure || (!rest.empty && !overlaps(first, rest.first));

/** The sets of the characters that every match begins with, one by one, as far as they are the same in all. */
function leading(items: readonly Regex[]): CharSet[] {
  const sets: CharSet[] = [];
  for (const item of items) {
    if (item.kind === "set") sets.push(item.set);
    else if (item.kind === "repeat" && item.item.kind === "set") {
      for (let round = 0; round < Math.min(item.min, 64); round++) sets.push(item.item.set);
      if (item.min !== item.max) return sets;
    } else return sets;
  }
  return sets;
}

/** True when no text can begin with a match of each of two sequences. */
export function excludes(left: readonly Regex[], right: readonly Regex[], rest: Follow): boolean {
  const [a, b] = [outlookOf(left, rest), outlookOf(right, rest)];
  if (!a.empty && !b.empty && !overlaps(a.first, b.first)) return true;
  const other = leading(right);
  return leading(left).some((set, index) => other[index] !== undefined && !overlaps(set, other[index]));
}

/** True where a match that does not begin at the end of the text has a character. */
export const isNeverEmpty = (regex: Regex): boolean => !outlookOf(itemsOf(regex), accepted).empty;

/** True where a match may end with one of some characters. */
function mayEndWith(regex: Regex, some: CharSet): boolean {
  switch (regex.kind) {
    case "set":
      return overlaps(regex.set, some);
    case "assert":
      return false;
    case "repeat":
      return mayEndWith(regex.item, some);
    case "choice":
      return regex.items.some((item) => mayEndWith(item, some));
    case "sequence":
      for (const item of regex.items.toReversed()) {
        if (mayEndWith(item, some)) return true;
        if (!mayBeEmpty(item)) break;
      }
      return false;
  }
}

const isSpace = (regex: Regex | undefined): boolean =>
  regex?.kind === "set" && regex.set.length === 2 && regex.set[0] === 32 && regex.set[1] === 32;

const isEnd = (regex: Regex | undefined): boolean => regex?.kind === "assert" && regex.assert === "end";

/**
 * How a match ends in white space: never, always in one space, in one unless it ends with the text, or in whatever may be. What comes before
 * that space is none.
 */
export function endingOf(regex: Regex, blanks: CharSet): "none" | "space" | "spaceOrEnd" | "any" {
  if (!mayEndWith(regex, blanks)) return "none";
  const items = itemsOf(regex);
  const last = items.at(-1);
  const before = items.slice(0, -1);
  const isBlankBefore = before.every(mayBeEmpty) || mayEndWith({ kind: "sequence", items: before }, blanks);
  if (isBlankBefore) return "any";
  if (isSpace(last)) return "space";
  if (last?.kind !== "choice" || last.items.length !== 2) return "any";
  const [one, other] = last.items.map(itemsOf);
  return one?.length === 1 && other?.length === 1 && isSpace(one[0]) && isEnd(other[0])
    ? "spaceOrEnd"
    : "any";
}
