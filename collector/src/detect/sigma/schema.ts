import type { severities } from "@vedette/sdk";
import { z } from "zod";

const text = z.string().max(20_000);
const scalarText = z.union([z.string().max(2_000), z.number()]).transform(String);
/** Written as one text as often as as a list. */
const texts = z.union([scalarText.transform((each) => [each]), z.array(scalarText).max(1_000)]).default([]);

/** Where the events of a rule come from. */
export const logsource = z.looseObject({
  product: z.string().min(1).max(200).optional(),
  category: z.string().min(1).max(200).optional(),
  service: z.string().min(1).max(200).optional(),
});
export type Logsource = z.infer<typeof logsource>;

const levels = ["informational", "low", "medium", "high", "critical"] as const;

/** What we add to a Sigma rule. */
const ours = z.strictObject({
  dataTypes: z.array(z.string().min(1).max(200)).min(1).max(100).optional(),
  adversary: z.enum(["origin", "target"]).default("origin"),
  deduplicateBy: z.array(z.string().min(1).max(1_000)).max(100).default([]),
  groupBy: z.array(z.string().min(1).max(1_000)).max(100).default([]),
  disabled: z.boolean().default(false),
});

/** What every kind of Sigma document may say of itself. Sigma allows keys of one's own. */
const head = {
  title: z.string().min(1).max(500),
  id: z.string().min(1).max(200).optional(),
  name: z.string().min(1).max(500).optional(),
  status: z.string().max(100).optional(),
  description: text.default(""),
};

/** A Sigma rule (specification 2.1). */
export const sigmaRule = z.looseObject({
  ...head,
  references: texts,
  author: z.union([text, z.array(text)]).optional(),
  tags: texts,
  falsepositives: texts,
  level: z.enum(levels).default("medium"),
  logsource,
  detection: z.record(z.string(), z.unknown()),
  vedette: ours.default({ adversary: "origin", deduplicateBy: [], groupBy: [], disabled: false }),
});
export type SigmaRule = z.infer<typeof sigmaRule>;

/** A Sigma filter: what is taken out of the matches of other rules. */
export const sigmaFilter = z.looseObject({
  ...head,
  logsource,
  filter: z
    .object({ rules: z.union([z.literal("any"), z.array(z.string().min(1)).min(1)]).default("any") })
    .catchall(z.unknown()),
});
export type SigmaFilter = z.infer<typeof sigmaFilter>;

export const severityOfLevel = (level: SigmaRule["level"]): (typeof severities)[number] =>
  level === "informational" ? "info" : level;
