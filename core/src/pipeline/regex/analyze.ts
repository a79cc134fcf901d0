import type { Regex } from "./parse.ts";
import { type CharSet, everything, negate, nothing, overlaps, surrogates, union } from "./sets.ts";

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

const MAX_UNROLLED = 64;
const LIMIT = 1e9;

const cost = (degree: number, factor: number) => ({ degree, factor: Math.min(factor, LIMIT) });

function addCost(left: Outlook, right: Outlook): { degree: number; factor: number } {
  if (left.degree === right.degree) return cost(left.degree, left.factor + right.factor);
  return left.degree > right.degree ? left : right;
}

function analyzeChoice(items: readonly Outlook[]): Outlook {
  let worst = { degree: 0, factor: 0 };
  let single = true;
  for (const [index, item] of items.entries()) {
    let total: { degree: number; factor: number } = item;
    for (const [other, rival] of items.entries()) {
      if (other === index || !(overlaps(item.first, rival.first) || item.nullable || rival.nullable))
        continue;
      total = addCost(total as Outlook, rival);
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

function analyzeSetLoop(set: CharSet, min: number, max: number, rest: Outlook): Outlook {
  // Leaving the loop early can only lead to a match where what follows begins inside the loop's set.
  const decided = !overlaps(set, rest.first) && (!rest.nullable || !rest.canFail);
  const first = min === 0 ? union(set, rest.first) : set;
  const unbounded = max === Number.POSITIVE_INFINITY;
  const splits = overlaps(set, surrogates);
  const shape = {
    first,
    nullable: min === 0 && rest.nullable,
    canFail: min > 0 || rest.canFail,
    single: rest.single && decided,
    pairSafe: rest.pairSafe && (!splits || (unbounded && min < 2 && !overlaps(rest.first, surrogates))),
  };
  if (decided || !rest.canFail) {
    const own = unbounded ? { degree: 1, factor: 1 } : { degree: 0, factor: max };
    return { ...shape, ...addCost(own as Outlook, rest) };
  }
  return {
    ...shape,
    ...(unbounded ? cost(rest.degree + 1, rest.factor) : cost(rest.degree, rest.factor * max)),
  };
}

function analyzeLoop(item: Regex, min: number, rest: Outlook): Outlook | undefined {
  // An empty round, also one that only asserts, means something else in each engine.
  const alone = hasAssert(item) ? undefined : analyzeNode(item, { ...anythingFollows, first: nothing });
  if (!alone || alone.nullable) return undefined;
  const again: Outlook = {
    ...rest,
    first: union(alone.first, rest.first),
    ...cost(1, 1),
    single: true,
  };
  const body = analyzeNode(item, again);
  const decided = !overlaps(alone.first, rest.first) && (!rest.nullable || !rest.canFail);
  // More than one way through the body, repeated without bound, is what makes expressions explode.
  if (!body?.single || !(decided || !rest.canFail)) return undefined;
  return {
    first: min === 0 ? again.first : alone.first,
    nullable: min === 0 && rest.nullable,
    canFail: min > 0 || rest.canFail,
    ...addCost({ ...body, ...cost(1, body.factor) }, rest),
    single: rest.single && decided,
    pairSafe: body.pairSafe && rest.pairSafe,
  };
}

function analyzeRepeat(regex: Extract<Regex, { kind: "repeat" }>, rest: Outlook): Outlook | undefined {
  const { item, min, max } = regex;
  if (max === 0) return rest;
  if (item.kind === "set") return analyzeSetLoop(item.set, min, max, rest);
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
        pairSafe: rest.pairSafe && !overlaps(regex.set, surrogates),
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
      return { ...rest, canFail: true };
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

const hasAssert = (regex: Regex): boolean =>
  regex.kind === "assert" ||
  (regex.kind === "repeat" ? hasAssert(regex.item) : regex.kind !== "set" && regex.items.some(hasAssert));

/** True when an expression looks at what lies before its match, so that it cannot be moved into a longer text. */
export function looksBehind(regex: Regex): boolean {
  if (regex.kind === "assert") return regex.assert !== "end" && regex.assert !== "lineEnd";
  if (regex.kind === "set") return false;
  return regex.kind === "repeat" ? looksBehind(regex.item) : regex.items.some(looksBehind);
}
