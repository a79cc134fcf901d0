import { ClickHouseError, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { VedetteError } from "@vedette/sdk";
import { storeError } from "./errors.ts";
import type { StoreTarget } from "./types.ts";

/** The official client; settings that our delivery contract relies on are sent with every request. */
export function clientFor(
  target: Omit<StoreTarget, "database"> & { readonly database?: string },
): ReturnType<typeof createClient> {
  return createClient({
    url: target.url,
    username: target.user,
    password: target.password,
    ...(target.database === undefined ? {} : { database: target.database }),
    application: "vedette-collector",
    request_timeout: target.requestTimeoutMs ?? 120_000,
    max_open_connections: target.maxConnections ?? 16,
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
  const client = clientFor(server);
  try {
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS \`${database}\`` });
  } catch (error) {
    if (!(error instanceof ClickHouseError)) throw storeError(error, "Connecting");
  } finally {
    await client.close();
  }
}
