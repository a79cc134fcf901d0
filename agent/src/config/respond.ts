import { hostPort, isLoopbackAddress, parseAddress } from "@vedette/core/config";
import { listEntry } from "@vedette/sdk";
import { z } from "zod";
import { collectorTarget } from "./collector.ts";

const nftName = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,30}$/, "Expected up to 31 letters, digits and _")
    .describe(what);

/** `agent.respond.nftables`: bans on this host. */
const nftables = z.strictObject({
  program: z
    .string()
    .regex(/^\/[^\0]{1,400}$/, "Expected an absolute path")
    .default("/usr/sbin/nft")
    .describe("The nft program."),
  table: nftName(
    "Table of the family inet that the agent makes, and that nobody else should change.",
  ).default("vedette"),
  set4: nftName("Set of IPv4 addresses; ranges are in one with `_net` behind its name.").default("banned4"),
  set6: nftName("The same of IPv6.").default("banned6"),
  maxTtlSeconds: z
    .int()
    .min(1)
    .max(31_536_000)
    .default(604_800)
    .describe(
      "The longest ban. The kernel lifts each when its time is over, whatever becomes of agent and collector.",
    ),
  maxElements: z
    .int()
    .min(1)
    .max(65_535)
    .default(10_000)
    .describe("Most addresses and ranges banned at a time."),
  maxPerMinute: z.int().min(1).max(100_000).default(300).describe("Most new bans in a minute."),
  never: z
    .array(listEntry)
    .max(1_000)
    .default([])
    .describe(
      "Addresses and ranges that are never banned here, beside this host's own addresses, its gateways and resolvers, its collectors, and all that is no public address.",
    ),
  allowNonGlobal: z
    .array(listEntry)
    .max(100)
    .default([])
    .describe("Ranges that are not public and may be banned nevertheless, such as a guest network."),
  widest: z
    .strictObject({ ipv4: z.int().min(8).max(32).default(24), ipv6: z.int().min(16).max(128).default(48) })
    .prefault({})
    .describe("The shortest prefixes that may be banned."),
});
export type NftablesConfig = z.infer<typeof nftables>;

/** `agent.respond`: what collectors may ask of this host. Left out: nothing. */
export const respondConfig = z.strictObject({
  collectors: z
    .array(hostPort)
    .min(1)
    .max(16)
    .optional()
    .describe(
      "Collectors that may ask, each with a connection of its own. Default: agent.collector.address; needed where batches go through Kafka.",
    ),
  key: z
    .string()
    .min(32)
    .max(512)
    .optional()
    .describe(
      "Commands must be signed with this key, the same as collector.respond.agents.key: `${NAME}` from the environment. Needed unless all collectors are on loopback.",
    ),
  nftables: nftables.describe("Bans by sets of nftables. The agent needs CAP_NET_ADMIN for it."),
});
export type RespondConfig = z.infer<typeof respondConfig>;

/** Collectors that may ask: those that are named, else the one that batches go to. */
export const askersOf = (
  { collectors }: Pick<RespondConfig, "collectors">,
  collector: string | undefined,
): readonly string[] => collectors ?? [collector ?? collectorTarget.parse({}).address];

/** What is wrong with it beside the rest of the configuration. */
export function respondProblem(
  respond: RespondConfig,
  collector: string | undefined,
  kafka: boolean,
): { readonly message: string; readonly path: string[] } | undefined {
  if (kafka && !respond.collectors) {
    const message = "Batches go through Kafka, so agent.respond.collectors must say who may ask.";
    return { message, path: ["respond", "collectors"] };
  }
  const far = askersOf(respond, collector).find((address) => !isLoopbackAddress(address));
  if (respond.key !== undefined || far === undefined) return undefined;
  const message = `${parseAddress(far).host} is not on loopback, so what it asks must be signed: set agent.respond.key.`;
  return { message, path: ["respond", "key"] };
}
