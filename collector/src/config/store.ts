import { tlsClientProblem, tlsClientSettings } from "@vedette/sdk";
import { z } from "zod";

const address = z.url({ protocol: /^https?$/ });
const name = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

const shape = z.strictObject({
  url: z
    .union([address, z.array(address).min(1).max(64)])
    .optional()
    .describe(
      "HTTP address of a ClickHouse server, or a list of nodes of one cluster, tried in turn. Without it the embedded engine is started.",
    ),
  user: z.string().default("default").describe("User on that server."),
  password: z
    .string()
    .default("")
    .describe("Password on that server; write ${NAME} to take it from the environment."),
  tls: tlsClientSettings
    .refine((tls) => tlsClientProblem(tls) === undefined, "certFile and keyFile belong together")
    .optional()
    .describe("Protection of connections to https addresses."),
  database: z.string().regex(name).default("vedette").describe("Database, created when missing."),
  cluster: z
    .string()
    .regex(/^[A-Za-z_][\w.-]{0,127}$/, "Expected the name of a cluster as in remote_servers")
    .optional()
    .describe(
      "Cluster that holds the tables, sharded and replicated. Without it the server holds them alone.",
    ),
  quorum: z
    .union([z.literal("auto"), z.int().min(1).max(100)])
    .default("auto")
    .describe(
      "Replicas of a shard that must have an insert before it is acknowledged; `auto` is the majority. Used with `cluster`.",
    ),
  retentionDays: z.int().min(1).max(3_650).default(30).describe("Days after which events are deleted."),
  engineMemoryMiB: z
    .int()
    .min(256)
    .max(1_048_576)
    .default(2_048)
    .describe("Memory limit of the embedded engine."),
});

/** The `collector.store:` section: where events, alerts and the rest are kept. */
export const storeConfig = shape.superRefine((store, context) => {
  const urls = store.url === undefined ? [] : [store.url].flat();
  const wrong = (path: string, message: string, input: unknown): void =>
    context.addIssue({ code: "custom", message, path: [path], input });
  if (store.cluster !== undefined && urls.length === 0)
    wrong("cluster", "A cluster needs store.url; the embedded engine has none", store.cluster);
  if (urls.length > 1 && store.cluster === undefined)
    wrong(
      "url",
      "Several addresses need store.cluster: servers that share nothing would each hold a part",
      store.url,
    );
  if (store.tls !== undefined && !urls.some((url) => url.startsWith("https:")))
    wrong("tls", "Nothing is protected by it; store.url needs https", store.tls);
});

export type StoreConfig = z.infer<typeof storeConfig>;
