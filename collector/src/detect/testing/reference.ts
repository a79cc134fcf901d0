import { docOf } from "@vedette/core/pipeline";
import type { Event } from "@vedette/sdk";
import type { Rule } from "../rule.ts";
import { breakerLimit } from "../rule-state.ts";

/**
 * The naive evaluator that the fast one must equal: every event as an object, every rule of its type on it.
 * Gives `name: event id` of each match of rules without history, and of each switched-off rule.
 */
export function naiveTriggers(rules: readonly Rule[], events: readonly Event[]): string[] {
  const triggers: string[] = [];
  const errors = new Map<Rule, number>();
  for (const event of events) {
    for (const rule of rules) {
      const faults = errors.get(rule) ?? 0;
      if (faults >= breakerLimit || !rule.dataTypes.includes(event.dataType ?? "")) continue;
      try {
        if (rule.where.test(docOf(event))) triggers.push(`${rule.name}: ${event.id}`);
      } catch {
        errors.set(rule, faults + 1);
        if (faults + 1 === breakerLimit) triggers.push(`Circuit Breaker: ${rule.name}: ${event.id}`);
      }
    }
  }
  return triggers;
}
