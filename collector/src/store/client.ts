import { Agent } from "node:https";
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { VedetteError } from "@vedette/sdk";
import { storeError } from "./errors.ts";
import { onCluster } from "./layout.ts";
import { Nodes } from "./nodes.ts";
import { statementSettings } from "./settings.ts";
import type { StoreTarget } from "./types.ts";

type Server = Omit<StoreTarget, "database"> & { readonly database?: string };

/** The official client for each node. */
export const nodesOf = (target: Server): Nodes =>
  new Nodes([target.url].flat().map((url) => clientFor(url, target)));

function clientFor(url: string, target: Server): ClickHouseClient {
  const connections = target.maxConnections ?? 16;
  return createClient({
    url,
    username: target.user,
    password: target.password,
    ...(target.database === undefined ? {} : { database: target.database }),
    application: "vedette-collector",
    request_timeout: target.requestTimeoutMs ?? 120_000,
    max_open_connections: connections,
    ...(url.startsWith("https:") && {
      http_agent: new Agent({ keepAlive: true, maxSockets: connections, ...target.tls }),
    }),
    // Loopback or a data centre network: compressing costs more CPU than it saves (measured, docs/decisions).
    compression: { request: false, response: false },
    // Its own log would print to the console beside ours; every failure reaches us as an error anyway.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

const DATABASE = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Makes the database where it is missing and the user may; where the user may not, someone has made it or the next call says so. */
export async function ensureDatabase(target: StoreTarget): Promise<void> {
  const { database, ...server } = target;
  if (!DATABASE.test(database)) {
    throw new VedetteError("store.rejected", `"${database}" cannot name a database.`, { verdict: "stop" });
  }
  const nodes = nodesOf(server);
  const query = createDatabase({ database, cluster: target.cluster });
  try {
    await nodes.use(
      (client) =>
        client.command({ query, clickhouse_settings: statementSettings(target) }).catch(refusedIsFine),
      (error) => storeError(error, "Connecting"),
      undefined,
    );
  } finally {
    await nodes.close();
  }
}

/** The statement that makes the database. */
export const createDatabase = (layout: {
  readonly database: string;
  readonly cluster: string | undefined;
}): string => `CREATE DATABASE IF NOT EXISTS \`${layout.database}\`${onCluster(layout)}`;

function refusedIsFine(error: unknown): void {
  if (!(error instanceof ClickHouseError)) throw error;
}
