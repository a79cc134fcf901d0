import type { PluginKind, ServingKind } from "./kinds.ts";
import type { Outbox } from "./outbox.ts";
import type { PluginClient } from "./plugin-client.ts";
import type { PluginProcess } from "./plugin-process.ts";
import type { Processes } from "./processes.ts";
import type { PluginStatus } from "./status.ts";

interface Facts {
  readonly processes: Processes;
  readonly clients: readonly PluginClient[];
  readonly outboxes: readonly Outbox[];
  /** Socket files there are. */
  readonly sockets: readonly { readonly name: string; readonly kind: ServingKind }[];
  readonly listed: Readonly<Record<"analysis" | "correlation" | "notification", readonly string[]>>;
}

/** How every plugin is. */
export function statusOf({ processes, clients, outboxes, sockets, listed }: Facts): PluginStatus[] {
  const found: PluginStatus[] = [];
  const spokenFor = new Set<PluginProcess>();
  const keys = new Map<string, { readonly name: string; readonly kind: ServingKind }>();
  for (const { name, kind } of [...clients, ...sockets]) keys.set(`${name} ${kind}`, { name, kind });
  for (const { name, kind } of keys.values()) {
    const process = processes.serving(name);
    if (process) spokenFor.add(process);
    const client = clients.find((each) => each.name === name && each.kind === kind);
    const outbox = outboxes.find((each) => each.client === client);
    const isListed = kind === "parsing" || listed[kind].includes(name);
    const there = sockets.some((each) => each.name === name && each.kind === kind);
    found.push({
      id: name,
      kind,
      ...judged(process, client, there, isListed, kind),
      ...counted(process, client, outbox),
    });
  }
  for (const process of processes.all) {
    if (spokenFor.has(process)) continue;
    const { problem, name } = process;
    const kind: PluginKind = process.pid === undefined ? "unknown" : "input";
    const disabled = process.executable.problem !== undefined;
    const state = disabled
      ? "disabled"
      : problem === undefined
        ? "healthy"
        : process.isBroken
          ? "error"
          : "warning";
    const message = problem ?? (process.starts === 0 ? "It waits for its turn to start." : "It runs.");
    found.push({ id: name, kind, state, message, ...counted(process, undefined, undefined) });
  }
  return found.sort((a, b) => (a.id === b.id ? (a.kind < b.kind ? -1 : 1) : a.id < b.id ? -1 : 1));
}

function judged(
  process: PluginProcess | undefined,
  client: PluginClient | undefined,
  there: boolean,
  isListed: boolean,
  kind: ServingKind,
): Pick<PluginStatus, "state" | "message"> {
  if (process?.problem !== undefined)
    return { state: process.isBroken ? "error" : "warning", message: process.problem };
  if (client?.isBroken) return { state: "error", message: client.lastError ?? "It does not answer." };
  if (!isListed)
    return {
      state: "disabled",
      message: `It is not named in socketPlugins.order.${kind}, so nobody calls it.`,
    };
  if (client && !client.isConnected && !there)
    return { state: "error", message: `There is no socket of this name: no plugin serves it.` };
  if (client?.lastError !== undefined && client.errors * 10 > client.calls)
    return { state: "warning", message: `Many calls fail: ${client.lastError}` };
  return { state: "healthy", message: client ? "It answers." : "It serves; nobody has called it yet." };
}

function counted(
  process: PluginProcess | undefined,
  client: PluginClient | undefined,
  outbox: Outbox | undefined,
): Omit<PluginStatus, "id" | "kind" | "state" | "message"> {
  const drops = Object.fromEntries(
    Object.entries({ ...outbox?.drops, ...(client?.kind === "analysis" ? client.missed : {}) }).filter(
      ([, count]) => count > 0,
    ),
  );
  return {
    restarts: Math.max(0, (process?.starts ?? 0) - 1),
    calls: client?.calls ?? 0,
    errors: client?.errors ?? 0,
    waiting: outbox?.waiting ?? 0,
    dropped: Object.values(drops).reduce((sum, count) => sum + count, 0),
    drops,
    ...(client?.lastError !== undefined && { lastError: client.lastError }),
    ...(process?.rssBytes !== undefined && { rssBytes: process.rssBytes }),
    ...(process && { cpuSeconds: process.cpuSeconds }),
  };
}
