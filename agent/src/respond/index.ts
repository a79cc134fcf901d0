import type { Telemetry } from "@vedette/core/telemetry";
import type { Deps } from "@vedette/sdk";
import type { CollectorTls, RespondConfig } from "../config/index.ts";
import { openCertificates } from "../transport/index.ts";
import { attend } from "./attend.ts";
import { Executor } from "./executor.ts";
import { BanJournal } from "./journal.ts";
import { HostGuard } from "./never.ts";
import { NftTable } from "./nft.ts";

/** Lets collectors ask this host for bans until the signal aborts. */
export async function runRespond(
  config: RespondConfig,
  who: { readonly agentId: string; readonly host: string; readonly version: string },
  collectors: readonly string[],
  deps: Deps & {
    readonly telemetry: Telemetry;
    readonly stateDir: string;
    /** How collectors are reached, and where its relative paths start. Default: no TLS. */
    readonly tls: CollectorTls | undefined;
    readonly baseDir: string;
  },
): Promise<void> {
  const { log, clock, telemetry } = deps;
  const { nftables, key } = config;
  const table = new NftTable(nftables, log);
  const guard = new HostGuard(nftables, collectors, { now: clock.now });
  const journal = await BanJournal.open(deps.stateDir, clock.now);
  if (journal.problem !== undefined)
    log.warn({ reason: journal.problem }, "The bans of before cannot be read; they end by themselves.");
  const executor = new Executor(nftables, { table, guard, journal, clock, log, telemetry });
  await executor
    .restore()
    .catch((error: unknown) => log.error({ error }, "The bans of before cannot be made again."));
  await Promise.all(
    collectors.map((address) => {
      const certificates = deps.tls && openCertificates(deps.tls, deps.baseDir, deps.stateDir);
      const attendant = { ...who, key, maxTtlSeconds: nftables.maxTtlSeconds, certificates };
      return attend(address, attendant, executor, deps);
    }),
  );
}
