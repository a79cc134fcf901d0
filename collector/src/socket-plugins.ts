import type { Batch } from "@vedette/core/batch";
import type { Isolation } from "@vedette/core/plugin-isolation";
import type { SocketHost } from "@vedette/core/socket-plugins";
import type { Telemetry } from "@vedette/core/telemetry";
import type { Alert, Deps } from "@vedette/sdk";
import type { CollectorConfig } from "./config/index.ts";

/** What plugins over sockets do with batches and alerts. */
export interface SocketPlugins {
  /** What analysis plugins find in a batch; the same batch again gives the same ids. Never rejects. */
  analyze(batch: Batch): Promise<readonly Alert[]>;
  /** Tells correlation and notification plugins of what is stored. Nobody waits for them. */
  stored(batches: readonly Batch[], alerts: readonly Alert[]): void;
  status(): ReturnType<SocketHost["status"]>;
  stop(): Promise<void>;
}

/** Opens and starts the plugins of a configuration; undefined where it names none. Throws `config.invalid`. */
export async function openSocketPlugins(
  { socketPlugins }: CollectorConfig,
  where: { readonly stateDir: string; readonly baseDir: string },
  deps: Deps & { readonly isolation?: Isolation | undefined; readonly telemetry: Telemetry },
): Promise<SocketPlugins | undefined> {
  if (!socketPlugins) return undefined;
  // Loaded only where it is used: it costs memory.
  const { programMetrics, SocketHost } = await import("@vedette/core/socket-plugins");
  const host = await SocketHost.open(socketPlugins, where, deps);
  host.start();
  programMetrics(deps.telemetry, () => host.status());
  return {
    analyze: (batch) => host.analyze(batch.header.rows, (row) => batch.event(row)),
    stored: (batches, alerts) => {
      for (const alert of alerts) host.correlate(alert);
      if (host.announces("enqueue_success")) for (const batch of batches) announce(host, batch);
    },
    status: () => host.status(),
    stop: () => host.stop(),
  };
}

function announce(host: SocketHost, batch: Batch): void {
  const { dataType } = batch.header;
  const sources = batch.columns.get("dataSource");
  const tenants = batch.columns.get("tenantId");
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  for (let row = 0; row < batch.header.rows; row++) {
    const dataSource = text(sources?.value(row));
    host.announce("enqueue_success", { dataType, dataSource, tenantId: text(tenants?.value(row)) });
  }
}
