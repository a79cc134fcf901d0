import { type Telemetry, upTo } from "@vedette/core/telemetry";
import type { CorrelatorStats } from "../correlate/index.ts";
import type { DetectorStats } from "./stats.ts";

/** Shows a detector's counters as metrics. Rules are labelled by id; their number is bounded by the registry. */
export function detectorMetrics(telemetry: Telemetry, stats: () => DetectorStats): void {
  const total = upTo(telemetry.counter("vedette_detect_total", "What detection did, by kind.", ["what"]));
  const rules = upTo(
    telemetry.counter("vedette_rule_total", "What each rule did, by kind.", ["rule", "what"]),
  );
  const lost = upTo(
    telemetry.counter("vedette_history_total", "What happened to remembered events, by kind.", ["what"]),
  );
  const remembered = telemetry.gauge("vedette_history_entries", "What history conditions remember.", [
    "what",
  ]);
  const off = telemetry.gauge("vedette_rules_switched_off", "Rules that failed too often.");
  const held = telemetry.gauge("vedette_window_entries", "What windows of correlations hold.", ["what"]);
  const passed = upTo(
    telemetry.counter(
      "vedette_window_total",
      "What happened to events in windows of correlations, by kind.",
      ["what"],
    ),
  );
  const showWindows = ({ groups, entries, bytes, correlations, ...total }: CorrelatorStats): void => {
    for (const [what, value] of Object.entries({ groups, entries, bytes })) held.set(value, { what });
    for (const [what, value] of Object.entries(total)) passed(value, { what });
    const sums: Record<string, number> = {};
    for (const { id, ...counts } of correlations) {
      for (const [what, count] of Object.entries(counts)) sums[what] = (sums[what] ?? 0) + count;
    }
    for (const [what, value] of Object.entries(sums)) passed(value, { what });
  };
  telemetry.onRender(() => {
    const { rules: each, history, windows, ...counts } = stats();
    if (windows) showWindows(windows);
    const { series, sightings, ...events } = history;
    for (const [what, count] of Object.entries(counts)) total(count, { what });
    for (const [what, count] of Object.entries(events)) lost(count, { what });
    remembered.set(series, { what: "series" });
    remembered.set(sightings, { what: "sightings" });
    off.set(each.filter((rule) => rule.disabled).length);
    for (const { id, matches, alerts, errors, unresolved } of each) {
      for (const [what, count] of Object.entries({ matches, alerts, errors, unresolved })) {
        if (count > 0) rules(count, { rule: id, what });
      }
    }
  });
}
