import { createDetector, loadRules, type Rule } from "@vedette/collector";
import type { Alert, Event } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { runBatches } from "../../../collector/src/detect/testing/run.ts";
import { allPlugins } from "../../conformance/support/plugin-list.ts";

/** Every rule file that a plugin brings, the template's too. */
export const ruleFiles: readonly URL[] = allPlugins.flatMap(({ plugin }) => [
  ...(plugin.analyze?.rules ?? []),
]);

/** All shipped rules, loaded once for all tests. */
export const shipped = loadRules(ruleFiles);

/** Path of a rule file from the root of the project. */
export const pathOf = (file: string | URL): string => String(file).replace(/^.*\/(plugins\/)/, "$1");

export const rulesIn = (file: string): readonly Rule[] =>
  shipped.rules.filter(({ place }) => pathOf(place.file) === file);

/**
 * The alerts that all shipped rules raise for events, by a detector that remembers nothing of other events. Events go in
 * as batches, as a collector gets them. Throws where a rule failed.
 */
export function alertsOf(events: readonly Event[]): Alert[] {
  const deps = { clock: manualClock(Date.UTC(2026, 0, 31)), log: recordingLogger() };
  const detector = createDetector({ rules: shipped.rules, deps });
  const alerts = runBatches(detector, events);
  const failed = detector.stats().rules.filter((rule) => rule.errors > 0);
  if (failed.length > 0) throw new Error(`Rules failed: ${JSON.stringify(failed)}`);
  return alerts;
}

/** The same, event by event. */
export function alertsOneByOne(events: readonly Event[]): Alert[] {
  const deps = { clock: manualClock(Date.UTC(2026, 0, 31)), log: recordingLogger() };
  const detector = createDetector({ rules: shipped.rules, deps });
  return events.flatMap((each) => [...detector.processEvent(each)]);
}

/** What a detection writes down of an alert: who, what, how bad, and which lines made it. */
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
