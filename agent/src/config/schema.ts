import { hostPort, isLoopbackAddress } from "@vedette/core/config";
import { isolationConfig } from "@vedette/core/plugin-isolation/config";
import { agentSocketPlugins } from "@vedette/core/socket-plugins/config";
import { agentIdForm } from "@vedette/sdk";
import { z } from "zod";
import type { PluginSet } from "../plugin-set.ts";
import { builtin } from "../plugins.ts";
import { collectorTarget } from "./collector.ts";
import { inputsOf } from "./inputs.ts";
import { kafkaTarget } from "./kafka.ts";
import { respondConfig, respondProblem } from "./respond.ts";

const MiB = 2 ** 20;

/** The `agent:` section of vedette.yaml with some plugins; `named` are the types of its inputs, where they are known beforehand. */
export const agentConfigOf = (plugins: PluginSet, named?: ReadonlySet<string>) =>
  z
    .strictObject({
      agentId: z
        .string()
        .regex(agentIdForm, "Expected up to 200 letters, digits and . : @ _ -")
        .optional()
        .describe(
          "Name of this agent, stable for ever. Default: made from the host's name and kept in `stateDir`.",
        ),
      stateDir: z
        .string()
        .min(1)
        .default("vedette-data/agent")
        .describe("Folder for the spool and for what is known of files. Created with mode 0700."),
      inputs: inputsOf(plugins, named),
      pipelines: z
        .array(z.string().min(1))
        .default([])
        .describe(
          "Pipeline files or folders. They take the place of the built-in ones for their data types.",
        ),
      builtinPipelines: z.boolean().default(true).describe("Load the pipelines that come with the plugins."),
      pluginFolders: z
        .array(z.string().min(1))
        .max(100)
        .default([])
        .describe(
          "Folders of further plugins with an input or pipelines, each a folder with an index.ts, .mjs or .js that exports what definePlugin gives. Relative to the configuration file.",
        ),
      batch: z
        .strictObject({
          rows: z.int().min(1).max(100_000).default(20_000).describe("Events after which a batch is sealed."),
          bytes: z
            .int()
            .min(1_024)
            .max(16 * MiB)
            .default(4 * MiB)
            .describe("Uncompressed bytes after which a batch is sealed."),
          seconds: z
            .number()
            .min(0.01)
            .max(60)
            .default(1)
            .describe("Age after which a batch is sealed; one of 1,000 events and more after 0.4 of it."),
        })
        .prefault({})
        .describe("A batch is sealed at whichever limit it reaches first."),
      spool: z
        .strictObject({
          maxBytes: z
            .int()
            .min(8 * MiB)
            .default(512 * MiB)
            .describe("Most disk that waiting batches take."),
          onFull: z
            .enum(["block", "dropOldest"])
            .default("block")
            .describe(
              "`block` stops reading until there is room; `dropOldest` loses the oldest batches and counts them.",
            ),
        })
        .prefault({}),
      limits: z
        .strictObject({
          cpuPercent: z
            .number()
            .min(1)
            .max(10_000)
            .optional()
            .describe("CPU time the agent may use, in percent of one core. Inputs wait when it is used up."),
          memoryMiB: z
            .int()
            .min(96)
            .max(65_536)
            .optional()
            .describe("Resident memory above which inputs are slowed down until it falls."),
        })
        .prefault({})
        .describe("What the agent may take of its host. Nothing is lost: lines wait where they are."),
      collector: collectorTarget
        .optional()
        .describe("Ship straight to a collector. This is the default, with its own defaults."),
      kafka: kafkaTarget.optional().describe("Ship through a topic of Kafka instead."),
      http: z
        .strictObject({
          listen: hostPort
            .refine((address) => isLoopbackAddress(address), "Only a loopback address is allowed here")
            .optional()
            .describe("Where /metrics and /healthz answer, such as 127.0.0.1:8602. Off by default."),
        })
        .prefault({}),
      respond: respondConfig
        .optional()
        .describe(
          "What collectors may do on this host: bans that the kernel lifts by itself. Default: nothing.",
        ),
      socketPlugins: agentSocketPlugins.optional(),
      isolation: isolationConfig.optional(),
      log: z
        .enum(["debug", "info", "warn", "error", "silent"])
        .default("info")
        .describe("Least severe log line that is written."),
    })
    .superRefine(({ collector, kafka, respond }, context) => {
      const wrong = respond && respondProblem(respond, collector?.address, kafka !== undefined);
      if (wrong) context.addIssue({ code: "custom", ...wrong, input: respond });
      if (!collector || !kafka) return;
      const message =
        "Batches go to a collector or through Kafka, not both; leave agent.collector or agent.kafka out.";
      context.addIssue({ code: "custom", message, path: ["kafka"], input: kafka });
    });

/** The same with the plugins that come with every agent. */
export const agentConfig = agentConfigOf(builtin);

export type AgentConfig = z.infer<typeof agentConfig>;
