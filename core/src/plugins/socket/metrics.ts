import { type Telemetry, upTo } from "../../telemetry/index.ts";
import type { PluginStatus } from "./status.ts";

const states = ["healthy", "warning", "error", "disabled"] as const;

/** Shows how plugins over sockets are as metrics. Labels are their names and kinds, which are bounded, and fixed words. */
export function programMetrics(telemetry: Telemetry, status: () => readonly PluginStatus[]): void {
  const of = ["plugin", "kind"];
  const state = telemetry.gauge(
    "vedette_program_state",
    "1 for the state that a plugin over a socket is in: healthy, warning, error, disabled.",
    [...of, "state"],
  );
  const waiting = telemetry.gauge(
    "vedette_program_waiting",
    "Alerts or messages that wait for a plugin.",
    of,
  );
  const memory = telemetry.gauge("vedette_program_resident_bytes", "Memory of a plugin's program.", of);
  const counted = {
    restarts: upTo(
      telemetry.counter("vedette_program_restarts_total", "Times a plugin was started again.", of),
    ),
    calls: upTo(telemetry.counter("vedette_program_calls_total", "Calls of a plugin.", of)),
    errors: upTo(telemetry.counter("vedette_program_errors_total", "Calls of a plugin that failed.", of)),
    cpuSeconds: upTo(
      telemetry.counter("vedette_program_cpu_seconds_total", "CPU time of a plugin's program.", of),
    ),
  };
  const dropped = upTo(
    telemetry.counter(
      "vedette_program_dropped_total",
      "Events, alerts or messages that a plugin did not get, by reason: queue_full, away, failed.",
      [...of, "reason"],
    ),
  );
  telemetry.onRender(() => {
    for (const each of status()) {
      const labels = { plugin: each.id, kind: each.kind };
      for (const name of states) state.set(name === each.state ? 1 : 0, { ...labels, state: name });
      waiting.set(each.waiting, labels);
      memory.set(each.rssBytes ?? 0, labels);
      for (const key of ["restarts", "calls", "errors", "cpuSeconds"] as const)
        counted[key](each[key] ?? 0, labels);
      for (const [reason, count] of Object.entries(each.drops)) dropped(count, { ...labels, reason });
    }
  });
}
