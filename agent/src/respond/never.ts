import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { parseAddress } from "@vedette/core/config";
import { type ListEntry, NeverTouch, parsePrefix } from "@vedette/sdk";
import type { RespondConfig } from "../config/index.ts";

/** Files that say how this host reaches others. */
export interface HostFiles {
  readonly resolvers: string;
  readonly routes4: string;
  readonly routes6: string;
}

const ofLinux: HostFiles = {
  resolvers: "/etc/resolv.conf",
  routes4: "/proc/self/net/route",
  routes6: "/proc/self/net/ipv6_route",
};

const freshMs = 10_000;

/** What must not be banned on this host, as it is now: looked up again after some seconds. */
export class HostGuard {
  readonly #config: RespondConfig["nftables"];
  readonly #collectors: readonly string[];
  readonly #files: HostFiles;
  readonly #now: () => number;
  readonly #resolved = new Map<string, readonly string[]>();
  #made: { readonly at: number; readonly guard: NeverTouch } | undefined;

  constructor(
    config: RespondConfig["nftables"],
    collectors: readonly string[],
    { now, files = ofLinux }: { readonly now: () => number; readonly files?: HostFiles },
  ) {
    this.#config = config;
    this.#collectors = collectors.map((address) => parseAddress(address).host);
    this.#files = files;
    this.#now = now;
  }

  /** Why an address or a range must not be banned; undefined where it may. */
  async refusal(text: string): Promise<string | undefined> {
    const target = { type: text.includes("/") ? "cidr" : "ip", value: text } as const;
    return (await this.#guard()).refusal(target);
  }

  async #guard(): Promise<NeverTouch> {
    const now = this.#now();
    if (this.#made && now >= this.#made.at && now - this.#made.at < freshMs) return this.#made.guard;
    const { never, allowNonGlobal, widest } = this.#config;
    const entries: ListEntry[] = [
      ...never.map((entry) => ({ entry, why: "the agent's configuration says so" })),
      ...own().map((entry) => ({ entry, why: "it is an address of this host" })),
      ...(await this.#gateways()).map((entry) => ({ entry, why: "it is a gateway of this host" })),
      ...(await this.#resolvers()).map((entry) => ({ entry, why: "it is a resolver of this host" })),
      ...(await this.#collectorAddresses()).map((entry) => ({
        entry,
        why: "it is a collector of this host",
      })),
    ];
    const usable = entries.filter(({ entry, why }) => why.includes("configuration") || parsePrefix(entry));
    const guard = new NeverTouch(usable, { allowNonGlobal, widest });
    this.#made = { at: now, guard };
    return guard;
  }

  async #gateways(): Promise<string[]> {
    const [four, six] = await Promise.all([linesOf(this.#files.routes4), linesOf(this.#files.routes6)]);
    const of4 = four.slice(1).map((line) => gateway4(line.split(/\s+/)[2] ?? ""));
    const of6 = six.map((line) => gateway6(line.split(/\s+/)[4] ?? ""));
    return [...of4, ...of6].flatMap((address) => address ?? []);
  }

  async #resolvers(): Promise<string[]> {
    const lines = await linesOf(this.#files.resolvers);
    return lines.flatMap((line) => plain(/^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "") ?? []);
  }

  /** A name that cannot be resolved now keeps the addresses that it had. */
  async #collectorAddresses(): Promise<string[]> {
    const found = await Promise.all(
      this.#collectors.map(async (host) => {
        if (isIP(host) !== 0) return [host];
        try {
          const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
          this.#resolved.set(host, addresses);
          return addresses;
        } catch {
          return this.#resolved.get(host) ?? [];
        }
      }),
    );
    return found.flat().flatMap((address) => plain(address) ?? []);
  }
}

const own = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ address }) => plain(address) ?? []);

/** Without its zone. */
const plain = (address: string): string | undefined => {
  const [bare = ""] = address.split("%");
  return isIP(bare) === 0 ? undefined : bare;
};

const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, "utf8").catch(() => "")).split("\n").slice(0, 10_000);

/** Eight hexadecimal digits, the last byte first; zero where a route has none. */
function gateway4(hex: string): string | undefined {
  if (!/^[0-9A-F]{8}$/i.test(hex) || /^0+$/.test(hex)) return undefined;
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(".");
}

function gateway6(hex: string): string | undefined {
  if (!/^[0-9a-f]{32}$/i.test(hex) || /^0+$/.test(hex)) return undefined;
  return hex.match(/.{4}/g)?.join(":");
}
