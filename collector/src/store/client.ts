import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import type { StoreTarget } from "./types.ts";

/** The official client; settings that our delivery contract relies on are sent with every request. */
export function clientFor(target: StoreTarget): ReturnType<typeof createClient> {
  return createClient({
    url: target.url,
    username: target.user,
    password: target.password,
    database: target.database,
    application: "vedette-collector",
    request_timeout: target.requestTimeoutMs ?? 120_000,
    max_open_connections: target.maxConnections ?? 16,
    // Loopback or a data centre network: compressing costs more CPU than it saves (measured, docs/decisions).
    compression: { request: false, response: false },
    // Its own log would print to the console beside ours; every failure reaches us as an error anyway.
    log: { level: ClickHouseLogLevel.OFF },
  });
}
