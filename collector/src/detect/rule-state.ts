import {
  type CorrelatorStats,
  eventPathOf,
  KeyReader,
  type ValuesOfEvent,
  valuesOfEvent,
} from "../correlate/index.ts";
import type { Rule } from "./rule.ts";

/** At this many faults a rule is switched off until rules are loaded again, as in the EventProcessor. */
export const breakerLimit = 5;

/** A rule while it runs: what it did and whether it still may. */
export class RuleState {
  readonly rule: Rule;
  /** Events for which `where` held. */
  matches = 0;
  /** Alerts raised, repeats not counted. */
  alerts = 0;
  /** Faults while `where` was evaluated. The fifth switches the rule off. */
  errors = 0;
  /** Triggering events that lacked a value a history condition asks for. These do not switch a rule off. */
  unresolved = 0;
  lastError = "";
  disabled = false;
  /** Values that make an alert a repeat or a member of a group; undefined where the rule asks for none. */
  readonly values: ValuesOfEvent | undefined;
  /** Reads the values that make an alert a repeat as one hash; undefined where the rule asks for none, or for what is not an event's. */
  readonly repeats: KeyReader | undefined;
  /** Its place among all. */
  readonly number: number;

  constructor(rule: Rule, number: number) {
    this.rule = rule;
    this.number = number;
    const ofEvent = rule.deduplicateBy
      .map((path) => eventPathOf(path, rule))
      .filter((path) => path !== undefined);
    const all = ofEvent.length > 0 && ofEvent.length === rule.deduplicateBy.length;
    this.repeats = all ? new KeyReader(ofEvent) : undefined;
    const paths = rule.deduplicateBy.length > 0 ? rule.deduplicateBy : rule.groupBy;
    this.values = paths.length > 0 ? valuesOfEvent(rule, paths) : undefined;
  }

  /** Notes a fault; says whether it was the one that switches the rule off. */
  fail(message: string): boolean {
    this.errors++;
    this.lastError = message;
    if (this.disabled || this.errors < breakerLimit) return false;
    this.disabled = true;
    return true;
  }

  /** Notes an event that lacks a value which a history condition asks for. */
  lacks(path: string): void {
    this.unresolved++;
    this.lastError = `The event has no "${path}", which a history condition asks for.`;
  }
}

/** Counters of a rule for diagnostics. */
export interface RuleStats {
  readonly id: string;
  readonly name: string;
  readonly matches: number;
  readonly alerts: number;
  readonly errors: number;
  readonly unresolved: number;
  readonly lastError?: string;
  readonly disabled: boolean;
}

export function statsOf(state: RuleState): RuleStats {
  const { rule, matches, alerts, errors, unresolved, lastError, disabled } = state;
  const stats = { id: rule.id, name: rule.name, matches, alerts, errors, unresolved, disabled };
  return lastError === "" ? stats : { ...stats, lastError };
}

/** The counters of all rules; those of correlations are kept by what runs them. */
export function rulesOf(states: readonly RuleState[], windows: CorrelatorStats | undefined): RuleStats[] {
  const counts = new Map(windows?.correlations.map((each) => [each.id, each]));
  return states.map((state) => {
    const own = counts.get(state.rule.id);
    return own ? { ...statsOf(state), matches: own.holds, alerts: own.alerts } : statsOf(state);
  });
}

/** What the windows of several owners hold and did, together. */
export function sumOfWindows(
  owners: readonly { readonly stats: { readonly windows: CorrelatorStats | undefined } }[],
): CorrelatorStats | undefined {
  const all = owners.flatMap(({ stats }) => stats.windows ?? []);
  const [first] = all;
  if (!first) return undefined;
  const total = <T extends object>(each: readonly T[]): T => {
    const sum = { ...each[0] } as Record<string, unknown>;
    for (const one of each.slice(1)) {
      for (const [key, value] of Object.entries(one))
        if (typeof value === "number") sum[key] = Number(sum[key]) + value;
    }
    return sum as T;
  };
  return {
    ...total(all),
    correlations: first.correlations.map((_, at) => total(all.map(({ correlations }) => correlations[at]!))),
  };
}
