import { Telemetry } from "@vedette/core/telemetry";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { expect, it } from "vitest";
import { createDetector, detectorMetrics, parseRules } from "./index.ts";
import { sshFailure } from "./testing/events.ts";

it("a detector's counters are metrics", () => {
  const telemetry = new Telemetry();
  const { rules } = parseRules(
    'name: Any failure\ndataTypes: [sshd]\nwhere: equals("actionResult", "failed")\n',
  );
  const detector = createDetector({
    rules,
    deps: { clock: manualClock(), log: recordingLogger() },
  });
  detectorMetrics(telemetry, () => detector.stats());
  detector.processEvent(sshFailure("a", 0));
  telemetry.render();
  detector.processEvent(sshFailure("b", 1));
  const text = telemetry.render();
  expect(text).toContain('vedette_detect_total{what="events"} 2');
  expect(text).toContain('vedette_rule_total{rule="any-failure",what="alerts"} 2');
  expect(text).toContain('vedette_history_entries{what="series"} 0');
  expect(text).toContain("vedette_rules_switched_off 0");
});
