import { type Difference, diffEvents } from "@vedette/core/pipeline-test";
import type { Proof, VisibleAlert } from "./prove.ts";

/** One thing that is not as a case says. */
export interface Failure {
  /**
   * `missing`: an expected alert was not raised. `unexpected`: one was raised that is not expected. `different`: it was
   * raised, with other values. `quiet`: one was raised for what must stay quiet. `other`: another rule found something
   * and the case does not name it. `silent-other`: the case names one that found nothing. `engine`: the plain form of the
   * engine, found, says something else than the fast one, expected: a fault of Vedette.
   */
  readonly kind: "missing" | "unexpected" | "different" | "quiet" | "other" | "silent-other" | "engine";
  /** The alert, or the id of the other rule. */
  readonly alert?: VisibleAlert;
  readonly rule?: string;
  readonly differences?: readonly Difference[];
}

/** Alerts are the same one where they are of one rule and raised by the same event. */
const keyOf = ({ ruleId, events }: VisibleAlert): string => `${ruleId} ${events?.at(-1)}`;

function compare(expected: readonly VisibleAlert[], found: readonly VisibleAlert[]): Failure[] {
  const left = new Map<string, VisibleAlert[]>();
  for (const alert of found) left.set(keyOf(alert), [...(left.get(keyOf(alert)) ?? []), alert]);
  const failures = expected.flatMap((alert): Failure[] => {
    const same = left.get(keyOf(alert))?.shift();
    if (!same) return [{ kind: "missing", alert }];
    const differences = diffEvents(alert, same);
    return differences.length === 0 ? [] : [{ kind: "different", alert, differences }];
  });
  const further = [...left.values()].flat();
  return [...failures, ...further.map((alert): Failure => ({ kind: "unexpected", alert }))];
}

/** What is not as a case says: its alerts, what must stay quiet, the other rules that it names. */
export function failuresOf(
  expected: readonly VisibleAlert[],
  also: Readonly<Record<string, string>>,
  { found, plain, quiet, others }: Proof,
): Failure[] {
  const named = Object.keys(also);
  return [
    ...compare(expected, found),
    ...quiet.map((alert): Failure => ({ kind: "quiet", alert })),
    ...others.filter((rule) => !named.includes(rule)).map((rule): Failure => ({ kind: "other", rule })),
    ...named
      .filter((rule) => !others.includes(rule))
      .map((rule): Failure => ({ kind: "silent-other", rule })),
    ...compare(found, plain).map((failure): Failure => ({ ...failure, kind: "engine" })),
  ];
}
