import type { PluginStatus } from "@vedette/core/socket-plugins";
import type { Clock, Logger } from "@vedette/sdk";
import type { Alerting } from "../alerting/index.ts";
import type { Connections } from "../connections/index.ts";
import type { ApiKeys } from "../control/index.ts";
import type { KafkaStatus } from "../ingest/index.ts";
import type { PackStore } from "../packs/index.ts";
import type { OpenedPlugins } from "../plugin-host/index.ts";
import type { Actions, Blocklist, Notifier, Respond } from "../respond/index.ts";
import type { RuleBook } from "../rule-book.ts";
import type { TailBus } from "./live/index.ts";
import type { ParamValue } from "./search/index.ts";

/** What the API asks of the store: parameterised SELECTs over its tables, ended when `signal` aborts. */
export interface QueryStore {
  query<Row>(
    sql: string,
    params?: Readonly<Record<string, ParamValue>>,
    options?: {
      readonly signal?: AbortSignal;
      readonly settings?: Readonly<Record<string, string | number>>;
    },
  ): Promise<Row[]>;
}

/** An enrichment database in use. */
export interface DatabaseStatus {
  readonly name: string;
  /** When its data was made, RFC 3339. */
  readonly builtAt?: string;
  readonly problem?: string;
}

/** An agent heard from since the collector started. Times in RFC 3339. */
export interface AgentStatus {
  readonly agentId: string;
  readonly host: string;
  readonly version: string;
  readonly connected: boolean;
  readonly lastSeen?: string;
  readonly lastEventAt?: string;
  readonly events: number;
  readonly clockSkewMs: number;
}

/** What the collector knows of itself without asking the store. */
export interface CollectorStatus {
  readonly version: string;
  readonly startedAt: string;
  readonly engine: {
    readonly kind: "embedded" | "server";
    readonly state: "running" | "starting" | "down";
    readonly restarts?: number;
  };
  readonly agents: readonly AgentStatus[];
  readonly databases: readonly DatabaseStatus[];
  /** Its part of the topic of batches, where it takes batches from Kafka. */
  readonly kafka?: KafkaStatus;
}

/** What the API needs of workflows and their jobs. */
export type ResponseOf = Pick<
  Respond,
  "workflows" | "jobs" | "answers" | "run" | "hooked" | "catalog" | "putWorkflow" | "removeWorkflow"
>;

export interface ApiDeps {
  readonly store: QueryStore;
  readonly keys: ApiKeys;
  readonly connections: Connections;
  /** Absent only in tests of something else. */
  readonly notifications?: Notifier;
  /** Takes secrets out of what is said about a request that failed. */
  readonly redact?: (text: string) => string;
  readonly tail: TailBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly status: () => CollectorStatus;
  /** The last lines of the log, one JSON object each. */
  readonly recentLog?: () => string;
  /** How plugins over sockets are. */
  readonly programs?: () => PluginStatus[];
  /** The plugins; undefined while they are being opened. */
  readonly plugins: () => OpenedPlugins | undefined;
  /** The alert pipeline; undefined while the store is being opened. */
  readonly alerting?: () => Alerting | undefined;
  /** Workflows and their jobs. */
  readonly respond?: ResponseOf;
  /** What firewalls and bouncers that ask are to block. */
  readonly blocklist?: Pick<Blocklist, "active" | "ended">;
  /** What may be done outside. */
  readonly actions?: Actions;
  /** The rules that run, and how they are read again; absent only in tests of something else. */
  readonly rules?: Pick<RuleBook, "rules" | "reload">;
  /** Packs of rules; absent only in tests of something else. */
  readonly packs?: PackStore;
  /** Resolves with undefined when requests can be answered, else with the reason why not. */
  readonly unready: () => Promise<string | undefined>;
  /** Metrics in the Prometheus text format. */
  readonly metrics: () => string;
  /** True when the API listens on a loopback address only: then it is open until the first key is made. */
  readonly loopback: boolean;
  /** Host names, besides those of loopback, by which an open API may be addressed. */
  readonly hosts?: readonly string[];
  /** Directory of the built page; without it the API answers alone. */
  readonly pageDir?: string;
}
