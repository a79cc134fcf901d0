import type { Batch } from "@vedette/core/batch";
import type { Alert } from "@vedette/sdk";
import type { Rememberer } from "./alerting/index.ts";
import type { DetectorStats, Rule } from "./detect/index.ts";

/** Looks at batches, alone or together with other collectors. */
export interface Detection extends Rememberer {
  /**
   * Gives the alerts to be stored for a batch. The same batch again gives the same. `stored` settles when the store has taken or
   * refused its events, where they are on their way there.
   */
  process(
    batch: Batch,
    signal: AbortSignal,
    stored?: Promise<unknown>,
  ): Promise<readonly Alert[]> | readonly Alert[];
  /** Tells that a batch is stored with its alerts, and noted as such. */
  stored?(batchId: string): void;
  /** Alerts that time raises, where nobody else stores them. */
  due?(): readonly Alert[];
  /** Takes over other rules while it runs. Rejects, and leaves all as it was, where it cannot. */
  reload(rules: readonly Rule[]): Promise<void>;
  stats(): DetectorStats;
}
