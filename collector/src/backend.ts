import type { Deps } from "@vedette/sdk";
import { insist } from "./bounded/index.ts";
import type { CollectorConfig } from "./config/index.ts";
import { type EngineOptions, type EngineState, startEngine } from "./engine/index.ts";
import {
  openStore,
  type Retention,
  retentionOf,
  type Store,
  type StoreTarget,
  storeTarget,
} from "./store/index.ts";

/** The store that a configuration asks for, and how its engine fares. */
export interface Backend {
  readonly store: Store;
  /** State of the embedded engine; a server is taken to run until it does not answer. */
  state(): EngineState["name"];
  /** Times the embedded engine was started again. */
  restarts(): number;
  /** Process id of the embedded engine. */
  readonly pid: number | undefined;
  close(): Promise<void>;
}

/**
 * Opens a ClickHouse server by URL, or starts the embedded engine and opens that: the same client from here on.
 * Waits for a store that does not answer yet. Throws `store.newer`, `store.rejected` or what `signal` aborts with.
 */
export async function openBackend(
  config: CollectorConfig["store"],
  stateDir: string,
  deps: Deps & { readonly baseDir: string },
): Promise<Backend> {
  const { database, engineMemoryMiB } = config;
  const retention = retentionOf(config);
  const open = (target: StoreTarget): Promise<Store> =>
    insist(
      () => openWithRetention(target, retention, deps),
      deps.signal,
      (error, waitMs) => deps.log.warn({ error, waitMs }, "The store cannot be opened yet, will retry."),
    );
  const server = await storeTarget(config, deps.baseDir);
  if (server !== undefined) {
    const store = await open(server);
    return {
      store,
      state: () => "ready",
      restarts: () => 0,
      pid: undefined,
      close: () => store.close(),
    };
  }
  let state: EngineState["name"] = "starting";
  let restarts = 0;
  const options: EngineOptions = {
    stateDir,
    database,
    log: deps.log,
    memory: { maxMemoryBytes: engineMemoryMiB * 2 ** 20 },
    onState: (next) => {
      if (next.name === "restarting") restarts++;
      state = next.name;
    },
  };
  const engine = await insist(
    () => startEngine(options),
    deps.signal,
    (error, waitMs) => deps.log.warn({ error, waitMs }, "The engine cannot be started, will retry."),
  );
  try {
    const store = await open({ ...engine, url: engine.url });
    return {
      store,
      state: () => state,
      restarts: () => restarts,
      get pid() {
        return engine.pid;
      },
      close: async () => {
        await store.close();
        await engine.stop();
      },
    };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

async function openWithRetention(target: StoreTarget, retention: Retention, deps: Deps): Promise<Store> {
  const store = await openStore(target, deps);
  try {
    await store.setRetention(retention);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
