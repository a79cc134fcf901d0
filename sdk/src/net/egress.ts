import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { BlockList, connect as connectSocket, isIP, type LookupFunction, type Socket } from "node:net";
import { z } from "zod";
import { VedetteError } from "../errors.ts";
import { addRange, closedBecause, inList, meaningsOf } from "./addresses.ts";
import { egressFetch, type FetchOptions } from "./fetch.ts";

/** Where plugins may connect to. */
export const egressSettings = z.strictObject({
  allow: z
    .array(z.string().min(1).max(255))
    .max(1_000)
    .default([])
    .describe(
      "Addresses, ranges (`10.0.0.0/8`) and host names that plugins may reach although they are this machine, link-local or a cloud's metadata service. Other addresses need no permission.",
    ),
});
export type EgressSettings = z.infer<typeof egressSettings>;

/**
 * The way out for plugins. Every connection is checked with the addresses it really goes to, after the name was resolved
 * and in the same step, so that a name that changes its address in between (DNS rebinding) gains nothing. What is refused is
 * `egress.refused`.
 */
export interface Egress {
  /** Why a host, name or address, is refused before anything is resolved; undefined where it is not. */
  refusal(host: string): string | undefined;
  /** For the `lookup` option of clients of Node. It is not called for addresses: ask `refusal` first. */
  readonly lookup: LookupFunction;
  /** HTTP and HTTPS with the interface of `fetch`; every redirect is checked too. */
  fetch(url: string | URL, options?: FetchOptions): Promise<Response>;
  /** A TCP connection, once it is established. */
  connect(at: {
    readonly host: string;
    readonly port: number;
    readonly signal?: AbortSignal;
  }): Promise<Socket>;
}

/** Resolves all addresses of a name; that of Node unless a test says otherwise. */
export type Resolver = (
  host: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Throws `config.invalid` where an entry of `allow` is a range that cannot be read. */
export function createEgress(
  { allow }: EgressSettings,
  resolver: Resolver = (host, options, done) => systemLookup(host, { ...options, verbatim: true }, done),
): Egress {
  const { ranges, names } = allowed(allow);
  const open = (address: string): boolean => meaningsOf(address).some((each) => inList(ranges, each));
  const closed = (address: string): string | undefined =>
    open(address) ? undefined : closedBecause(address);

  const refusal = (given: string): string | undefined => {
    const host = given.replace(/^\[|\]$/g, "");
    if (isIP(host) === 0) return undefined;
    const why = closed(host);
    return why === undefined ? undefined : refusedText(host, host, why);
  };

  const lookup: LookupFunction = (host, options, done) => {
    const fail = (error: Error): void => done(error as NodeJS.ErrnoException, []);
    resolver(host, { all: true }, (error, addresses) => {
      if (error) return fail(error);
      const named = names.has(nameOf(host));
      const good = named ? addresses : addresses.filter(({ address }) => closed(address) === undefined);
      const family = options.family === "IPv4" ? 4 : options.family === "IPv6" ? 6 : (options.family ?? 0);
      const fitting = good.filter((each) => family === 0 || each.family === family);
      const [first] = fitting;
      if (first === undefined) {
        const bad = addresses.find(({ address }) => !named && closed(address) !== undefined);
        return fail(
          bad === undefined
            ? Object.assign(new Error(`"${host}" has no address of this family.`), { code: "ENOTFOUND" })
            : refusedError(refusedText(host, bad.address, closed(bad.address)!)),
        );
      }
      if (options.all === true) done(null, fitting);
      else done(null, first.address, first.family);
    });
  };

  const require = (host: string): void => {
    const why = refusal(host);
    if (why !== undefined) throw refusedError(why);
  };
  return {
    refusal,
    lookup,
    fetch: (url, options = {}) => egressFetch(url, options, { require, lookup }),
    async connect({ host, port, signal }) {
      require(host);
      signal?.throwIfAborted();
      const socket = connectSocket({
        host: host.replace(/^\[|\]$/g, ""),
        port,
        lookup,
        ...(signal && { signal }),
      });
      await new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
      });
      return socket;
    },
  };
}

function allowed(entries: readonly string[]): { readonly ranges: BlockList; readonly names: Set<string> } {
  const ranges = new BlockList();
  const names = new Set<string>();
  for (const entry of entries) {
    const address = /^[\d.]+(\/|$)|:/.test(entry);
    try {
      if (address) addRange(ranges, entry);
      else names.add(nameOf(entry));
    } catch (cause) {
      const message = `collector.egress.allow: "${entry}" is no address, range or host name.`;
      throw new VedetteError("config.invalid", message, { verdict: "stop" }, { cause });
    }
  }
  return { ranges, names };
}

const nameOf = (host: string): string => host.toLowerCase().replace(/\.$/, "");

const refusedText = (host: string, address: string, why: string): string =>
  `${host}${host === address ? "" : ` (${address})`} is ${why}, which plugins may not reach. If that is meant, add it to collector.egress.allow.`;

const refusedError = (message: string): VedetteError =>
  new VedetteError("egress.refused", message, { verdict: "drop" });
