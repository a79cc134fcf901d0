import type { Alert } from "@vedette/sdk";
import type { AlertKeeper } from "./alerting/index.ts";
import type { SocketPlugins } from "./socket-plugins.ts";

interface Told {
  readonly alerting: AlertKeeper;
  /** Makes the jobs that alerts start; they are on disk when it resolves. */
  readonly respond: { alerted(alerts: readonly Alert[]): Promise<void> };
  readonly plugins: { alerted(alerts: readonly Alert[]): void };
  readonly sockets: () => Pick<SocketPlugins, "stored"> | undefined;
}

/**
 * Keeps alerts that no batch waits for, of time and of shared detection, and tells all who are told of those of batches. Who
 * insists calls it again with the same alerts: jobs are made once, and plugins hear of them when all else is done.
 */
export const tellingKeeper = ({ alerting, respond, plugins, sockets }: Told): AlertKeeper => ({
  async keep(alerts, token, signal) {
    const kept = await alerting.keep(alerts, token, signal);
    await respond.alerted(kept);
    plugins.alerted(kept);
    sockets()?.stored([], kept);
    return kept;
  },
});
