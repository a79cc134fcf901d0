import { BlockList, isIP } from "node:net";
import { addRange, createEgress, type Egress, inList } from "@vedette/sdk";

/** What an entry without a port means. */
const defaultPort = 443;
const form = /^(?:\[(?<six>[\d:a-fA-F.]+)\]|(?<plain>[^\s:[\]/]+))(?<bits>\/\d{1,3})?(?::(?<port>\d{1,5}))?$/;
const label = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const hostName = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*$`);

interface Entry {
  readonly host: string;
  /** An address or a range, in the writing of `createEgress`. */
  readonly range: string | undefined;
  readonly port: number;
}

/** Reads `api.example.com`, `*.example.com:8443`, `10.0.0.0/8:8089` or `[2001:db8::1]:443`. Undefined where it is none of them. */
export function hostEntry(text: string): Entry | undefined {
  const { six, plain, bits = "", port } = form.exec(text)?.groups ?? {};
  const host = (six ?? plain ?? "").toLowerCase();
  const number = port === undefined ? defaultPort : Number(port);
  if (number < 1 || number > 65_535) return undefined;
  const family = isIP(host);
  if (six !== undefined ? family !== 6 : family === 6) return undefined;
  if (family === 0)
    return bits === "" && hostName.test(host) && /[a-z]/.test(host)
      ? { host, range: undefined, port: number }
      : undefined;
  if (Number(bits.slice(1)) > (family === 4 ? 32 : 128)) return undefined;
  return { host, range: `${host}${bits}`, port: number };
}

/** What a program may reach: names and addresses, each with a port. */
export interface AllowedHosts {
  allows(host: string, port: number): boolean;
  /**
   * The way there. An address that is named for the port may be anything; what a name leads to may be neither this machine nor a
   * metadata service, unless that address is named as well.
   */
  egress(port: number): Egress;
}

/** Entries are those that `hostEntry` reads; others allow nothing. */
export function allowedHosts(texts: readonly string[]): AllowedHosts {
  const ports = Map.groupBy(
    texts.flatMap((text) => hostEntry(text) ?? []),
    ({ port }) => port,
  );
  const ways = new Map([...ports].map(([port, entries]) => [port, wayAt(entries)]));
  const nowhere = createEgress({ allow: [] });
  return {
    egress: (port) => ways.get(port)?.egress ?? nowhere,
    allows: (host, port) => ways.get(port)?.allows(host.toLowerCase().replace(/\.$/, "")) ?? false,
  };
}

function wayAt(entries: readonly Entry[]) {
  const ranges = entries.flatMap(({ range }) => range ?? []);
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  const names = entries.filter(({ range }) => range === undefined).map(({ host }) => host);
  return {
    egress: createEgress({ allow: ranges }),
    allows: (host: string): boolean =>
      isIP(host) === 0
        ? names.some((name) => (name.startsWith("*.") ? host.endsWith(name.slice(1)) : host === name))
        : inList(list, host),
  };
}
