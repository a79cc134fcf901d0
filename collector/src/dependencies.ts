import { lookup } from "node:dns/promises";
import { type ListEntry, parseAddress, parsePrefix } from "@vedette/sdk";
import type { CollectorConfig } from "./config/index.ts";
import type { Agents } from "./ingest/index.ts";

/** Addresses of agents that are given out, the newest first. */
const mostAgents = 10_000;
const lookupMs = 300_000;

/**
 * What this collector would cut itself off from: its store, its control database, its brokers, and the agents that connect to it.
 * Names are resolved every five minutes; one that cannot be resolved keeps the addresses it had.
 */
export function dependencies(
  config: CollectorConfig,
  agents: Pick<Agents, "list">,
  { now, resolve = resolveAll }: { readonly now: () => number; readonly resolve?: typeof resolveAll },
): () => Promise<readonly ListEntry[]> {
  const hosts = hostsOf(config);
  const known = new Map<string, readonly string[]>();
  let resolvedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (now() - resolvedAt >= lookupMs) {
      resolvedAt = now();
      await Promise.all(
        hosts.map(async ({ host }) => {
          const found = await resolve(host).catch(() => undefined);
          if (found) known.set(host, found);
        }),
      );
    }
    const own = hosts.flatMap(({ host, why }) => (known.get(host) ?? []).map((entry) => ({ entry, why })));
    const heard = agents
      .list()
      .filter(({ address }) => parsePrefix(address) !== undefined)
      .slice(-mostAgents)
      .map(({ address, agentId }) => ({ entry: address, why: `the agent ${agentId} connects from there` }));
    return [...own, ...heard];
  };
}

function hostsOf({
  store,
  control,
  ingest,
}: CollectorConfig): { readonly host: string; readonly why: string }[] {
  const urls = [
    ...[store.url ?? []].flat().map((url) => ({ url, why: "the store of this collector" })),
    ...(control.url === undefined
      ? []
      : [{ url: control.url, why: "the control database of this collector" }]),
  ];
  return [
    ...urls.map(({ url, why }) => ({ host: new URL(url).hostname.replace(/^\[|\]$/g, ""), why })),
    ...(ingest.kafka?.brokers ?? []).map((broker) => ({
      ...{ host: parseAddress(broker).host, why: "a broker of this collector" },
    })),
  ];
}

const resolveAll = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address.split("%")[0]!);
