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
    /** Event bodies given up for space; samples show only their heads. */
    readonly droppedBodies: number;
    /** Events that came again and were not counted again. */
    readonly repeats: number;
  };
  /** Of the windows of correlations, where there are any. */
  readonly windows?: CorrelatorStats;
  readonly rules: readonly RuleStats[];
}
