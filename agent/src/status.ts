import type { Telemetry } from "@vedette/core/telemetry";
import type { Clock, Health } from "@vedette/sdk";
import type { InputSet } from "./input/index.ts";
import type { AgentMetrics } from "./metrics.ts";
import type { Spool } from "./spool/index.ts";
import type { Transport } from "./transport/index.ts";

/** What an agent says of itself on its control socket. */
export interface AgentStatus {
  readonly agentId: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  /** Of the whole process, user and system. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly health: Health;
  readonly inputs: readonly { readonly name: string; readonly health: Health }[];
  readonly stats: AgentStats;
}

/** What an agent has done since its start. */
export interface AgentStats {
  /** Lines in sealed batches or dropped; those in a batch that is still filling are not counted yet. */
  readonly lines: number;
  readonly events: number;
  readonly dropped: number;
  readonly batchesSealed: number;
  readonly batchesSent: number;
  readonly batchesResent: number;
  readonly batchesAcknowledged: number;
  readonly spoolBytes: number;
  readonly unacknowledged: number;
  readonly connected: boolean;
}

export function statsOf(metrics: AgentMetrics, spool: Spool, transport: Transport): AgentStats {
  return {
    lines: metrics.lines.total(),
    events: metrics.events.total(),
    dropped: metrics.dropped.total(),
    batchesSealed: metrics.sealed.total(),
    batchesSent: metrics.sent.total(),
    batchesResent: metrics.resent.total(),
    batchesAcknowledged: metrics.acknowledged.total(),
    spoolBytes: spool.bytes,
    unacknowledged: spool.unacknowledged,
    connected: transport.connected,
  };
}

/** Keeps the gauges that are cheaper to read than to keep. */
export function observeSpool(telemetry: Telemetry, metrics: AgentMetrics, spool: Spool, clock: Clock): void {
  telemetry.onRender(() => {
    const { unacknowledged, newestAcknowledged } = spool;
    metrics.spoolBytes.set(spool.bytes);
    metrics.spoolBatches.set(unacknowledged);
    const lag = unacknowledged === 0 ? 0 : Math.max(0, clock.now() - newestAcknowledged) / 1_000;
    metrics.lagSeconds.set(lag);
  });
}

/** The worst that can be said of an agent. */
export function healthOf(inputs: InputSet, transport: Transport): Health {
  const ofInputs = inputs.health();
  if (ofInputs) return ofInputs;
  if (transport.problem !== undefined) return { status: "warning", message: transport.problem };
  if (!transport.connected)
    return { status: "warning", message: "No collector is connected; batches wait in the spool." };
  return { status: "healthy", message: "Reading and shipping." };
}

/** CPU time and memory of this process. */
export function usageNow(): Pick<AgentStatus, "cpuSeconds" | "rssBytes"> {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() };
}
