import type { Regex } from "./parse.ts";
import { type CharSet, everything, MAX_POINT, negate, nothing, overlaps, union } from "./sets.ts";

/**
 * What a backtracking engine may have to do from one position of the text on, in the worst case.
 * Computed from the end of an expression to its start, each part knowing what follows it.
 */
export interface Outlook {
  /** Characters it may begin with. */
  readonly first: CharSet;
  /** It may match without reading a character. */
  readonly nullable: boolean;
  /** False when it matches at every position. */
  readonly canFail: boolean;
  /** Worst number of steps: `factor` × length of the text to the power of `degree`. */
  readonly degree: number;
  readonly factor: number;
  /** One character of lookahead decides every choice, so a failure is never met by another way. */
  readonly single: boolean;
  /** Splitting a character outside the basic plane into its halves changes nothing. */
  readonly pairSafe: boolean;
}

const accepted: Outlook = {
  first: nothing,
  nullable: true,
  canFail: false,
  degree: 0,
  factor: 1,
  single: true,
  pairSafe: true,
};

/** Anything may follow, and it may fail: the follow-up that forces an expression to have one match only. */
export const anythingFollows: Outlook = { ...accepted, first: everything, canFail: true };

/** No character of a set follows. */
export const noneFollows = (set: CharSet): Outlook => ({
  ...accepted,
  first: negate(set),
  nullable: false,
  canFail: true,
});

/** Characters that JavaScript keeps as two, and the halves of such. */
const paired: CharSet = [0xd800, 0xdfff, 0x10000, MAX_POINT];

const inPairs = (set: CharSet): boolean => overlaps(set, paired);

/** True when the set holds all of them, so that two halves match as the whole does. */
const holdsPairs = (set: CharSet): boolean => !overlaps(negate(set), paired);

const MAX_UNROLLED = 64;
const LIMIT = 1e9;

type Cost = Pick<Outlook, "degree" | "factor">;

const cost = (degree: number, factor: number): Cost => ({ degree, factor: Math.min(factor, LIMIT) });

function addCost(left: Cost, right: Cost): Cost {
  if (left.degree === right.degree) return cost(left.degree, left.factor + right.factor);
  const worse = left.degree > right.degree ? left : right;
  return cost(worse.degree, worse.factor);
}

function analyzeChoice(items: readonly Outlook[]): Outlook {
  let worst = { degree: 0, factor: 0 };
  let single = true;
  for (const [index, item] of items.entries()) {
    let total: Cost = item;
    for (const [other, rival] of items.entries()) {
      if (other === index || !(overlaps(item.first, rival.first) || item.nullable || rival.nullable))
        continue;
      total = addCost(total, rival);
      single = false;
    }
    if (total.degree > worst.degree || (total.degree === worst.degree && total.factor > worst.factor))
      worst = total;
  }
  return {
    first: union(...items.map((item) => item.first)),
    nullable: items.some((item) => item.nullable),
    canFail: items.every((item) => item.canFail),
    ...cost(worst.degree, worst.factor + items.length),
    single: single && items.every((item) => item.single),
    pairSafe: items.every((item) => item.pairSafe),
  };
}

type Repeat = Extract<Regex, { kind: "repeat" }>;

function analyzeSetLoop(set: CharSet, { min, max, greedy }: Repeat, rest: Outlook): Outlook {
  // Leaving the loop early can only lead to a match where what follows begins inside the loop's set.
  const decided = !overlaps(set, rest.first) && (!rest.nullable || !rest.canFail);
  const first = min === 0 ? union(set, rest.first) : set;
  const unbounded = max === Number.POSITIVE_INFINITY;
  // A lazy loop may stop between two halves where what follows needs no character.
  const keepsPairs = greedy || !rest.nullable || (min === 0 && !rest.canFail);
  const shape = {
    first,
    nullable: min === 0 && rest.nullable,
    canFail: min > 0 || rest.canFail,
    single: rest.single && decided,
    pairSafe:
      rest.pairSafe &&
      (!inPairs(set) || (holdsPairs(set) && unbounded && min < 2 && !inPairs(rest.first) && keepsPairs)),
  };
  if (decided || !rest.canFail) {
    const own = unbounded ? { degree: 1, factor: 1 } : { degree: 0, factor: max };
    return { ...shape, ...addCost(own, rest) };
  }
  return {
    ...shape,
    ...(unbounded ? cost(rest.degree + 1, rest.factor) : cost(rest.degree, rest.factor * max)),
  };
}

function analyzeLoop(item: Regex, min: number, rest: Outlook): Outlook | undefined {
  const alone = analyzeNode(item, { ...anythingFollows, first: nothing });
  if (!alone) return undefined;
  const again: Outlook = {
    ...rest,
    first: union(alone.first, rest.first),
    ...cost(1, 1),
    single: true,
  };
  const body = analyzeNode(item, again);
  const decided = !overlaps(alone.first, rest.first) && (!rest.nullable || !rest.canFail);
  // More than one way through the body, repeated without bound, is what makes expressions explode.
  if (!body?.single) return undefined;
  const retries = !decided && rest.canFail;
  return {
    first: min === 0 ? again.first : alone.first,
    nullable: min === 0 && rest.nullable,
    canFail: min > 0 || rest.canFail,
    // What follows is tried behind each round, where the rounds do not show whether they were the last.
    ...(retries ? cost(rest.degree + 1, rest.factor + body.factor) : addCost(cost(1, body.factor), rest)),
    single: rest.single && decided,
    pairSafe: body.pairSafe && rest.pairSafe,
  };
}

