import { isIP } from "node:net";
import type { Asset, AssetsCapability, Health, PluginContext, ReportedAsset } from "@vedette/sdk";
import { Proxmox } from "./api.ts";
import { appsOf } from "./apps.ts";
import type { Settings } from "./settings.ts";

type Item = Readonly<Record<string, unknown>>;
type Kind = "qemu" | "lxc";

const maxGuests = 10_000;
const requestsAtOnce = 4;

interface Guest {
  readonly kind: Kind;
  readonly vmid: number;
  readonly node: string;
  readonly item: Item;
}

/** Nodes and guests of a cluster, with the programs that the notes of guests name. */
export const assets: AssetsCapability<Settings> = {
  every: ({ pollInterval }) => pollInterval,
  staleAfter: ({ offlineAfterHours }) => offlineAfterHours * 3_600,
  async assets(context) {
    if (context.settings.apiUrl === "" || context.settings.tokenId === "") return undefined;
    const proxmox = await Proxmox.open(context);
    const nodes = await proxmox.list("/nodes");
    const names = nodes.flatMap(({ node }) => (isName(node) ? [node] : []));
    const guests = (await guestsOfCluster(proxmox)) ?? (await guestsOfNodes(proxmox, names));
    const before = new Map((await context.assets.list()).map((each) => [each.id, each]));
    const report: ReportedAsset[] = names.map((node) => ({
      ...{ id: `${proxmox.host}:node:${node}`, name: node, kind: "node", hostnames: [node] },
    }));
    const waiting = guests.slice(0, maxGuests).values();
    const work = async (): Promise<void> => {
      for (const guest of waiting) report.push(await assetOf(guest, proxmox, before, context));
    };
    await Promise.all(Array.from({ length: requestsAtOnce }, work));
    if (guests.length > maxGuests)
      context.log.warn({ guests: guests.length, most: maxGuests }, "There are more guests than are taken.");
    return report;
  },
};

/** Whether the server answers, and what its version is. */
export async function health(context: PluginContext<Settings>): Promise<Health> {
  if (context.settings.apiUrl === "" || context.settings.tokenId === "")
    return { status: "warning", message: "Address and token are missing." };
  const proxmox = await Proxmox.open(context);
  const { version } = ((await proxmox.data("/version")) ?? {}) as { version?: unknown };
  return { status: "healthy", message: `Proxmox VE ${String(version).slice(0, 50)} on ${proxmox.host}.` };
}

/** All guests in one request; undefined where the server does not let us have it. */
async function guestsOfCluster(proxmox: Proxmox): Promise<Guest[] | undefined> {
  const resources = await proxmox.listIfAllowed("/cluster/resources?type=vm");
  return resources?.flatMap((item) => guestOf(item, item["type"], item["node"]));
}

/** The same, node by node. A node that does not answer fails the report: its guests must not count as gone. */
async function guestsOfNodes(proxmox: Proxmox, nodes: readonly string[]): Promise<Guest[]> {
  const guests: Guest[] = [];
  for (const node of nodes)
    for (const kind of ["qemu", "lxc"] as const)
      for (const item of await proxmox.list(`/nodes/${node}/${kind}`))
        guests.push(...guestOf(item, kind, node));
  return guests;
}

function guestOf(item: Item, kind: unknown, node: unknown): Guest[] {
  const vmid = Number(item["vmid"]);
  if ((kind !== "qemu" && kind !== "lxc") || !isName(node) || !Number.isSafeInteger(vmid) || vmid < 1)
    return [];
  return Number(item["template"] ?? 0) === 1 ? [] : [{ kind, vmid, node, item }];
}

async function assetOf(
  { kind, vmid, node, item }: Guest,
  proxmox: Proxmox,
  before: ReadonlyMap<string, Asset>,
  { log }: PluginContext<Settings>,
): Promise<ReportedAsset> {
  // Without its node, which changes when it moves.
  const id = `${proxmox.host}:guest:${vmid}`;
  const name = wordOf(item["name"]) ?? String(vmid);
  const labels = { vmid: String(vmid), node, status: wordOf(item["status"]) ?? "unknown" };
  const base = { id, name, kind: kind === "qemu" ? "vm" : "container", labels };
  const { status, body } = await proxmox.get(`/nodes/${node}/${kind}/${vmid}/config`);
  const config = (body as { data?: Item } | undefined)?.data;
  if (status !== 200 || typeof config !== "object" || config === null) {
    log.debug({ guest: id, status }, "The configuration of a guest cannot be read.");
    const { hostnames = [name], ips = [], apps = [] } = before.get(id) ?? {};
    return { ...base, hostnames, ips, apps };
  }
  const own = wordOf(config["hostname"]);
  return {
    ...{ ...base, hostnames: [...new Set([name, ...(own === undefined ? [] : [own])])] },
    ...{ ips: addressesOf(config), apps: appsOf(String(config["description"] ?? "")) },
  };
}

/** Addresses that the configuration sets: `net0` of containers, `ipconfig0` of virtual machines with cloud-init. */
function addressesOf(config: Item): string[] {
  const texts = Object.entries(config).flatMap(([key, value]) =>
    /^(net|ipconfig)\d{1,2}$/.test(key) && typeof value === "string" ? [value.slice(0, 1_000)] : [],
  );
  const found = texts.flatMap((text) => [
    ...text.matchAll(/(?:^|,)ip6?=([0-9A-Fa-f:.]{2,45})(?:\/\d{1,3})?/g),
  ]);
  return [...new Set(found.map(([, address = ""]) => address))]
    .filter((each) => isIP(each) !== 0)
    .slice(0, 100);
}

const isName = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(value);

const wordOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value.slice(0, 300) : undefined;
