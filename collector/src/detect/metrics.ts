import type { Telemetry } from "@vedette/core/telemetry";
import type { DetectorStats } from "./detector.ts";

/** Shows a detector's counters as metrics. Rules are labelled by id; their number is bounded by the registry. */
export function detectorMetrics(telemetry: Telemetry, stats: () => DetectorStats): void {
  const total = telemetry.gauge("vedette_detect_total", "What detection did since the start.", ["what"]);
  const history = telemetry.gauge("vedette_history_entries", "What history conditions remember.", ["what"]);
  const rules = telemetry.gauge("vedette_rule_total", "What each rule did since the start.", [
    "rule",
    "what",
  ]);
  const off = telemetry.gauge("vedette_rules_switched_off", "Rules that failed too often.");
  telemetry.onRender(() => {
    const { rules: each, history: remembered, ...counts } = stats();
    for (const [what, count] of Object.entries(counts)) total.set(count, { what });
    for (const [what, count] of Object.entries(remembered)) history.set(count, { what });
    off.set(each.filter((rule) => rule.disabled).length);
    for (const { id, matches, alerts, errors, unresolved } of each) {
      for (const [what, count] of Object.entries({ matches, alerts, errors, unresolved })) {
        if (count > 0) rules.set(count, { rule: id, what });
      }
    }
  });
}