function analyzeRepeat(regex: Repeat, rest: Outlook): Outlook | undefined {
  const { item, min, max } = regex;
  if (max === 0) return rest;
  if (item.kind === "set") return analyzeSetLoop(item.set, regex, rest);
  // JavaScript takes no empty round where RE2 does.
  if (min < max && mayBeEmpty(item)) return undefined;
  const unbounded = max === Number.POSITIVE_INFINITY;
  let outlook: Outlook | undefined = rest;
  if (unbounded) outlook = analyzeLoop(item, 0, rest);
  else {
    if (max > MAX_UNROLLED) return undefined;
    for (let count = min; count < max && outlook; count++) {
      const taken: Outlook | undefined = analyzeNode(item, outlook);
      outlook = taken && analyzeChoice([taken, rest]);
    }
  }
  if (min > MAX_UNROLLED) return undefined;
  for (let count = 0; count < min && outlook; count++) outlook = analyzeNode(item, outlook);
  return outlook;
}

/** The outlook of an expression followed by `rest`; undefined when no bound can be proved. */
function analyzeNode(regex: Regex, rest: Outlook): Outlook | undefined {
  switch (regex.kind) {
    case "set":
      return {
        ...rest,
        first: regex.set,
        nullable: false,
        canFail: true,
        ...cost(rest.degree, rest.factor + (rest.degree === 0 ? 1 : 0)),
        pairSafe: rest.pairSafe && !inPairs(regex.set),
      };
    case "sequence": {
      let outlook: Outlook | undefined = rest;
      for (let index = regex.items.length - 1; index >= 0 && outlook; index--) {
        outlook = analyzeNode(regex.items[index]!, outlook);
      }
      return outlook;
    }
    case "choice": {
      const items = regex.items.map((item) => analyzeNode(item, rest));
      return items.every((item) => item !== undefined) ? analyzeChoice(items) : undefined;
    }
    case "repeat":
      return analyzeRepeat(regex, rest);
    case "assert":
      if (regex.assert === "end") return { ...rest, first: nothing, nullable: false, canFail: true };
      if (regex.assert === "lineEnd") return { ...rest, first: [10, 10], nullable: false, canFail: true };
      // Between two halves there is no edge of a word, so a loop may stop there where this is asked for.
      return { ...rest, canFail: true, pairSafe: rest.pairSafe && regex.assert !== "noBoundary" };
  }
}

/** The outlook of a whole expression tried at one position, as it is used; undefined when no bound can be proved. */
export const analyze = (regex: Regex, rest: Outlook = accepted): Outlook | undefined =>
  analyzeNode(regex, rest);

/** True for expressions that hold to the start of the text, so that a search tries one position only. */
export function anchored(regex: Regex): boolean {
  if (regex.kind === "assert") return regex.assert === "start";
  if (regex.kind === "sequence") return regex.items.length > 0 && anchored(regex.items[0]!);
  if (regex.kind === "choice") return regex.items.every(anchored);
  return regex.kind === "repeat" && regex.min > 0 && anchored(regex.item);
}

/** True when an expression may match without reading a character. */
export function mayBeEmpty(regex: Regex): boolean {
  if (regex.kind === "set") return false;
  if (regex.kind === "assert") return true;
  if (regex.kind === "repeat") return regex.min === 0 || mayBeEmpty(regex.item);
  return regex.kind === "sequence" ? regex.items.every(mayBeEmpty) : regex.items.some(mayBeEmpty);
}

/** True when an expression looks at what lies before its match, so that it cannot be moved into a longer text. */
export function looksBehind(regex: Regex): boolean {
  if (regex.kind === "assert") return regex.assert !== "end" && regex.assert !== "lineEnd";
  if (regex.kind === "set") return false;
  return regex.kind === "repeat" ? looksBehind(regex.item) : regex.items.some(looksBehind);
}

/** All characters that loops without bound may read. */
function loopedOver(regex: Regex, inLoop = false): CharSet {
  if (regex.kind === "set") return inLoop ? regex.set : nothing;
  if (regex.kind === "assert") return nothing;
  if (regex.kind === "repeat")
    return loopedOver(regex.item, inLoop || regex.max === Number.POSITIVE_INFINITY);
  return union(...regex.items.map((item) => loopedOver(item, inLoop)));
}

/**
 * True when no match can begin within what a loop has read. A search then reads each stretch of text only from the
 * few positions before it, so it stays linear although it starts anew at every position.
 */
export const startsOutsideLoops = (regex: Regex, outlook: Outlook): boolean =>
  !outlook.nullable && !overlaps(loopedOver(regex), outlook.first);
