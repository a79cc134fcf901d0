import type { Batch } from "@vedette/core/batch";
import type { Alert, Clock, Event, Logger } from "@vedette/sdk";
import { inSlices, Lru } from "../bounded/index.ts";
import type { CorrelatorLimits, HistoryNeed } from "../correlate/index.ts";
import { BatchSubject } from "./batch-subject.ts";
import { correlationNeeds } from "./correlations.ts";
import { Engine, type EngineLimits, type MatchListener } from "./engine.ts";
import { EventSubject } from "./event-subject.ts";
import type { Plan } from "./plan.ts";
import { Plans, visit } from "./plans.ts";
import { BatchPaths } from "./row-doc.ts";
import type { Rule } from "./rule.ts";
import { RuleState, rulesOf } from "./rule-state.ts";
import type { DetectorStats } from "./stats.ts";

/** Bounds of a detector's memory. */
export interface DetectorLimits extends EngineLimits {
  /** Processed batches whose alerts are remembered, so that a batch seen again gives the same. */
  readonly batches: number;
  /** Alerts remembered for that, in all batches together. */
  readonly batchAlerts: number;
  /** Data types whose plans are kept. */
  readonly dataTypes: number;
}

const defaultWindows: CorrelatorLimits = {
  entries: 500_000,
  bytes: 64 * 1024 * 1024,
  groupEntries: 20_000,
  lateMs: 60_000,
  bodyBytes: 24 * 1024 * 1024,
  bodies: 20_000,
};

export const defaultLimits: DetectorLimits = {
  sightings: 200_000,
  lateMs: 60_000,
  bodyBytes: 40 * 1024 * 1024,
  bodies: 20_000,
  alerts: 100_000,
  triggers: 100_000,
  windows: defaultWindows,
  batches: 1_024,
  batchAlerts: 10_000,
  dataTypes: 1_024,
};

/** Runs rules over events. Synchronous and bounded; what a rule does wrong never throws. */
export interface Detector {
  readonly rules: readonly Rule[];
  /**
   * Alerts of a batch, in the order of its rows. The same batch again gives the same alerts with the same ids. Nothing that
   * is remembered looks at the batch afterwards.
   */
  process(batch: Batch): readonly Alert[];
  /** Tells that a batch is stored with its alerts: it does not come again, so they need not be remembered for it. */
  stored(batchId: string): void;
  /** Alerts of one event. */
  processEvent(event: Event): readonly Alert[];
  /**
   * Gets ready for the data types that another detector has met, so that no event waits for it later. In slices; what the rules
   * of both have in common is shared.
   */
  prepareLike(other: Detector): Promise<void>;
  /** Which stored events `rebuild` should be fed after a restart, and how far back. */
  historyNeeds(): readonly HistoryNeed[];
  /** How far back rules search in alerts, in milliseconds; 0 where none does. */
  alertNeedMs(): number;
  /** Whether a rule that searches in alerts asks for the events before them. */
  readonly asksForEventsOfAlerts: boolean;
  /** Takes in stored events, in the order they were ingested, without raising alerts. Gives their number. */
  rebuild(events: AsyncIterable<Event> | Iterable<Event>): Promise<number>;
  /** Takes in stored alerts, oldest first: the last 7 days, and more where `alertNeedMs` says so. Gives their number. */
  rebuildAlerts(alerts: AsyncIterable<Alert> | Iterable<Alert>): Promise<number>;
  /** Alerts that time raises: of what did not come, and of windows that are over. Call it every second or so. */
  due(): readonly Alert[];
  /** Tells that a person closed an alert: the next one of its group stands on its own. */
  closeAlert(id: string): void;
  /** Tells that nobody is told of an alert: the next one like it is neither a repeat nor a child of it. */
  release(alert: Alert): void;
  stats(): DetectorStats;
}

/** How far back events may come again after a restart: what an agent has sent without an answer. */
const repeatableMs = 120_000;

/** How long preparing goes on before others have their turn, in milliseconds. */
const sliceMs = 10;

const none: readonly Alert[] = Object.freeze([]);

export interface DetectorOptions {
  readonly rules: readonly Rule[];
  readonly deps: { readonly clock: Clock; readonly log: Logger };
  readonly limits?: Partial<DetectorLimits>;
  /** Is called for every event that a rule's condition holds for. */
  readonly onMatch?: MatchListener;
}

export function createDetector(options: DetectorOptions): Detector {
  return new RuleDetector(options);
}

class RuleDetector implements Detector {
  readonly rules: readonly Rule[];
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #plans: Plans;
  readonly #limits: DetectorLimits;
  readonly #done = new Lru<string, readonly Alert[]>();
  #doneAlerts = 0;
  #events = 0;
  #batches = 0;
  #skipped = 0;
  #repeated = 0;
  #alerts = 0;

  constructor(options: DetectorOptions) {
    const limits = { ...defaultLimits, ...options.limits };
    this.rules = options.rules;
    this.#clock = options.deps.clock;
    const states = options.rules.map((rule, number) => new RuleState(rule, number));
    this.#engine = new Engine(states, options.deps, limits, options.onMatch);
    this.#plans = new Plans(this.#engine, limits.dataTypes);
    this.#limits = limits;
  }

  process(batch: Batch): readonly Alert[] {
    this.#batches++;
    const { batchId, dataType } = batch.header;
    const plan = this.#plans.of(dataType);
    if (plan.rules.length === 0 && plan.subscriptions.length === 0) {
      this.#skipped++;
      return none;
    }
    const earlier = this.#done.get(batchId);
    if (earlier) {
      this.#repeated++;
      return earlier;
    }
    this.#events += batch.rows;
    const alerts = this.#run(plan, batch);
    this.#alerts += alerts.length;
    this.#finish(batchId, alerts);
    return alerts;
  }

