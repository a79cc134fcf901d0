import type { Alert, Event } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { createDetector, type Detector, type DetectorLimits, parseRules } from "../index.ts";
import { batchFrom, start } from "./events.ts";

/** A detector over rules in YAML, which must be without fault. */
export function detectorFor(yaml: string, limits: Partial<DetectorLimits> = {}) {
  const { rules, problems } = parseRules(yaml);
  if (problems.length > 0) throw new Error(problems.map((each) => each.message).join("\n"));
  const clock = manualClock(start);
  const log = recordingLogger();
  const detector = createDetector({ rules, deps: { clock, log }, limits });
  return { detector, clock, log };
}

/** Runs events one batch at a time; a batch ends where the data type changes or after `size` rows. */
export function runBatches(detector: Detector, events: readonly Event[], size = 100): Alert[] {
  const alerts: Alert[] = [];
  for (let from = 0; from < events.length; ) {
    let to = from;
    while (to < events.length && to - from < size && events[to]!.dataType === events[from]!.dataType) to++;
    const batch = batchFrom(events.slice(from, to));
    alerts.push(...detector.process(batch));
    // As if its memory were freed: nothing that is remembered may look at it.
    for (const { native } of batch.columns.values()) native.fill(0);
    from = to;
  }
  return alerts;
}

/** Ids of the events that triggered alerts, by the name of their rule. */
export const triggers = (alerts: readonly Alert[]): string[] =>
  alerts.map((alert) => `${alert.name}: ${alert.lastEvent?.id}`);
