import { messageOf, tlsClientOptions, VedetteError } from "@vedette/sdk";
import type { StoreConfig } from "../config/index.ts";
import type { Retention } from "./retention.ts";
import type { StoreTarget } from "./types.ts";

/**
 * The server that a configuration names; undefined where it asks for the embedded engine. Reads the TLS files, relative
 * to `baseDir`, and throws `config.invalid` where one cannot be read.
 */
export async function storeTarget(config: StoreConfig, baseDir: string): Promise<StoreTarget | undefined> {
  const { url, user, password, database, cluster, quorum, tls } = config;
  if (url === undefined) return undefined;
  try {
    const secured = tls === undefined ? {} : { tls: await tlsClientOptions(tls, baseDir) };
    return { url, user, password, database, cluster, quorum, ...secured };
  } catch (error) {
    const message = `A file of collector.store.tls cannot be read: ${messageOf(error)}`;
    throw new VedetteError("config.invalid", message, { verdict: "stop" }, { cause: error });
  }
}

/** How long a configuration wants rows to be kept, and where. */
export const retentionOf = ({
  retentionDays,
  retention,
  findingDays,
  storagePolicy,
  moveTo,
}: StoreConfig): Retention => ({
  days: retentionDays,
  findingDays,
  rules: retention,
  storagePolicy,
  moveTo,
});