  /** Remembers what a batch gave, within bounds; beyond them its events are still known one by one. */
  #finish(batchId: string, alerts: readonly Alert[]): void {
    this.#done.set(batchId, alerts);
    this.#doneAlerts += alerts.length;
    while (this.#done.size > this.#limits.batches || this.#doneAlerts > this.#limits.batchAlerts) {
      const { key, value } = this.#done.oldest()!;
      this.#done.delete(key);
      this.#doneAlerts -= value.length;
    }
  }

  stored(batchId: string): void {
    const alerts = this.#done.peek(batchId);
    if (!alerts) return;
    this.#done.delete(batchId);
    this.#doneAlerts -= alerts.length;
  }

  #run(plan: Plan, batch: Batch): readonly Alert[] {
    const firstSeq = this.#engine.arrive(batch.rows);
    const paths = new BatchPaths(batch);
    const subject = new BatchSubject(batch, paths, firstSeq);
    const alerts: Alert[] = [];
    const now = this.#clock.now();
    visit(plan, batch, paths, {
      row: (row) => {
        subject.row = row;
      },
      subscription: (subscription, sure) => this.#engine.remember(subject, subscription, now, sure),
      rule: (state, sure) => this.#engine.ask(state, subject, alerts, now, sure),
    });
    this.#engine.settle();
    return alerts.length > 0 ? alerts : none;
  }

  processEvent(event: Event): readonly Alert[] {
    this.#events++;
    const plan = this.#plans.of(event.dataType ?? "");
    const now = this.#clock.now();
    const subject = new EventSubject(event, this.#engine.arrive(1), now);
    const alerts: Alert[] = [];
    for (const { subject: subscription } of plan.subscriptions) {
      this.#engine.remember(subject, subscription, now);
    }
    for (const { subject: state } of plan.rules) this.#engine.ask(state, subject, alerts, now);
    this.#engine.settle();
    this.#alerts += alerts.length;
    return alerts;
  }

  async prepareLike(other: Detector): Promise<void> {
    if (other instanceof RuleDetector) await inSlices(this.#plans.like(other.#plans), sliceMs);
  }

  historyNeeds(): readonly HistoryNeed[] {
    const { history } = this.#engine;
    const longest = new Map(history.needs().map(({ dataType, windowMs }) => [dataType, windowMs]));
    const onAlerts = history.alertSubscriptions().length > 0;
    for (const rule of this.rules) {
      if (rule.correlation) continue;
      // Also the events that may come again: they look back from where they first stood.
      if (rule.afterEvents.length === 0 && !onAlerts) continue;
      for (const each of rule.dataTypes) longest.set(each, Math.max(longest.get(each) ?? 0, repeatableMs));
    }
    for (const [dataType, windowMs] of correlationNeeds(this.rules)) {
      longest.set(dataType, Math.max(longest.get(dataType) ?? 0, windowMs + this.#limits.windows.lateMs));
    }
    return [...longest].map(([dataType, windowMs]) => ({ dataType, windowMs }));
  }

  alertNeedMs(): number {
    const correlations = correlationNeeds(this.rules).values();
    return Math.max(
      0,
      ...correlations,
      ...this.#engine.history.alertSubscriptions().map((each) => each.windowMs),
    );
  }

  get asksForEventsOfAlerts(): boolean {
    return this.#engine.history
      .alertSubscriptions()
      .some(({ spec: { constants, keyFields, keptFields } }) =>
        [...constants.map(({ path }) => path), ...keyFields, ...keptFields].some((path) =>
          /^events\b/.test(path),
        ),
      );
  }

  async rebuild(events: AsyncIterable<Event> | Iterable<Event>): Promise<number> {
    let count = 0;
    for await (const event of events) {
      const now = this.#clock.now();
      const subject = new EventSubject(event, this.#engine.arrive(1), now);
      this.#engine.arrivalOf(subject);
      const plan = this.#plans.of(event.dataType ?? "");
      for (const { subject: subscription } of plan.subscriptions) {
        this.#engine.remember(subject, subscription, now);
      }
      for (const { subject: state } of plan.rules) {
        if (this.#engine.correlator?.wants(state.rule.id)) this.#engine.recollect(state, subject);
      }
      this.#engine.settle();
      count++;
    }
    return count;
  }

  async rebuildAlerts(alerts: AsyncIterable<Alert> | Iterable<Alert>): Promise<number> {
    let count = 0;
    for await (const alert of alerts) {
      this.#engine.restore(alert);
      count++;
    }
    return count;
  }

  due(): readonly Alert[] {
    const alerts = this.#engine.due();
    this.#alerts += alerts.length;
    return alerts;
  }

  closeAlert(id: string): void {
    this.#engine.ledger.close(id);
  }

  release(alert: Alert): void {
    this.#engine.ledger.release(alert);
  }

  stats(): DetectorStats {
    const { history, ledger, states, correlator } = this.#engine;
    return {
      events: this.#events,
      batches: this.#batches,
      skippedBatches: this.#skipped,
      repeatedBatches: this.#repeated,
      alerts: this.#alerts,
      repeatedAlerts: ledger.stats.repeats,
      knownAlerts: ledger.stats.known,
      groupedAlerts: ledger.stats.children,
      history: { ...history.size, ...history.stats },
      ...(correlator ? { windows: correlator.stats } : {}),
      rules: rulesOf(states, correlator?.stats),
    };
  }
}
