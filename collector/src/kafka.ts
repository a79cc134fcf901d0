import { type Kafka, openKafka } from "@vedette/core/kafka";
import type { Deps } from "@vedette/sdk";
import { insist } from "./bounded/index.ts";
import type { CollectorConfig } from "./config/index.ts";
import type { Ledger } from "./ingest/index.ts";
import { restoreLedger } from "./restore.ts";
import type { Store } from "./store/index.ts";

/** How far the clocks of collectors may be apart, and how long a batch may take from its receipt to its note. */
const marginMs = 10 * 60_000;

/** Opens the client that the configuration names, once; after a failure the next call tries again. */
export function kafkaOf(
  config: NonNullable<CollectorConfig["ingest"]["kafka"]>,
  deps: Deps & { readonly baseDir: string },
): () => Promise<Kafka> {
  let opened: Promise<Kafka> | undefined;
  return () => {
    opened ??= openKafka(config, deps).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

/**
 * Gives what adds to a ledger all that other collectors have stored since it was last asked, beginning with a time
 * (milliseconds since 1970). It insists for as long as the signal allows.
 */
export function ledgerRefresh(
  store: Store,
  ledger: Ledger,
  since: number,
  { log, clock }: Pick<Deps, "log" | "clock">,
): (signal: AbortSignal) => Promise<void> {
  let from = since;
  return (signal) =>
    insist(
      async () => {
        const now = clock.now();
        const lives = await restoreLedger(store, ledger, from - marginMs);
        from = now;
        log.info({ lives, ms: clock.now() - now }, "What other collectors have stored was read.");
      },
      signal,
      (error, waitMs) => log.warn({ error, waitMs }, "What is stored could not be read, will retry."),
    );
}
