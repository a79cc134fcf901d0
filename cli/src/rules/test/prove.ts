import { createDetector, type Detector, type Rule } from "@vedette/collector";
import { createLogger } from "@vedette/core/telemetry";
import type { Alert, Clock, Event } from "@vedette/sdk";
import { detect } from "../batches.ts";

/** A small batch, so that what belongs together also lies in several. */
const rowsOfBatch = 100;
const log = createLogger({ name: "rules", level: "silent" });

function detectorOf(rules: readonly Rule[], time: string): Detector {
  const clock: Clock = { now: () => Date.parse(time) };
  return createDetector({ rules, deps: { clock, log } });
}

/**
 * The alerts that rules raise for events, by a detector that remembers nothing of other events. Events go in as batches,
 * as a collector gets them. Throws where a rule failed.
 */
export function alertsOf(rules: readonly Rule[], events: readonly Event[], time: string): Alert[] {
  const detector = detectorOf(rules, time);
  const alerts = detect(detector, events, rowsOfBatch);
  const failed = detector.stats().rules.filter((rule) => rule.errors > 0);
  if (failed.length > 0)
    throw new Error(failed.map(({ id, lastError }) => `Rule ${id} failed: ${lastError}`).join("\n"));
  return alerts;
}

/** The same, event by event. */
export function alertsOneByOne(rules: readonly Rule[], events: readonly Event[], time: string): Alert[] {
  const detector = detectorOf(rules, time);
  return events.flatMap((each) => [...detector.processEvent(each)]);
}

/** What a case writes down of an alert: who, what, how bad, and which lines made it. */
export function visible(alert: Alert) {
  const { name, ruleId, severity, impactScore, technique, adversary, target, events = [] } = alert;
  const { geolocation: _, ...who } = adversary ?? {};
  return {
    name,
    ruleId,
    severity,
    impactScore,
    technique,
    adversary: who,
    target,
    events: events.map((each) => each.id),
  };
}

export type VisibleAlert = ReturnType<typeof visible>;

/** What rules made of the events of a case. */
export interface Proof {
  /** Alerts of the rules that are proved. */
  readonly found: readonly VisibleAlert[];
  /** The same by the plain form of the engine, event by event. Anything else than `found` is a fault of Vedette. */
  readonly plain: readonly VisibleAlert[];
  /** Alerts of these rules for the events that must raise nothing. */
  readonly quiet: readonly VisibleAlert[];
  /** Ids of other rules that found something in any of the events, sorted. */
  readonly others: readonly string[];
}

export interface ProveOptions {
  /** All rules that run. */
  readonly rules: readonly Rule[];
  /** Ids of those that are proved. */
  readonly own: ReadonlySet<string>;
  /** The time of the detector. */
  readonly time: string;
}

/** Runs rules over events that must raise alerts, and over those that must not. Throws where a rule failed. */
export function prove(loud: readonly Event[], calm: readonly Event[], options: ProveOptions): Proof {
  const { rules, own, time } = options;
  const isOwn = ({ ruleId }: Alert) => own.has(ruleId ?? "");
  const shown = (alerts: readonly Alert[]) => alerts.filter(isOwn).map(visible);
  const alerts = alertsOf(rules, loud, time);
  const quiet = alertsOf(rules, calm, time);
  const others = [...alerts, ...quiet].filter((alert) => !isOwn(alert)).map(({ ruleId }) => ruleId ?? "");
  return {
    found: shown(alerts),
    plain: shown(alertsOneByOne(rules, loud, time)),
    quiet: shown(quiet),
    others: [...new Set(others)].sort(),
  };
}
