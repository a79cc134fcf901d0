import { severities } from "@vedette/sdk";
import { z } from "zod";
import { stepList, stepName } from "./step-schema.ts";

const slug = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/, "An id has small letters, digits, - and _ between them");
const globs = z.array(z.string().min(1).max(500)).min(1).max(200);

const triggers = {
  manual: z.strictObject({ type: z.literal("manual") }).describe("A person or a program starts it."),
  alert: z
    .strictObject({
      type: z.literal("alert"),
      rules: globs.optional().describe("Names or ids of rules; `*` stands for any text. Default: all."),
      minSeverity: z.enum(severities).optional().describe("Least severe alert. Default: all."),
      onActions: z
        .boolean()
        .optional()
        .describe(
          "Also for alerts that events of actions (`vedette.action`) raised. Default: no, so that actions start nothing in a circle.",
        ),
    })
    .describe("An alert was raised. The run is started with the alert."),
  incident: z
    .strictObject({
      type: z.literal("incident"),
      rules: globs
        .optional()
        .describe("Names of rules, one of which is in the incident; `*` stands for any text. Default: all."),
      minSeverity: z.enum(severities).optional().describe("Least severe incident. Default: all."),
      minAlerts: z.int().min(1).max(1_000_000).optional().describe("Least number of its alerts. Default: 1."),
    })
    .describe(
      "An incident came to be, or grew to be of this kind. The run is started with the incident, once.",
    ),
  plugin: z
    .strictObject({
      type: z.literal("plugin"),
      dataTypes: globs.describe(
        "Data types of the agents' inputs for triggers and tasks of plugins; `*` stands for any text.",
      ),
    })
    .describe(
      "A trigger or task of a plugin sent a row. The run is started with the row as the plugin sent it.",
    ),
  event: z
    .strictObject({
      type: z.literal("event"),
      dataTypes: globs
        .optional()
        .describe(
          "Data types; `*` stands for any text. Default: all, but for events of actions, which have to be named: `vedette.action`.",
        ),
      where: z.string().min(1).max(65_536).describe("CEL expression on the event, as in rules."),
    })
    .describe("An event was stored. The run is started with the event."),
  schedule: z
    .strictObject({
      type: z.literal("schedule"),
      cron: z.string().min(1).max(200).describe("Minute, hour, day of month, month, day of week; UTC."),
    })
    .describe("At times. The run is started with `{at}`."),
  webhook: z
    .strictObject({
      type: z.literal("webhook"),
      secret: z
        .string()
        .min(1)
        .max(200)
        .describe(
          "Name of the secret whose HMAC-SHA256 of the body the header `X-Vedette-Signature` must hold.",
        ),
    })
    .describe("Somebody sent a request to `/hooks/workflows/<id>`. The run is started with its body."),
};

/** Every kind of trigger. */
export const triggerDocs = [
  triggers.manual,
  triggers.alert,
  triggers.incident,
  triggers.event,
  triggers.plugin,
  triggers.schedule,
  triggers.webhook,
] as const;

const triggerDoc = z.discriminatedUnion("type", triggerDocs);

export type TriggerDoc = z.infer<typeof triggerDoc>;

const parameter = z.strictObject({
  type: z.enum(["string", "number", "integer", "boolean", "array", "object"]).default("string"),
  description: z.string().max(2_000).optional(),
  default: z.unknown().optional().describe("Without it a run must be given the parameter."),
});

const limits = z
  .strictObject({
    concurrency: z
      .int()
      .min(1)
      .max(1_000)
      .default(10)
      .describe("Jobs of it that run at a time; others wait."),
    perMinute: z
      .int()
      .min(1)
      .max(100_000)
      .default(600)
      .describe("Jobs of it that start in a minute; others wait."),
    timeoutSeconds: z
      .int()
      .min(1)
      .max(31_536_000)
      .default(604_800)
      .describe("A job that is not done after so long, waiting included, fails."),
    maxSteps: z
      .int()
      .min(1)
      .max(100_000)
      .default(10_000)
      .describe("Steps of one job, rounds of loops counted each."),
  })
  .prefault({});

/** A workflow as written in YAML. */
export const workflowDoc = z.strictObject({
  id: slug.describe("Stable identity; also in addresses of the API."),
  name: z.string().min(1).max(200).describe("For people."),
  description: z.string().max(65_536).optional(),
  tags: z.array(z.string().min(1).max(100)).max(100).optional(),
  snippet: z.boolean().optional().describe("Is run by other workflows only."),
  timeSavedSeconds: z
    .int()
    .min(0)
    .max(31_536_000)
    .optional()
    .describe("Work of a person that a job of it saves; summed up over those that succeeded."),
  parameters: z
    .record(z.string().min(1).max(100), parameter)
    .optional()
    .describe("Values that are set once for the workflow: `{{[$workflow].[name]}}`."),
  triggers: z.array(triggerDoc).max(20).optional().describe("What starts it. Default: a person only."),
  trigger: stepName
    .default("trigger")
    .describe("Name under which steps mean what it was started with: `{{[trigger].[field]}}`."),
  limits,
  steps: stepList.describe("What it does, from the first on."),
});

export type WorkflowDoc = z.infer<typeof workflowDoc>;
