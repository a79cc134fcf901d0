import { VedetteError } from "@vedette/sdk";
import type { QueryStore } from "./api/index.ts";
import type { Store } from "./store/index.ts";

/** The store as the API sees it from the first moment, before it is open. */
export interface LateStore {
  readonly store: QueryStore;
  /** From now on queries are answered. */
  open(store: Store): void;
  /** From now on the collector takes batches. */
  ready(): void;
  /** Why the collector is not ready; undefined when it is and the store answers. */
  unready(): Promise<string | undefined>;
}

/** Until `open` is called, queries fail with `store.unavailable`, which the API answers with 503 and the reason. */
export function lateStore(): LateStore {
  let opened: Store | undefined;
  let isReady = false;
  const store = (): Store => {
    if (opened) return opened;
    const message = "The store is being opened; the collector's log says what it waits for.";
    throw new VedetteError("store.unavailable", message, { verdict: "retry" });
  };
  return {
    store: { query: async (sql, params, options) => store().query(sql, params, options) },
    open: (next) => {
      opened = next;
    },
    ready: () => {
      isReady = true;
    },
    unready: async () => {
      if (!opened) return "The store is being opened.";
      if (!isReady) return "What rules must remember is being read back.";
      return opened.ping().then(
        () => undefined,
        (error: Error) => error.message,
      );
    },
  };
}
