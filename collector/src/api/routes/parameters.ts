import { z } from "@hono/zod-openapi";
import { alert, event } from "@vedette/sdk";
import { limits } from "../limits.ts";

const text = (max: number, description: string, example?: string) =>
  z
    .string()
    .max(max)
    .optional()
    .openapi({ description, ...(example === undefined ? {} : { example }) });

/** A parameter that may stand once or often. */
export const repeated = (description: string, example: string, max: number, length: number) =>
  z
    .preprocess(
      (value) => (value === undefined || Array.isArray(value) ? value : [value]),
      z.array(z.string().max(length)).max(max).optional(),
    )
    .openapi({
      type: "array",
      items: { type: "string", maxLength: length },
      maxItems: max,
      description,
      example: [example],
    });

/** A whole number in a query string. */
export const count = (least: number, most: number, fallback: number, description: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .default(fallback)
    .openapi({ type: "integer", minimum: least, maximum: most, default: fallback, description });

export const rangeParameters = {
  from: text(64, "Begin of the range: RFC 3339, or back from now such as `-15m`. Default `-24h`.", "-15m"),
  to: text(64, "End of the range, not part of it: RFC 3339, `now`, or relative. Default `now`.", "now"),
};

export const filterParameter = repeated(
  "`field:value` or `field:operator:value`; all filters must hold. Operators: eq, neq, in, notIn, prefix, contains, like, exists, gt, gte, lt, lte, cidr. `eventType` takes `*`. `asset:plugin/id` finds events of an asset: those linked to it when they were stored, and those of before that name a host that leads to it now.",
  "origin.ip:192.0.2.7",
  limits.filters,
  limits.filterLength,
);

export const searchParameters = {
  q: text(
    limits.queryLength,
    'Text query over the log line: words, "phrases", -negation, field:value, field:>5, part*.',
    'failed password -"invalid user"',
  ),
  filter: filterParameter,
  ...rangeParameters,
};

export const pageParameters = {
  limit: count(1, limits.items, 100, "Items in the answer."),
  cursor: text(2_048, "`next` of the answer before, unchanged."),
};

/** `{items, next}`: every list answers so; `next` is null on the last page. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().openapi({ description: "Cursor of the next page; null on the last." }),
  });

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: "urn:vedette:problem:bad-parameter" }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    parameter: z.string().optional(),
    at: z.int().optional().openapi({ description: "Character offset in the parameter's value." }),
    cure: z.string().optional(),
    suggestion: z.string().optional(),
    problems: z.array(z.object({ key: z.string(), message: z.string() })).optional(),
  })
  .openapi("Problem");

export const jsonAnswer = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  content: { "application/json": { schema } },
  description,
});

/** What every route may also answer. */
export const problems = {
  default: {
    content: { "application/problem+json": { schema: problemSchema } },
    description: "A problem, as RFC 9457 describes it.",
  },
} as const;

/** The sdk's schemas under the names they have in the document. */
// Extended, because only schemas made after the OpenAPI extension was loaded can be named.
export const eventSchema = event.extend({}).openapi("Event");
export const alertSchema = alert.extend({ events: z.array(eventSchema).optional() }).openapi("Alert");
