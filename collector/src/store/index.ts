import { isVedetteError, VedetteError } from "@vedette/sdk";
import { ensureDatabase } from "./client.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { ClickHouseStore } from "./store.ts";
import { tuneEvents } from "./tuning.ts";
import type { Store, StoreDeps, StoreTarget } from "./types.ts";

export { alertsNow, incidentsNow } from "./alerts-now.ts";
export { grantStatements, schemaStatements } from "./ddl.ts";
export { storeError } from "./errors.ts";
export { type Examined, examineStore } from "./examine.ts";
export type { Layout } from "./layout.ts";
export type { Retention } from "./retention.ts";
export { retentionOf, storeTarget } from "./target.ts";
export type {
  QueryLimits,
  QueryOptions,
  QueryParams,
  RowTable,
  Store,
  StoreDeps,
  StoreTarget,
} from "./types.ts";

/**
 * Connects to ClickHouse — a server or the engine process — and brings its schema up to date.
 * Throws `store.unavailable` (retry) where it does not answer and `store.newer` (stop) where a newer Vedette has been there.
 */
export async function openStore(target: StoreTarget, deps: StoreDeps): Promise<Store> {
  await ensureDatabase(target);
  const store = new ClickHouseStore(target, deps);
  try {
    await store.ping();
    const applied = await migrate(store, await readMigrations());
    if (applied > 0)
      deps.log.info({ applied, database: target.database }, "The store's schema was brought up to date.");
    await requireLayout(store);
    await tune(store, deps);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A user who may not change the table leaves it as it is: it only costs the server more. */
async function tune(store: ClickHouseStore, { log }: StoreDeps): Promise<void> {
  try {
    const settings = await tuneEvents(store);
    if (settings.length > 0) log.info({ settings }, "The table of events was tuned.");
  } catch (error) {
    if (!isVedetteError(error) || error.verdict.verdict !== "drop") throw error;
    log.info({ error }, "The table of events could not be tuned; inserts cost more than they need to.");
  }
}

/** A database that was made for one server and is opened as a cluster's, or the other way round, would lose rows silently. */
async function requireLayout(store: ClickHouseStore): Promise<void> {
  const [row] = await store.query<{ engine: string }>(
    "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = 'events'",
  );
  const { cluster, database } = store.layout;
  const found = row?.engine === "Distributed";
  if (row === undefined || found === (cluster !== undefined)) return;
  const message = found
    ? `The database ${database} belongs to a cluster; name it as collector.store.cluster.`
    : `The database ${database} was made for one server, not for a cluster. Leave collector.store.cluster out, or name another collector.store.database.`;
  throw new VedetteError("store.rejected", message, { verdict: "stop" });
}
