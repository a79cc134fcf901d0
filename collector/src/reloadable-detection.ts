import type { Batch } from "@vedette/core/batch";
import { type Alert, VedetteError } from "@vedette/sdk";
import { type Detector, type DetectorStats, type Rule, sinceBefore } from "./detect/index.ts";
import type { Detection } from "./detection.ts";

/** What a change of rules needs. */
export interface ReloadDeps {
  /** Makes a detector of rules. */
  readonly open: (rules: readonly Rule[]) => Detector;
  /** Reads back what rules look at, as after a restart; events ingested since a time only, where one is given. */
  readonly restore: (detector: Detector, ingestedSince?: number) => Promise<void>;
  readonly now: () => number;
}

/** How long before a change began events may have been ingested that were not stored yet. */
const marginMs = 60_000;
/** Alerts that may not be stored yet and are told to a successor: those of the last minute, and while one reads. */
const maxRaised = 100_000;

/** Ten events each would outlive their alerts by a minute, and hardly a rule asks for them. */
const withoutEvents = ({ events: _, ...alert }: Alert): Alert => alert;

/** Told to a detector besides events, and to its successor again. */
type Told = (detector: Detector) => void;

/**
 * Detection whose rules can be changed while it runs. The successor reads back from the store what it must remember, as after a restart,
 * so history and windows of rules that did not change go on, and new rules know what came before them. Meanwhile the old rules go
 * on; batches wait only while the successor reads the last of it.
 */
export class ReloadableDetection implements Detection {
  readonly #deps: ReloadDeps;
  #detector: Detector;
  /** What earlier detectors counted. */
  #before: DetectorStats | undefined;
  /** Of batches that were looked at and are not in the store yet; as many as the collector stores at a time. */
  readonly #storing = new Set<Promise<unknown>>();
  #held: Promise<void> | undefined;
  #preparing: { readonly told: Told[] } | undefined;
  #raised: { readonly at: number; readonly alert: Alert }[] = [];

  constructor(detector: Detector, deps: ReloadDeps) {
    this.#detector = detector;
    this.#deps = deps;
  }

  process(
    batch: Batch,
    signal: AbortSignal,
    stored?: Promise<unknown>,
  ): readonly Alert[] | Promise<readonly Alert[]> {
    if (this.#held) return this.#held.then(() => this.process(batch, signal, stored));
    if (stored) {
      const settled = (): void => void this.#storing.delete(stored);
      this.#storing.add(stored);
      stored.then(settled, settled);
    }
    return this.#note(this.#detector.process(batch));
  }

  stored(batchId: string): void {
    this.#detector.stored(batchId);
  }

  due(): readonly Alert[] {
    return this.#held ? [] : this.#note(this.#detector.due());
  }

  release(alert: Alert): void {
    this.#tell((detector) => detector.release(alert));
  }

  closeAlert(id: string): void {
    this.#tell((detector) => detector.closeAlert(id));
  }

  #note(alerts: readonly Alert[]): readonly Alert[] {
    if (alerts.length === 0) return alerts;
    const at = this.#deps.now();
    if (!this.#preparing && (this.#raised[0]?.at ?? at) < at - marginMs)
      this.#raised = this.#raised.filter((each) => each.at >= at - marginMs);
    const whole = this.#detector.asksForEventsOfAlerts;
    for (const alert of alerts) {
      if (this.#raised.length >= maxRaised) break;
      this.#raised.push({ at, alert: whole ? alert : withoutEvents(alert) });
    }
    return alerts;
  }

  #tell(told: Told): void {
    told(this.#detector);
    this.#preparing?.told.push(told);
  }

  /** Takes over other rules. Rejects, and leaves all as it was, where the store cannot be read; while another change is prepared. */
  async reload(rules: readonly Rule[]): Promise<void> {
    if (this.#preparing) {
      throw new VedetteError(
        "config.invalid",
        "The rules are being changed already; try again when that is done.",
        {
          verdict: "retry",
        },
      );
    }
    const preparing = { told: [] as Told[] };
    this.#preparing = preparing;
    let resume = (): void => undefined;
    try {
      const since = this.#deps.now() - marginMs;
      const next = this.#deps.open(rules);
      await next.prepareLike(this.#detector);
      await this.#deps.restore(next);
      this.#held = new Promise((resolve) => {
        resume = resolve;
      });
      // What the old rules saw and the store does not have would be unknown to both.
      await Promise.allSettled(this.#storing);
      // What came meanwhile; events that are read twice count once.
      await this.#deps.restore(next, since);
      await next.rebuildAlerts(this.#raised.map(({ alert }) => alert));
      for (const told of preparing.told) told(next);
      this.#before = this.stats();
      this.#detector = next;
    } finally {
      this.#preparing = undefined;
      this.#held = undefined;
      resume();
    }
  }

  stats(): DetectorStats {
    const stats = this.#detector.stats();
    return this.#before ? sinceBefore(this.#before, stats) : stats;
  }
}
