import { tlsClientProblem, tlsClientSettings } from "@vedette/sdk";
import { z } from "zod";

const address = z.url({ protocol: /^https?$/ });
const name = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

const rule = z
  .strictObject({
    dataType: z
      .string()
      .regex(/^[\w*.-]{1,128}$/, "Expected a data type, with * for any text")
      .optional()
      .describe("Data type, such as `nginx` or `zeek*`. Default: all."),
    tenant: z.string().min(1).max(256).optional().describe("Tenant id. Default: all."),
    days: z.int().min(1).max(3_650).describe("Days after which these events are deleted."),
    moveAfterDays: z.int().min(1).max(3_650).optional().describe("Days after which they may go to `moveTo`."),
  })
  .refine(
    ({ dataType, tenant }) => dataType !== undefined || tenant !== undefined,
    "A rule needs dataType or tenant; retentionDays is for all others",
  );

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
  retention: z
    .array(rule)
    .max(100)
    .default([])
    .describe("Other times for some events and their matches; the first rule that fits counts."),
  findingDays: z
    .int()
    .min(30)
    .max(3_650)
    .optional()
    .describe(
      "Days after which alerts, incidents and which alerts they have are deleted, by when an alert was raised and an incident had its last. Default: never.",
    ),
  storagePolicy: z
    .string()
    .regex(/^[\w.-]{1,128}$/, "Expected the name of a storage policy of the server")
    .optional()
    .describe(
      "Storage policy of events and matches, which says on which disks they lie. Default: the server's.",
    ),
  moveTo: z
    .strictObject({
      volume: z.string().min(1).max(128).describe("Volume of that policy."),
      afterDays: z.int().min(1).max(3_650).describe("Days after which events go there."),
    })
    .optional()
    .describe("A slower and cheaper volume for older events."),
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
  if (store.storagePolicy !== undefined && urls.length === 0)
    wrong(
      "storagePolicy",
      "A storage policy needs store.url; the embedded engine has one disk",
      store.storagePolicy,
    );
  if (store.moveTo !== undefined && store.storagePolicy === undefined)
    wrong("moveTo", "A volume is part of a storage policy; name that as store.storagePolicy", store.moveTo);
  if (store.moveTo === undefined && store.retention.some((each) => each.moveAfterDays !== undefined))
    wrong(
      "retention",
      "moveAfterDays needs store.moveTo: a part moves whole, so the others must move too",
      store.retention,
    );
  if (store.tls !== undefined && !urls.some((url) => url.startsWith("https:")))
    wrong("tls", "Nothing is protected by it; store.url needs https", store.tls);
});

export type StoreConfig = z.infer<typeof storeConfig>;
