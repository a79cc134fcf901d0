import type { CorrelatorStats } from "../correlate/index.ts";
import type { RuleStats } from "./rule-state.ts";

/** Counters of a detector since its start. */
export interface DetectorStats {
  readonly events: number;
  readonly batches: number;
  /** Batches whose data type no rule and no history concerns. */
  readonly skippedBatches: number;
  readonly repeatedBatches: number;
  readonly alerts: number;
  /** Alerts not raised because they repeat one within 7 days (`deduplicateBy`). */
  readonly repeatedAlerts: number;
  /** Alerts not raised again for an event that came again. */
  readonly knownAlerts: number;
  /** Alerts put under an earlier one (`groupBy`). */
  readonly groupedAlerts: number;
  readonly history: {
    readonly series: number;
    readonly sightings: number;
    /** Series given up for space: their counts start anew. */
    readonly evictedSeries: number;
    /** Series older than any window that asks for them. */
    readonly expiredSeries: number;
    /** Event bodies given up for space, those of windows too: they are remembered together. Samples show only their heads. */
    readonly droppedBodies: number;
    /** Events that came again and were not counted again. */
    readonly repeats: number;
  };
  /** Of the windows of correlations, where there are any. */
  readonly windows?: CorrelatorStats;
  readonly rules: readonly RuleStats[];
}

const counts = [
  ...(["events", "batches", "skippedBatches", "repeatedBatches"] as const),
  ...(["alerts", "repeatedAlerts", "knownAlerts", "groupedAlerts"] as const),
];

/** What was counted before and since, so that no counter falls; the rules are those of now. */
export function sinceBefore(before: DetectorStats, now: DetectorStats): DetectorStats {
  const earlier = new Map(before.rules.map((rule) => [rule.id, rule]));
  const sums = Object.fromEntries(counts.map((name) => [name, before[name] + now[name]]));
  return {
    ...now,
    ...sums,
    rules: now.rules.map((rule) => {
      const same = earlier.get(rule.id);
      if (!same) return rule;
      return { ...rule, matches: same.matches + rule.matches, alerts: same.alerts + rule.alerts };
    }),
  };
}
