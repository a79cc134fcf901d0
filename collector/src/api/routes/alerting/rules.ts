import { createRoute, z } from "@hono/zod-openapi";
import { advices, listSources, scorecard } from "../../../alerting/index.ts";
import { readAudit, verifyAudit } from "../../../control/index.ts";
import type { ApiDeps } from "../../deps.ts";
import { count, jsonAnswer, listOf, problems } from "../parameters.ts";
import type { Router } from "../router.ts";
import { alertingOf, iso, noQuery } from "./support.ts";

const score = z
  .object({
    ruleId: z.string(),
    name: z.string(),
    shown: z.int().openapi({ description: "Alerts that people were told of." }),
    hidden: z.int(),
    open: z.int(),
    truePositives: z.int(),
    falsePositives: z.int(),
    falsePositiveRatio: z.number().optional().openapi({ description: "Among those that were judged." }),
    lastAt: z.iso.datetime().optional(),
    advice: z.enum(advices),
    reasons: z.array(
      z.object({ code: z.string(), values: z.record(z.string(), z.number()), text: z.string() }),
    ),
  })
  .openapi("RuleScore");

const scores = createRoute({
  method: "get",
  path: "/rules/scorecard",
  summary: "Which rules to keep, tune or retire",
  request: { query: z.strictObject({ days: count(1, 365, 30, "Days back from now.") }) },
  responses: {
    200: jsonAnswer(listOf(score), "Those first about which something should be done."),
    ...problems,
  },
});

const sources = createRoute({
  method: "get",
  path: "/sources",
  summary: "Sources and when they were heard",
  request: { query: noQuery },
  responses: {
    200: jsonAnswer(
      listOf(
        z.object({
          dataType: z.string(),
          tenantId: z.string(),
          dataSource: z.string(),
          firstAt: z.iso.datetime(),
          lastAt: z.iso.datetime(),
          longestPauseSeconds: z.number().openapi({ description: "Of the last one to two weeks." }),
          alertId: z.string().optional().openapi({ description: "The alert that says it is silent." }),
        }),
      ),
      "Those first that were heard longest ago.",
    ),
    ...problems,
  },
});

const audit = createRoute({
  method: "get",
  path: "/audit",
  summary: "Who changed what",
  description: "Needs the scope admin.",
  request: {
    query: z.strictObject({
      before: z
        .string()
        .regex(/^\d{1,12}$/)
        .optional()
        .openapi({ description: "Entries before this number." }),
      limit: count(1, 1_000, 100, "Items in the answer."),
    }),
  },
  responses: {
    200: jsonAnswer(
      listOf(
        z.object({
          seq: z.int(),
          at: z.iso.datetime(),
          author: z.string(),
          action: z.string(),
          subject: z.string(),
          detail: z.unknown(),
          hash: z.string(),
        }),
      ),
      "The latest first.",
    ),
    ...problems,
  },
});

const verify = createRoute({
  method: "get",
  path: "/audit/verify",
  summary: "Whether the audit trail is whole",
  description: "Each entry has the hash of the one before in its own. Needs the scope admin.",
  request: { query: noQuery },
  responses: {
    200: jsonAnswer(
      z.object({
        whole: z.boolean(),
        brokenAt: z.int().optional().openapi({ description: "The first entry that does not follow." }),
      }),
      "Whether every entry follows from the one before it.",
    ),
    ...problems,
  },
});

/** How rules do, how sources do, and who did what. */
export function ruleRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(scores, async (c) => {
    const { days } = c.req.valid("query");
    const options = { days, now: deps.clock.now(), signal: c.req.raw.signal };
    const items = (await scorecard(deps.store, deps.rules?.rules ?? [], options)).map(
      ({ lastAt, reasons, ...rest }) => ({
        ...{ ...rest, reasons: reasons.map((each) => ({ ...each, values: { ...each.values } })) },
        ...(lastAt !== undefined && { lastAt: iso(lastAt) }),
      }),
    );
    return c.json({ items, next: null }, 200);
  });
  api.openapi(sources, async (c) => {
    const items = (await listSources(alertingOf(deps).database)).map((source) => ({
      ...{ tenantId: source.tenantId, dataType: source.dataType, dataSource: source.dataSource },
      ...{ firstAt: iso(source.firstAt), lastAt: iso(source.lastAt) },
      longestPauseSeconds: Math.max(source.pauseNow, source.pauseBefore) / 1_000,
      ...(source.alertId !== "" && { alertId: source.alertId }),
    }));
    return c.json({ items, next: null }, 200);
  });
  api.openapi(audit, async (c) => {
    const { before, limit } = c.req.valid("query");
    const place = { limit, before: before === undefined ? undefined : Number(before) };
    const items = await readAudit(alertingOf(deps).database, place);
    return c.json({ items: items.map((each) => ({ ...each, at: iso(each.at) })), next: null }, 200);
  });
  api.openapi(verify, async (c) => {
    const brokenAt = await verifyAudit(alertingOf(deps).database);
    return c.json({ whole: brokenAt === undefined, ...(brokenAt !== undefined && { brokenAt }) }, 200);
  });
}
