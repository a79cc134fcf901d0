import { z } from "zod";
import { actionsConfig, guardedIconAction } from "./actions.ts";
import { questionsConfig } from "./questions.ts";

/** `collector.respond`: what happens after something was found. */
export const respondConfig = z.strictObject({
  workflows: z
    .array(z.string().min(1))
    .max(1_000)
    .default([])
    .describe("Workflow files, .icon files or folders of them. Relative to the configuration file."),
  plugins: z
    .array(
      z.strictObject({
        path: z.string().min(1).describe("Folder of an InsightConnect plugin, with its plugin.spec.yaml."),
        connections: z
          .record(z.string().min(1).max(100), z.record(z.string(), z.unknown()))
          .default({})
          .describe("Settings of its connections by name; `default` is for steps that name none."),
        actions: z
          .record(z.string().min(1).max(100), guardedIconAction)
          .default({})
          .describe(
            "Its actions that can do harm, by their ids: the guards of actions hold for them, and they can be asked for like others.",
          ),
      }),
    )
    .max(200)
    .default([])
    .describe("InsightConnect plugins whose actions workflows call."),
  questions: questionsConfig.prefault({}),
  jobs: z
    .strictObject({
      concurrency: z.int().min(1).max(1_000).default(16).describe("Jobs that run at a time."),
      maxOpen: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(10_000)
        .describe("Jobs that are under way or wait; more are refused, and counted."),
      keepDays: z.int().min(1).max(3_650).default(30).describe("Days that ended jobs are kept."),
    })
    .prefault({}),
  agents: z
    .strictObject({
      key: z
        .string()
        .min(32)
        .max(512)
        .optional()
        .describe(
          "Signs what agents are asked for, so that they take it from nobody else: `${NAME}` from the environment or `${secret:name}`. The same as their agent.respond.key.",
        ),
    })
    .prefault({})
    .describe("Agents that let this collector ask for bans on their hosts (`nftables/ban`)."),
  actions: actionsConfig.prefault({}),
});

export type RespondConfig = z.infer<typeof respondConfig>;
