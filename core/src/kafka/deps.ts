import type { ConnectionOptions } from "node:tls";
import { type Logger, tlsClientOptions } from "@vedette/sdk";
import type { KafkaConnection } from "./settings.ts";

/** What the layer is given beside its settings. */
export interface KafkaDeps {
  readonly log: Logger;
  /** Folder to which relative names of certificate files refer. */
  readonly baseDir: string;
}

/** TLS options with the files read now; undefined where the connection has none. Rejects where a file cannot be read. */
export async function tlsOf(
  { tls }: KafkaConnection,
  baseDir: string,
): Promise<ConnectionOptions | undefined> {
  return tls.enabled ? await tlsClientOptions(tls, baseDir) : undefined;
}

/** What a consumer is given beside its options. */
export interface ConsumerDeps {
  readonly log: Logger;
  readonly brokers: readonly string[];
}
