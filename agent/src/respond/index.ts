import type { Telemetry } from "@vedette/core/telemetry";
import type { Deps } from "@vedette/sdk";
import type { RespondConfig } from "../config/index.ts";
import { attend } from "./attend.ts";
import { Executor } from "./executor.ts";
import { HostGuard } from "./never.ts";
import { NftTable } from "./nft.ts";

/** Lets collectors ask this host for bans until the signal aborts. */
export async function runRespond(
  config: RespondConfig,
  who: { readonly agentId: string; readonly host: string; readonly version: string },
  collectors: readonly string[],
  deps: Deps & { readonly telemetry: Telemetry },
): Promise<void> {
  const { log, clock, telemetry } = deps;
  const { nftables, key } = config;
  const table = new NftTable(nftables, log);
  const guard = new HostGuard(nftables, collectors, { now: clock.now });
  const executor = new Executor(nftables, { table, guard, clock, log, telemetry });
  const attendant = { ...who, key, maxTtlSeconds: nftables.maxTtlSeconds };
  await Promise.all(collectors.map((address) => attend(address, attendant, executor, deps)));
}
