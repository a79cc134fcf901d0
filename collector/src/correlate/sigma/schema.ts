import { z } from "zod";
import { maxWindowMs } from "../search-schema.ts";

const name = z.string().min(1).max(500);
const fields = z.union([name.transform((each) => [each]), z.array(name).max(32)]);
const texts = z
  .union([
    z.string().transform((each) => [each]),
    z.array(z.union([z.string(), z.number()]).transform(String)),
  ])
  .default([]);

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds of a timespan such as `90m`; undefined where it is none. */
export function timespanOf(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * units[unit!]! || undefined;
}

const timespan = z
  .string()
  .refine((text) => timespanOf(text) !== undefined, {
    error: "A timespan is a number above 0 and one of s, m, h, d, w, such as 90m",
  })
  .refine((text) => (timespanOf(text) ?? 0) <= maxWindowMs, { error: "A timespan is 30 days at most" });

const bound = z.number().min(-1e15).max(1e15).optional();

/** A condition as a map: bounds, and for the `value_*` types what is measured. */
const bounds = z.strictObject({
  gt: bound.describe("More than."),
  gte: bound.describe("At least."),
  lt: bound.describe("Less than."),
  lte: bound.describe("At most."),
  eq: bound.describe("Exactly."),
  neq: bound.describe("Anything but."),
  field: fields
    .optional()
    .describe(
      "Field whose values are measured, for `value_*`; several for `value_count`, which counts what they are together.",
    ),
  percentile: z.number().min(0).max(100).optional().describe("Which percentile, for `value_percentile`."),
});
export type ConditionMap = z.infer<typeof bounds>;

export const types = [
  "event_count",
  "value_count",
  "temporal",
  "temporal_ordered",
  "value_sum",
  "value_avg",
  "value_min",
  "value_max",
  "value_percentile",
  "value_median",
] as const;

/** The `correlation` section of a Sigma correlation (specification 2.1, with the boolean conditions and the types of 2.2). */
export const section = z.strictObject({
  type: z.enum(types).describe("What is asked of the events of a group."),
  rules: fields
    .default([])
    .describe("Ids or names of rules and correlations. May be left out where the condition names them."),
  "group-by": fields.default([]).describe("Fields or aliases; events with equal values belong together."),
  timespan: timespan.describe("How long, such as `30s`, `90m`, `1d`."),
  aliases: z
    .record(name, z.record(name, name))
    .default({})
    .describe("Names for fields that are called differently in the events of different rules."),
  condition: z
    .union([bounds, z.string().min(1).max(2_000)])
    .optional()
    .describe("Bounds; for `temporal` and `temporal_ordered` also `a and b and not c` over rules."),
  generate: z.boolean().default(false).describe("Whether the rules it names raise alerts of their own."),
  window: z
    .enum(["sliding", "tumbling", "session"])
    .default("sliding")
    .describe("Ours: how the timespan is laid over events. Not for `temporal` types."),
  gap: timespan.optional().describe("Ours: how far apart the events of a session may be."),
});
export type Section = z.infer<typeof section>;

export const levels = ["informational", "low", "medium", "high", "critical"] as const;

/** A document of a Sigma correlation. Sigma allows keys of one's own beside these. */
export const correlationFile = z.looseObject({
  title: name,
  id: z.string().min(1).max(200).optional(),
  name: name.optional(),
  description: z.string().max(65_535).default(""),
  references: texts,
  tags: texts,
  falsepositives: texts,
  level: z.enum(levels).default("medium"),
  generate: z.boolean().default(false),
  correlation: section,
  vedette: z
    .strictObject({
      adversary: z.enum(["origin", "target"]).default("origin"),
      disabled: z.boolean().default(false),
    })
    .default({ adversary: "origin", disabled: false }),
});
export type CorrelationFile = z.infer<typeof correlationFile>;
