import type { CorrelationCounts } from "./running.ts";

/** What windows hold, and what correlations did. */
export interface CorrelatorStats {
  readonly groups: number;
  readonly entries: number;
  readonly bytes: number;
  /** Groups that no window asked for any more. */
  readonly expiredGroups: number;
  /** Event bodies given up for space, those of history too: they are remembered together. Alerts show only their heads. */
  readonly droppedBodies: number;
  readonly correlations: readonly ({ readonly id: string } & CorrelationCounts)[];
}
