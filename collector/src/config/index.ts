import { hostPort } from "@vedette/core/config";
import { isolationConfig } from "@vedette/core/plugin-isolation/config";
import { collectorSocketPlugins } from "@vedette/core/socket-plugins/config";
import { egressSettings, tlsServerSettings } from "@vedette/sdk";
import { z } from "zod";
import { alertingConfig } from "./alerting.ts";
import { controlConfig } from "./control.ts";
import { detectConfig } from "./detect.ts";
import { ingestTls } from "./ingest-tls.ts";
import { intelConfig } from "./intel.ts";
import { kafkaIngestConfig } from "./kafka.ts";
import { notificationsConfig } from "./notifications.ts";
import { packsConfig } from "./packs.ts";
import { respondConfig } from "./respond.ts";
import { storeConfig } from "./store.ts";

/** The `collector:` section of vedette.yaml. */
export const collectorConfig = z.strictObject({
  stateDir: z
    .string()
    .min(1)
    .default("vedette-data/collector")
    .describe("Folder for the embedded engine, the control database and caches. Created with mode 0700."),
  ingest: z
    .strictObject({
      listen: hostPort.default("127.0.0.1:8601").describe("Where agents connect (gRPC)."),
      window: z.int().min(1).max(1_024).default(16).describe("Batches one agent may have unacknowledged."),
      concurrency: z
        .int()
        .min(1)
        .max(64)
        .default(4)
        .describe("Inserts under way at the same time, over all agents. Small batches that wait share one."),
      shareInserts: z
        .boolean()
        .optional()
        .describe(
          "Whether small batches that wait share an insert. Default: with the embedded engine. With a ClickHouse server only where agents never change from one collector to another.",
        ),
      memoryMiB: z
        .int()
        .min(16)
        .max(65_536)
        .default(256)
        .describe("Memory for batches that are being stored; agents wait when it is full."),
      kafka: kafkaIngestConfig
        .optional()
        .describe("Take batches from Kafka as well. Default: only those that agents bring themselves."),
      tls: ingestTls
        .optional()
        .describe(
          "Listen with TLS 1.3. With `clientCaFile` agents need a certificate of these authorities that names them as `urn:vedette:agent:ID`, and may append their own events only.",
        ),
      dangerouslyAllowPlaintext: z
        .boolean()
        .default(false)
        .describe(
          "Listen without TLS on an address other than loopback. Test benches and private networks only.",
        ),
    })
    .prefault({}),
  http: z
    .strictObject({
      listen: hostPort.default("127.0.0.1:8600").describe("Where the page and the query API answer."),
      tls: tlsServerSettings.optional().describe("Answer with TLS 1.2 and later."),
      dangerouslyAllowPlaintext: z
        .boolean()
        .default(false)
        .describe(
          "Answer without TLS on an address other than loopback, for use behind a TLS proxy. A key is needed then.",
        ),
    })
    .prefault({}),
  store: storeConfig.prefault({}),
  control: controlConfig.prefault({}),
  rules: z
    .array(z.string().min(1))
    .default([])
    .describe("Rule files or folders, added to the built-in ones. Relative to the configuration file."),
  packs: packsConfig.prefault({}).describe("Signed packs of rules, and who may sign them."),
  detect: detectConfig.prefault({}),
  alerting: alertingConfig.prefault({}),
  builtinRules: z.boolean().default(true).describe("Load the rules that come with the plugins."),
  plugins: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .default({})
    .describe("Settings by plugin id, such as `geoip: {countryDatabase: /path/to.mmdb}`."),
  pluginFolders: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Folders of further plugins, each a folder with an index.ts, .mjs or .js that exports what definePlugin gives. Relative to the configuration file.",
    ),
  pluginThreads: z
    .strictObject({
      plugins: z
        .array(z.string().min(1).max(63))
        .max(1_000)
        .default(["*"])
        .describe("Ids of plugins from `pluginFolders`; `*` for all of them."),
      memoryMiB: z
        .int()
        .min(16)
        .max(65_536)
        .default(128)
        .describe("A plugin whose thread takes more memory for its objects is ended and started again."),
    })
    .optional()
    .describe(
      "Give plugins a thread each, in which their hooks run: what blocks is ended at its deadline, and holds nothing else meanwhile. Default: they run in the collector's own.",
    ),
  iconPlugins: z
    .array(z.string().min(1))
    .max(200)
    .default([])
    .describe(
      "InsightConnect plugins, each a folder or its plugin.spec.yaml, whose connections can be made here, for `vedette plugin run --connection NAME` and inputs of the type `icon`. Relative to the configuration file.",
    ),
  socketPlugins: collectorSocketPlugins.optional(),
  isolation: isolationConfig.optional(),
  notifications: notificationsConfig.prefault({}),
  intel: intelConfig.prefault({}),
  respond: respondConfig.prefault({}),
  egress: egressSettings.prefault({}),
  log: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("Least severe log line that is written."),
});

export type CollectorConfig = z.infer<typeof collectorConfig>;

export { type ActionRule, type ActionsConfig, actionsConfig, type GuardedIconAction } from "./actions.ts";
export { type AlertingConfig, alertingConfig } from "./alerting.ts";
export type { ControlConfig } from "./control.ts";
export type { DetectConfig } from "./detect.ts";
export { type IntelConfig, type IntelListConfig, intelConfig, intelList } from "./intel.ts";
export type { KafkaIngestConfig } from "./kafka.ts";
export { fillTemplate, parseTemplate, type Template } from "./notice-template.ts";
export {
  type NotificationRule,
  type NotificationsConfig,
  notificationsConfig,
  ruleName,
  ruleSchema,
} from "./notifications.ts";
export type { ChannelAnswers } from "./questions.ts";
export type { RespondConfig } from "./respond.ts";

export type { StoreConfig } from "./store.ts";
