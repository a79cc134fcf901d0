import type { Deps } from "@vedette/sdk";
import type { CollectorConfig } from "./config/index.ts";
import { type EngineState, startEngine } from "./engine/index.ts";
import { openStore, type Store } from "./store/index.ts";

/** The store that a configuration asks for, and how its engine fares. */
export interface Backend {
  readonly store: Store;
  readonly kind: "embedded" | "server";
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
 * Throws `store.unavailable`, `store.newer` or `engine.exited`.
 */
export async function openBackend(
  config: CollectorConfig["store"],
  stateDir: string,
  deps: Deps,
): Promise<Backend> {
  const { database, retentionDays, engineMemoryMiB, url, user, password } = config;
  if (url !== undefined) {
    const store = await openStore({ url, user, password, database }, deps);
    await store.setRetention(retentionDays);
    return {
      store,
      kind: "server",
      state: () => "ready",
      restarts: () => 0,
      pid: undefined,
      close: () => store.close(),
    };
  }
  let state: EngineState["name"] = "starting";
  let restarts = 0;
  const engine = await startEngine({
    stateDir,
    database,
    log: deps.log,
    memory: { maxMemoryBytes: engineMemoryMiB * 2 ** 20 },
    onState: (next) => {
      if (next.name === "restarting") restarts++;
      state = next.name;
    },
  });
  try {
    const store = await openStore({ ...engine, url: engine.url }, deps);
    await store.setRetention(retentionDays);
    return {
      store,
      kind: "embedded",
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
