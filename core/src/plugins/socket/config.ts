import { hostPort } from "@vedette/sdk";
import { z } from "zod";

const names = (what: string) =>
  z
    .array(z.string().regex(/^[\w.-]{1,100}$/, "letters, digits, dots, hyphens and underscores"))
    .max(64)
    .default([])
    .describe(`Plugins that ${what}, by name, in this order. Those that are not named are not called.`);

/** What the engine itself tells notification plugins of. */
export const builtinTopics = [
  "enqueue_success",
  "parsing_dropped",
  "analysis_dropped",
  "correlation_dropped",
] as const;
export type BuiltinTopic = (typeof builtinTopics)[number];

const shape = {
  dir: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Folder with the executables, which end in `.plugin`; folders in it are looked through too. Default: `plugins` in the work folder. None is needed for plugins that run by themselves and use the work folder.",
    ),
  workDir: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Work folder of the plugins (their `WORK_DIR`), with `sockets/` and `pipeline/`. Keep it short: a socket's path has at most 107 bytes. Default: `work` in `stateDir`. Created with mode 0700.",
    ),
  settings: z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      "What plugins read as `plugins.<name>`, by name. Written to a file in the work folder, mode 0600.",
    ),
  environment: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, "a name of an environment variable"), z.string())
    .default({})
    .describe(
      "More environment variables for the plugins. They get none of this process's own but PATH, HOME, TZ, LANG and proxies.",
    ),
  mode: z
    .enum(["manager", "worker", "playground"])
    .default("manager")
    .describe("What plugins read as `MODE`."),
  nodeName: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("What plugins read as `NODE_NAME`. Default: the host's name."),
  nodeGroups: z
    .array(z.string().min(1).max(100))
    .max(64)
    .default(["default"])
    .describe("What plugins read as `NODE_GROUPS`."),
  logLevel: z.int().min(0).max(1_000).default(200).describe("What plugins read as `LOG_LEVEL`."),
  memoryMiB: z
    .int()
    .min(16)
    .max(65_536)
    .default(512)
    .describe("Resident memory above which a plugin is ended and started again."),
  deadlineSeconds: z
    .number()
    .min(0.05)
    .max(600)
    .default(10)
    .describe("How long one call of a plugin may take. One that is late again and again is started anew."),
  inFlight: z.int().min(1).max(1_024).default(256).describe("Calls of one plugin at the same time."),
  queue: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe("Messages, or alerts, that may wait for one plugin; what comes beyond is dropped and counted."),
  startSeconds: z
    .number()
    .min(0.1)
    .max(600)
    .default(60)
    .describe("Plugins are started one after the other: how long the next waits for one to be ready."),
  stopSeconds: z
    .number()
    .min(0.1)
    .max(60)
    .default(3)
    .describe("How long a plugin that is asked to end (SIGTERM) has before it is made to (SIGKILL)."),
  topics: z
    .array(z.enum(builtinTopics))
    .default([...builtinTopics])
    .describe("Which of the engine's own topics notification plugins are told of: one message for each log."),
} as const;

const secret = z.string().min(16, "Use at least 16 characters").max(1_024);

/** `socketPlugins.integration` of an agent. */
const integrationConfig = z
  .strictObject({
    listen: hostPort.default("127.0.0.1:50051").describe("Where they connect (gRPC over TLS 1.3)."),
    certFile: z
      .string()
      .min(1)
      .describe("Certificate with its chain, PEM. A renewed one is used a minute later."),
    keyFile: z.string().min(1).describe("Its private key, PEM."),
    agents: z
      .record(z.string().min(1).max(100), secret)
      .default({})
      .describe("Keys of agents by their id: what they send as the metadata `id` and `key`."),
    connectionKeys: z.array(secret).max(100).default([]).describe("Keys that are taken as `connection-key`."),
    internalKeys: z.array(secret).max(100).default([]).describe("Keys that are taken as `internal-key`."),
  })
  .refine(
    ({ agents, connectionKeys, internalKeys }) =>
      Object.keys(agents).length + connectionKeys.length + internalKeys.length > 0,
    "Give agents, connectionKeys or internalKeys; without a key nobody can connect",
  );
export type IntegrationConfig = z.infer<typeof integrationConfig>;

/** `socketPlugins` of an agent: parsing plugins of `dynamic` steps, input plugins, and notification plugins. */
export const agentSocketPlugins = z
  .strictObject({
    ...shape,
    order: z
      .strictObject({ notification: names("are told what happens") })
      .prefault({})
      .describe("Which plugins are called, and in which order."),
    integration: integrationConfig
      .optional()
      .describe(
        "Take logs of the EventProcessor's own agents and collectors, as input plugins bring them (`Integration/ProcessLog`). Default: none are taken.",
      ),
  })
  .describe(
    "Run plugins of the EventProcessor, or your own, over sockets (docs/guide/socket-plugins.md). Default: none are run.",
  );

/** `socketPlugins` of a collector: analysis, correlation and notification plugins. */
export const collectorSocketPlugins = z
  .strictObject({
    ...shape,
    order: z
      .strictObject({
        analysis: names("look at every event and may raise alerts"),
        correlation: names("get every alert"),
        notification: names("are told what happens"),
      })
      .prefault({})
      .describe("Which plugins are called, and in which order."),
  })
  .describe(
    "Run plugins of the EventProcessor, or your own, over sockets (docs/guide/socket-plugins.md). Default: none are run.",
  );

/** What a host needs of either. */
export type SocketPluginsConfig = Omit<z.infer<typeof collectorSocketPlugins>, "order"> & {
  readonly order: {
    readonly analysis?: readonly string[];
    readonly correlation?: readonly string[];
    readonly notification: readonly string[];
  };
  readonly integration?: IntegrationConfig | undefined;
};
