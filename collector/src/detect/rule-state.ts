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

  constructor(rule: Rule) {
    this.rule = rule;
  }

  /** Notes a fault; says whether it was the one that switches the rule off. */
  fail(message: string): boolean {
    this.errors++;
    this.lastError = message;
    if (this.disabled || this.errors < breakerLimit) return false;
    this.disabled = true;
    return true;
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
