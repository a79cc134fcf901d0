import type { Clock, Health } from "@vedette/sdk";
import type { Alerting } from "./alerting/index.ts";
import type { CollectorStatus, DatabaseStatus } from "./api/index.ts";
import type { Backend } from "./backend.ts";
import type { EnrichStage } from "./enrich/index.ts";
import type { Agents, KafkaIngest } from "./ingest/index.ts";
import type { OpenedPlugins } from "./plugin-host/index.ts";
import type { SocketPlugins } from "./socket-plugins.ts";

/** The parts of a collector as far as they are there: the API answers while the others are being opened. */
export interface CollectorParts {
  readonly agents: Agents;
  readonly kind: "embedded" | "server";
  backend?: Backend;
  enrich?: EnrichStage;
  kafka?: KafkaIngest;
  plugins?: OpenedPlugins;
  alerting?: Alerting;
  sockets?: SocketPlugins;
}

/** An agent that ships through Kafka has no connection: it counts as connected for so long after a batch. */
const heardForMs = 60_000;

const iso = (ms: number): string => new Date(ms).toISOString();

/** What the collector knows of itself without asking the store. `startedAt` in milliseconds since 1970. */
export function collectorStatus(parts: CollectorParts, clock: Clock, version: string): () => CollectorStatus {
  const startedAt = iso(clock.now());
  return () => ({
    version,
    startedAt,
    engine: {
      kind: parts.kind,
      state: engineState(parts.backend?.state() ?? "starting"),
      restarts: parts.backend?.restarts() ?? 0,
    },
    agents: parts.agents.list().map((agent) => ({
      agentId: agent.agentId,
      host: agent.host,
      version: agent.version,
      connected: agent.connections > 0 || clock.now() - agent.heardAt < heardForMs,
      lastSeen: iso(Math.max(agent.lastBatchAt, agent.connectedAt)),
      events: agent.events,
      clockSkewMs: agent.clockSkewMs,
    })),
    databases: Object.entries(parts.enrich?.health() ?? {}).flatMap(([plugin, health]) =>
      databasesOf(plugin, health),
    ),
    ...(parts.kafka && { kafka: parts.kafka.status }),
  });
}

/** One entry per database, so that the page shows the age of each; a plugin without any shows only its problem. */
function databasesOf(plugin: string, { status, message, databases = [] }: Health): DatabaseStatus[] {
  const problem = status === "error" ? { problem: message } : {};
  if (databases.length === 0) return status === "healthy" ? [] : [{ name: plugin, problem: message }];
  return databases.map(({ name, builtAt }) => ({ name: `${plugin} ${name}`, builtAt, ...problem }));
}

function engineState(name: ReturnType<Backend["state"]>): CollectorStatus["engine"]["state"] {
  if (name === "ready") return "running";
  return name === "starting" || name === "locked" || name === "restarting" ? "starting" : "down";
}
