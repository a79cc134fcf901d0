import { z } from "zod";
import { goDuration, nowMinus } from "./duration.ts";

/** Comparisons of a history search, named as in the EventProcessor's rules. */
export const operators = ["filter_term", "must_not_term", "filter_match", "must_not_match"] as const;
export type Operator = (typeof operators)[number];

/** Longest window a rule may look back: 30 days. History is held in memory. */
export const maxWindowMs = 30 * 86_400_000;
/** Most hits a rule may ask for; each open key keeps that many. */
export const maxCount = 10_000;

/** A whole number, or text that is one: protobuf JSON knows both. */
export const count = (least: number, most: number) =>
  z.preprocess(
    (value) => (typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.int().min(least).max(most),
  );

const condition = z.strictObject({
  field: z
    .string()
    .min(1)
    .max(512)
    .describe("Path in the searched event or alert; a `.keyword` ending is ignored."),
  operator: z.enum(operators).describe("How the field is compared."),
  value: z
    .union([z.string(), z.number(), z.boolean()])
    .describe("A value, or `{{.path}}`: the value of that path in the event that triggers the rule."),
});

/** One condition on history: how many stored events or alerts must be found. */
export const searchRequest = z.strictObject({
  indexPattern: z
    .string()
    .max(1_000)
    .optional()
    .describe("`v11-log-<dataType>-*` or `v11-alert-*`; left out, the rule's own data types are searched."),
  dataType: z.string().min(1).max(200).optional().describe("Data type to search; our short form of it."),
  with: z.array(condition).max(64).default([]).describe("Conditions; all must hold."),
  within: z
    .string()
    .refine((text) => windowOf(text) !== undefined, {
      error: ({ input }) => {
        const days = /^(\d{1,3})d$/.exec(String(input))?.[1];
        const cure = days === undefined ? "" : `; there is no unit for days, write ${Number(days) * 24}h`;
        return `A window is a duration above zero such as 90s, 15m or 1h30m${cure}`;
      },
    })
    .refine((text) => (windowOf(text) ?? 0) <= maxWindowMs, { error: "A window is 30 days (720h) at most" })
    .describe("How far back to look from the triggering event, as a duration such as `15m` or `1h30m`."),
  count: count(1, maxCount)
    .default(1)
    .describe("Hits needed. The triggering event counts when it fits the search itself."),
  get or() {
    return z.array(searchRequest).max(16).default([]).describe("Searches of which one may hold instead.");
  },
});
export type SearchRequest = z.infer<typeof searchRequest>;
export type Condition = z.infer<typeof condition>;

/** The window in milliseconds; undefined when the text is no duration. */
export const windowOf = (text: string): number | undefined => goDuration(text) ?? nowMinus(text);
