import { type Telemetry, upTo } from "@vedette/core/telemetry";
import type { PluginEntry } from "./entry.ts";
import { threadStats } from "./thread/index.ts";

const conditions = ["healthy", "warning", "error", "disabled"] as const;

/** Shows how plugins in this process are as metrics. Labels are ids and parts of plugins, which are bounded. */
export function pluginMetrics(telemetry: Telemetry, list: () => readonly PluginEntry[]): void {
  const of = ["plugin", "part"];
  const condition = telemetry.gauge(
    "vedette_plugin_condition",
    "1 for the condition that a plugin is in: healthy, warning, error, disabled.",
    ["plugin", "condition"],
  );
  const waiting = telemetry.gauge("vedette_plugin_waiting", "What waits for a part of a plugin.", of);
  const counter = (name: string, help: string) => upTo(telemetry.counter(name, help, of));
  const counted = {
    calls: counter("vedette_plugin_calls_total", "Calls of a part of a plugin."),
    errors: counter("vedette_plugin_errors_total", "Calls that failed."),
    dropped: counter("vedette_plugin_dropped_total", "What was handed over or given, and left out."),
    busyMs: counter("vedette_plugin_busy_seconds_total", "Time from calls to their ends."),
    blockedMs: counter(
      "vedette_plugin_blocked_seconds_total",
      "Time in which a plugin held the whole process, in calls that held it for more than 100 ms.",
    ),
  };
  const heap = telemetry.gauge(
    "vedette_plugin_thread_heap_bytes",
    "Memory of the objects in a plugin's thread.",
    ["plugin"],
  );
  const ofThread = {
    cpuSeconds: upTo(
      telemetry.counter("vedette_plugin_thread_cpu_seconds_total", "CPU time of a plugin's thread.", [
        "plugin",
      ]),
    ),
    restarts: upTo(
      telemetry.counter(
        "vedette_plugin_thread_restarts_total",
        "Times a plugin's thread was started again.",
        ["plugin"],
      ),
    ),
  };
  telemetry.onRender(() => {
    for (const entry of list()) {
      const plugin = entry.plugin.id;
      const thread = threadStats(entry.plugin);
      if (thread) {
        heap.set(thread.heapBytes, { plugin });
        for (const key of ["cpuSeconds", "restarts"] as const) ofThread[key](thread[key], { plugin });
      }
      for (const name of conditions)
        condition.set(name === entry.condition ? 1 : 0, { plugin, condition: name });
      for (const part of entry.components()) {
        const labels = { plugin, part: part.role };
        waiting.set(part.waiting, labels);
        for (const key of ["calls", "errors", "dropped"] as const) counted[key](part[key], labels);
        for (const key of ["busyMs", "blockedMs"] as const) counted[key](part[key] / 1_000, labels);
      }
    }
  });
}
