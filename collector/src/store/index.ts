import { clientFor, ensureDatabase } from "./client.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { ClickHouseStore } from "./store.ts";
import type { Store, StoreDeps, StoreTarget } from "./types.ts";

export { storeError } from "./errors.ts";
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
  const store = new ClickHouseStore(clientFor(target), deps);
  try {
    await store.ping();
    const applied = await migrate(store, await readMigrations());
    if (applied > 0)
      deps.log.info({ applied, database: target.database }, "The store's schema was brought up to date.");
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
