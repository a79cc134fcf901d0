import { z } from "zod";

const map = z.record(z.string().min(1).max(200), z.unknown());
const MiB = 2 ** 20;

/** `agent.inputs` of the type `icon`. */
export const settings = z.strictObject({
  plugin: z
    .string()
    .min(1)
    .max(4_096)
    .describe("Folder of the plugin, or its plugin.spec.yaml. Relative to the configuration file."),
  component: z
    .string()
    .min(1)
    .max(200)
    .describe("Task or trigger that gives the events: `tasks/<id>`, `triggers/<id>`, or the id alone."),
  input: map.default({}).describe("What the component is given."),
  connection: z
    .union([
      z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "Expected the name of a connection, or a map"),
      map,
    ])
    .default({})
    .describe(
      "What the plugin's connection is given: a map, or the name of a connection of the collector on this machine. Secrets in a map belong into `${NAME}`.",
    ),
  customConfig: map.default({}).describe("`custom_config` of a task."),
  command: z
    .array(z.string().min(1).max(4_096))
    .min(1)
    .max(200)
    .optional()
    .describe(
      "Program of the plugin and its arguments. Default: what vedette.plugin.yaml beside the spec says, else bin/icon_<name>.",
    ),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Server of the plugin, in place of a program. Tasks only."),
  everySeconds: z
    .number()
    .min(0.1)
    .max(86_400)
    .default(60)
    .describe("Task: from the begin of one run to the begin of the next."),
  maxPages: z.int().min(1).max(10_000).default(100).describe("Task: pages that one run fetches at most."),
  timeoutSeconds: z
    .number()
    .min(0.1)
    .max(86_400)
    .optional()
    .describe("Task: a page that takes longer is ended. Default: what vedette.plugin.yaml says, else 120."),
  rememberEvents: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(10_000)
    .describe(
      "Trigger: events that are remembered across restarts, so that what the plugin sends again is left out. 0: none.",
    ),
  minRestartSeconds: z
    .number()
    .min(0.1)
    .max(3_600)
    .default(1)
    .describe("Trigger: shortest wait before its program is started again; it doubles with each failure."),
  maxRestartSeconds: z
    .number()
    .min(0.1)
    .max(86_400)
    .default(300)
    .describe("Trigger: longest wait before its program is started again."),
  maxEventBytes: z
    .int()
    .min(1_024)
    .max(4 * MiB)
    .default(MiB)
    .describe("A longer event, as JSON, is cut here, flagged and counted."),
});

export type Settings = z.infer<typeof settings>;
