import { Resolver } from "node:dns/promises";
import { canonicalTarget, messageOf } from "@vedette/sdk";
import type { ControlDatabase } from "../../../control/index.ts";
import type { Protection } from "./protection.ts";
import type { ActionRegistry } from "./registry.ts";
import type { Ask, Refusal } from "./types.ts";

/** The addresses of a host name; none where it has none. Rejects where that cannot be found out. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** An ask about a host by its address, and what was found on the way. */
export interface Located {
  readonly ask: Ask;
  readonly refusal?: Refusal;
  /** Where the target was a name: that name, and all its addresses. */
  readonly resolved?: { readonly host: string; readonly addresses: readonly string[] };
}

interface ResolveDeps {
  readonly database: ControlDatabase;
  readonly registry: ActionRegistry;
  readonly protection: Protection;
  readonly resolve?: ResolveHost;
}

/** More are not even told. */
const mostTold = 8;

/**
 * Turns the host name of an ask into its address, for actions that are done to addresses. The name itself must not be on the
 * never-touch list, and it must have exactly one address: of several nobody knows which one was meant, and who owns the name could
 * add somebody else's. The address then goes through every guard, and is what is acted on, however the name changes. Rules act on
 * what their alerts say: names in logs are chosen by attackers, and nothing may wait for their servers.
 */
export async function locate(ask: Ask, deps: ResolveDeps): Promise<Located> {
  const { type, value } = ask.target;
  if (type !== "host" && type !== "domain") return { ask };
  const targets = deps.registry.find(ask.action)?.definition.targets ?? [];
  if (!targets.includes("ip") || targets.includes(type)) return { ask };
  const host = canonicalTarget({ type, value: value.slice(0, 300) })?.value;
  const refuse = (why: string, guard: Refusal["guard"] = "target"): Located => ({
    ask,
    refusal: { guard, why },
  });
  if (host === undefined) return refuse(`${JSON.stringify(value.slice(0, 300))} is no name of a host.`);
  if (ask.by.origin === "rule") return refuse("A rule acts on addresses; names in logs are not looked up.");
  // What is an address already needs no asking.
  const plain = canonicalTarget({ type: "ip", value: host });
  if (plain) return { ask: { ...ask, target: plain } };
  await deps.protection.refresh();
  const { never } = await deps.protection.lists(deps.database);
  for (const name of ["host", "domain"] as const) {
    const why = never.refusal({ type: name, value: host });
    if (why !== undefined) return refuse(why, "never_touch");
  }
  let found: readonly string[];
  try {
    found = await (deps.resolve ?? resolveHost)(host);
  } catch (error) {
    return refuse(`The addresses of ${host} cannot be found out now: ${messageOf(error)}`, "unavailable");
  }
  const addresses = [
    ...new Set(found.flatMap((each) => canonicalTarget({ type: "ip", value: each })?.value ?? [])),
  ];
  const resolved = { host, addresses: addresses.slice(0, mostTold) };
  const [only, ...others] = addresses;
  if (only === undefined) return { ...refuse(`${host} has no address.`), resolved };
  if (others.length > 0) {
    const more = addresses.length > mostTold ? ` and ${addresses.length - mostTold} more` : "";
    const why = `${host} has ${addresses.length} addresses (${resolved.addresses.join(", ")}${more}); say which one is meant.`;
    return { ...refuse(why), resolved };
  }
  const cause = { ...ask.cause, host };
  return { ask: { ...ask, cause, target: { type: "ip", value: only } }, resolved };
}

/** Asks the name servers of this machine, for IPv4 and IPv6: 4 s at most, and what only the hosts file knows is not taken. */
export async function resolveHost(host: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  const timer = setTimeout(() => resolver.cancel(), 4_000);
  try {
    const asked = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const failed = asked.find((each) => each.status === "rejected" && !isAbsent(each.reason));
    // Half an answer could hide an address.
    if (failed?.status === "rejected") throw failed.reason;
    return asked.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
  } finally {
    clearTimeout(timer);
  }
}

const isAbsent = (error: unknown): boolean =>
  ["ENODATA", "ENOTFOUND"].includes((error as NodeJS.ErrnoException).code ?? "");
