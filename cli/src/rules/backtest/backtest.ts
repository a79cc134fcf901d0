import { createDetector, type Detector, type Rule, type windowLimits } from "@vedette/collector";
import { createLogger } from "@vedette/core/telemetry";
import type { Alert, Event } from "@vedette/sdk";
import { detect, maxBatchRows } from "../batches.ts";
import { type RuleReport, Tally } from "./tally.ts";

/** Events that a collector would get together: an agent sends a batch of each data type about every second. */
const sliceMs = 1_000;
const dayMs = 86_400_000;

type Windows = ReturnType<typeof windowLimits>;

export interface BacktestReport {
  readonly events: number;
  /** Times of the first and the last event. */
  readonly from?: string;
  readonly to?: string;
  readonly alerts: number;
  readonly rules: readonly RuleReport[];
  /** Rules that failed, with the last reason. What they found is less than what is there. */
  readonly failed: readonly { readonly id: string; readonly errors: number; readonly said: string }[];
}

/**
 * Runs rules over events of the past by a detector as a collector has it. Its clock is the time of the events, so that
 * what waits for time to pass, as the absence of something, is told when it would have been.
 */
export class Backtest {
  readonly #detector: Detector;
  readonly #tallies: ReadonlyMap<string, Tally>;
  #now = 0;
  #slice: Event[] = [];
  #sliceFrom = 0;
  #events = 0;
  #alerts = 0;
  #first = 0;

  /** `windows` are the bounds of what correlations remember; the usual ones when left out. */
  constructor(rules: readonly Rule[], options: { readonly show: number; readonly windows?: Windows }) {
    const { windows } = options;
    const deps = {
      clock: { now: () => this.#now },
      log: createLogger({ name: "backtest", level: "silent" }),
    };
    this.#detector = createDetector({ rules, deps, ...(windows && { limits: { windows } }) });
    this.#tallies = new Map(rules.map(({ id }) => [id, new Tally(options.show)]));
  }

  /** How far it is. */
  get progress(): { readonly events: number; readonly alerts: number; readonly time: string } {
    return { events: this.#events, alerts: this.#alerts, time: iso(this.#now) };
  }

  /** The data types whose events have a part in what the rules find; undefined where it is all of them. */
  get dataTypes(): readonly string[] | undefined {
    const all = [
      ...this.#detector.rules.flatMap(({ dataTypes }) => dataTypes),
      ...this.#detector.historyNeeds().map(({ dataType }) => dataType),
    ];
    return all.some((each) => each.includes("*")) ? undefined : [...new Set(all)].sort();
  }

  /** Takes the next events, in order of the time they were read. */
  take(events: readonly Event[]): void {
    for (const event of events) {
      const time = Date.parse(event["@timestamp"] ?? "") || this.#now;
      if (this.#events === 0) this.#first = time;
      const isFull = this.#slice.length >= maxBatchRows || time - this.#sliceFrom > sliceMs;
      if (this.#slice.length > 0 && isFull) this.#flush();
      if (this.#slice.length === 0) this.#sliceFrom = time;
      this.#slice.push(event);
      this.#events++;
    }
  }

  #flush(): void {
    const last = Date.parse(this.#slice.at(-1)?.["@timestamp"] ?? "") || 0;
    this.#now = Math.max(this.#now, last);
    this.#count(this.#detector.due());
    const byType = new Map<string, Event[]>();
    for (const event of this.#slice) {
      const dataType = event.dataType ?? "";
      const group = byType.get(dataType);
      if (group) group.push(event);
      else byType.set(dataType, [event]);
    }
    this.#count(detect(this.#detector, [...byType.values()].flat()));
    this.#slice = [];
  }

  #count(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      const tally = this.#tallies.get(alert.ruleId ?? "");
      // That a rule was switched off is no finding; `failed` says it.
      if (!tally || alert.name?.startsWith("Circuit Breaker: ")) continue;
      tally.take(alert);
      this.#alerts++;
    }
  }

  /** What was found until now. What waits for time after the last event stays open. */
  report(): BacktestReport {
    this.#flush();
    const stats = new Map(this.#detector.stats().rules.map((each) => [each.id, each]));
    const days = Math.max(1, (this.#now - this.#first) / dayMs);
    const rules = this.#detector.rules
      .filter(({ silent }) => !silent)
      .map((rule) => this.#tallies.get(rule.id)!.report(rule, stats.get(rule.id)?.matches ?? 0, days));
    return {
      events: this.#events,
      ...(this.#events > 0 ? { from: iso(this.#first), to: iso(this.#now) } : {}),
      alerts: this.#alerts,
      rules: rules.sort((a, b) => b.alerts - a.alerts || b.matches - a.matches || (a.id < b.id ? -1 : 1)),
      failed: [...stats.values()]
        .filter(({ errors }) => errors > 0)
        .map(({ id, errors, lastError = "" }) => ({ id, errors, said: lastError })),
    };
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
