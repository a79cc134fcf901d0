import { z } from "zod";

const text = (most: number) => z.string().min(1).max(most);

/** One declarative rule of OpenSecDash. */
export const insightRule = z.strictObject({
  id: text(200).describe("Stable identity. A later rule with the same id replaces an earlier one."),
  title: text(500).describe("Name of the alerts it raises."),
  description: z.string().max(20_000).default("").describe("What a finding means."),
  level: z.enum(["low", "medium", "high", "critical"]).default("medium").describe("Severity of the alerts."),
  confidence: z.number().min(0).max(1).default(0.7).describe("How sure a finding is; a tag of the alerts."),
  tags: z
    .array(text(200))
    .max(20)
    .default([])
    .describe("Ours: tags of the alerts, such as `attack.reconnaissance` and `attack.t1595.003`."),
  event_types: z
    .array(text(200))
    .min(1)
    .max(50)
    .optional()
    .describe("Types of events, `*` for any text; all when left out."),
  path_contains_any: z
    .array(text(200))
    .min(1)
    .max(50)
    .optional()
    .describe("Texts of which the path (`target.path`) must have one, whatever their case. No patterns."),
  group_by: z.enum(["ip", "path"]).default("ip").describe("What events are counted by."),
  window_minutes: z.int().min(1).max(1_440).default(5).describe("How far back events count."),
  threshold: z.int().min(1).max(100).default(1).describe("Events needed."),
  min_distinct_ips: z.int().min(1).max(1_000).default(1).describe("Different addresses needed."),
});
export type InsightRule = z.infer<typeof insightRule>;

/** A rule set of OpenSecDash, schema version 1. */
export const insightFile = z.strictObject({
  schema_version: z
    .union([z.int(), z.string().max(20)])
    .refine((version) => /^1(\.|$)/.test(String(version)), { error: "This is read up to schema version 1" })
    .describe("1, or 1.x."),
  rules: z.array(insightRule).max(200).describe("At most 200."),
});
