import { severities } from "@vedette/sdk";
import { z } from "zod";
import { count, searchRequest } from "../correlate/index.ts";

const score = count(0, 3).default(0).describe("0 none, 1 low, 2 medium, 3 high.");
const texts = (what: string) => z.array(z.string().min(1).max(1_000)).max(100).default([]).describe(what);

/** A detection rule as written in YAML: the format of the EventProcessor, checked strictly. */
export const ruleFile = z.strictObject({
  id: z
    .union([z.string().min(1).max(200), z.number().nonnegative()])
    .refine((id) => typeof id === "string" || Number.isInteger(id), {
      error: "An id is text or a whole number",
    })
    .refine((id) => String(id) !== "0", { error: "0 is no id; leave it out to have one made of the name" })
    .optional()
    .describe("Stable identity; derived from the name when left out."),
  name: z.string().min(1).max(500).describe("Name of the alerts it raises."),
  description: z.string().max(20_000).default("").describe("What a finding means and what to do."),
  category: z.string().max(500).default("").describe("Category of the alerts."),
  technique: z.string().max(500).default("").describe("ATT&CK technique such as `T1110 - Brute Force`."),
  references: texts("Links to read on."),
  tags: texts("Tags such as `attack.t1110`, as in Sigma rules."),
  falsePositives: texts("What may raise it although nothing is wrong."),
  dataTypes: z.array(z.string().min(1).max(200)).min(1).max(100).describe("Data types it looks at."),
  adversary: z.enum(["origin", "target"]).default("origin").describe("Which side of the event did it."),
  impact: z
    .strictObject({ confidentiality: score, integrity: score, availability: score })
    .default({ confidentiality: 0, integrity: 0, availability: 0 })
    .describe("How much a finding harms."),
  severity: z.enum(severities).optional().describe("In place of the severity that the impact gives."),
  where: z.string().min(1).describe("CEL expression on the event."),
  afterEvents: z.array(searchRequest).max(16).optional().describe("History conditions; all must hold."),
  correlation: z.array(searchRequest).max(16).optional().describe("The same as `afterEvents`."),
  deduplicateBy: texts("Alert paths: alerts with equal values within 7 days are repeats."),
  groupBy: texts("Alert paths: alerts with equal values go under the first open one."),
  disabled: z.boolean().default(false).describe("Leaves the rule out."),
});
export type RuleFile = z.infer<typeof ruleFile>;
