import type { CollectorStatus } from "./api/index.ts";
import type { Backend } from "./backend.ts";
import type { EnrichStage } from "./enrich/index.ts";
import type { Agents } from "./ingest/index.ts";

interface StatusDeps {
  readonly backend: Backend;
  readonly agents: Agents;
  readonly enrich: EnrichStage;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly version: string;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** What the collector knows of itself without asking the store. */
export function collectorStatus({
  backend,
  agents,
  enrich,
  startedAt,
  version,
}: StatusDeps): () => CollectorStatus {
  return () => ({
    version,
    startedAt: iso(startedAt),
    engine: { kind: backend.kind, state: engineState(backend.state()), restarts: backend.restarts() },
    agents: agents.list().map((agent) => ({
      agentId: agent.agentId,
      host: agent.host,
      version: agent.version,
      connected: agent.connections > 0,
      lastSeen: iso(Math.max(agent.lastBatchAt, agent.connectedAt)),
      events: agent.events,
      clockSkewMs: agent.clockSkewMs,
    })),
    databases: Object.entries(enrich.health()).map(([name, { status, message }]) => ({
      name,
      ...(status === "healthy" ? {} : { problem: message }),
    })),
  });
}

function engineState(name: ReturnType<Backend["state"]>): CollectorStatus["engine"]["state"] {
  if (name === "ready") return "running";
  return name === "starting" || name === "locked" || name === "restarting" ? "starting" : "down";
}
