import type { Term } from "../windows/index.ts";

/** What must hold of rules: that they occur, or not. */
type Expression =
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "and" | "or"; readonly of: readonly Expression[] };

const token = /\s*(?:([()])|([^\s()]+))/y;
const maxTokens = 200;
const maxTerms = 64;

/** A condition such as `a and (b or c) and not d`. `not` binds tightest, then `and`. Throws a RangeError that says what is wrong. */
export function parseCondition(text: string): Expression {
  const tokens: string[] = [];
  token.lastIndex = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) tokens.push(found[1] ?? found[2]!);
  if (tokens.length > maxTokens) throw new RangeError(`it has more than ${maxTokens} words`);
  let at = 0;
  const word = (): string => tokens[at]?.toLowerCase() ?? "";
  const either = (): Expression => {
    const of = [both()];
    while (word() === "or") {
      at++;
      of.push(both());
    }
    return of.length === 1 ? of[0]! : { kind: "or", of };
  };
  const both = (): Expression => {
    const of = [one()];
    while (word() === "and") {
      at++;
      of.push(one());
    }
    return of.length === 1 ? of[0]! : { kind: "and", of };
  };
  const one = (): Expression => {
    const next = tokens[at++];
    if (next === undefined) throw new RangeError("something is missing at its end");
    if (next.toLowerCase() === "not") return { kind: "not", of: one() };
    if (next === "(") {
      const inner = either();
      if (tokens[at++] !== ")") throw new RangeError("a parenthesis is not closed");
      return inner;
    }
    if (next === ")" || next.toLowerCase() === "and" || next.toLowerCase() === "or")
      throw new RangeError(`"${next}" stands where a rule is expected`);
    return { kind: "rule", name: next };
  };
  const whole = either();
  if (at < tokens.length) throw new RangeError(`"${tokens[at]}" stands where "and" or "or" is expected`);
  return whole;
}

/** Names in the order of their first coming. */
export function namesIn(expression: Expression): string[] {
  if (expression.kind === "rule") return [expression.name];
  if (expression.kind === "not") return namesIn(expression.of);
  return [...new Set(expression.of.flatMap(namesIn))];
}

interface Literals {
  readonly present: ReadonlySet<number>;
  readonly absent: ReadonlySet<number>;
}

/** The ways in which a condition can hold (its disjunctive normal form). Throws a RangeError where one needs no rule to occur. */
export function termsOf(expression: Expression, placeOf: (name: string) => number): Term[] {
  const terms = waysOf(expression, false, placeOf)
    .filter(({ present, absent }) => ![...present].some((each) => absent.has(each)))
    .map(({ present, absent }) => ({ present: sorted(present), absent: sorted(absent) }));
  if (terms.length === 0) throw new RangeError("it can never hold");
  if (terms.some(({ present }) => present.length === 0))
    throw new RangeError("it can hold without any event; some rule must occur beside what is absent");
  return terms;
}

const sorted = (places: ReadonlySet<number>): number[] => [...places].sort((a, b) => a - b);

function waysOf(expression: Expression, negated: boolean, placeOf: (name: string) => number): Literals[] {
  if (expression.kind === "rule") {
    const here = new Set([placeOf(expression.name)]);
    const none = new Set<number>();
    return [negated ? { present: none, absent: here } : { present: here, absent: none }];
  }
  if (expression.kind === "not") return waysOf(expression.of, !negated, placeOf);
  const parts = expression.of.map((each) => waysOf(each, negated, placeOf));
  const all = (expression.kind === "and") !== negated;
  const ways = all
    ? parts.reduce((some, part) => some.flatMap((left) => part.map((right) => joined(left, right))))
    : parts.flat();
  if (ways.length > maxTerms) throw new RangeError(`it can hold in more than ${maxTerms} ways`);
  return ways;
}

const joined = (left: Literals, right: Literals): Literals => ({
  present: new Set([...left.present, ...right.present]),
  absent: new Set([...left.absent, ...right.absent]),
});
