import type { Telemetry } from "@vedette/core/telemetry";
import type { IntelStatus } from "./intel.ts";

/** Shows how threat lists are as metrics, labelled by list; their number is bounded by the configuration. */
export function intelMetrics(telemetry: Telemetry, status: () => readonly IntelStatus[]): void {
  const entries = telemetry.gauge("vedette_list_entries", "Entries of each threat list.", ["list"]);
  const bytes = telemetry.gauge("vedette_list_bytes", "Memory of the entries of each threat list.", ["list"]);
  const left = telemetry.gauge(
    "vedette_list_left_out",
    "Lines of each threat list that are not looked for: no address, domain or hash (unread), or over its limit (beyond).",
    ["list", "why"],
  );
  const checked = telemetry.gauge(
    "vedette_list_checked_timestamp_seconds",
    "When each threat list was last known to be what its source says, seconds since 1970; 0 where never.",
    ["list"],
  );
  const failing = telemetry.gauge(
    "vedette_list_failing",
    "1 where the last look at the source of a threat list failed.",
    ["list"],
  );
  telemetry.onRender(() => {
    for (const { name: list, ...each } of status()) {
      entries.set(each.entries, { list });
      bytes.set(each.bytes, { list });
      left.set(each.unread, { list, why: "unread" });
      left.set(each.beyond, { list, why: "beyond" });
      checked.set(Math.trunc(each.checkedAt / 1_000), { list });
      failing.set(each.problem === undefined ? 0 : 1, { list });
    }
  });
}
