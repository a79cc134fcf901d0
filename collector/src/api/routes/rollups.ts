import { createRoute, z } from "@hono/zod-openapi";
import { metrics, otherKeys } from "../../rollups/index.ts";
import type { ApiDeps } from "../deps.ts";
import { badParameter } from "../problem.ts";
import { runQuery } from "../run-query.ts";
import { Binder } from "../search/index.ts";
import { count, jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const names = metrics.map(({ name }) => name) as [string, ...string[]];
const date = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, "must be a day such as 2026-01-31")
  .refine((day) => !Number.isNaN(Date.parse(day)), "must be a day of the calendar");

const list = createRoute({
  ...{ method: "get", path: "/rollups", summary: "Counts by day or month that outlive events" },
  description:
    "Days are those of UTC in which events were read. They are counted every hour from what is stored, and are kept for ever.",
  request: {
    query: z.strictObject({
      metric: z.enum(names).openapi({ description: "What is counted.", example: "event_type" }),
      by: z
        .enum(["day", "month", "all"])
        .default("day")
        .openapi({ description: "`all` sums up the whole range; its periods are empty." }),
      from: date.openapi({ description: "First day.", example: "2026-01-01" }),
      to: date.openapi({ description: "Last day.", example: "2026-01-31" }),
      key: z.string().max(300).optional().openapi({ description: "Only this key." }),
      tenant: z
        .string()
        .max(200)
        .optional()
        .openapi({ description: "Only this tenant; all together by default." }),
      sum: z
        .enum(["true", "false"])
        .default("false")
        .openapi({ description: "Sums up all keys of a period; their key is empty." }),
      limit: count(1, 10_000, 1_000, "Items in the answer; the largest first within each period."),
    }),
  },
  responses: {
    200: jsonAnswer(
      listOf(
        z
          .object({
            period: z.string().openapi({ example: "2026-01-31" }),
            key: z.string().openapi({
              description: `What was told apart, such as an event type; "${otherKeys}" sums up what was too rare.`,
            }),
            value: z.int(),
          })
          .openapi("Rollup"),
      ),
      "Counts, by period and then by size.",
    ),
    ...problems,
  },
});

const tenants = createRoute({
  ...{ method: "get", path: "/rollups/tenants", summary: "Tenants that counts are kept of" },
  request: { query: z.strictObject({ from: date, to: date }) },
  responses: {
    200: jsonAnswer(
      listOf(z.object({ tenantId: z.string(), events: z.int() }).openapi("RollupTenant")),
      "Those with events in these days, the largest first; a thousand at most.",
    ),
    ...problems,
  },
});

interface Row {
  readonly period: string;
  readonly k: string;
  readonly n: number | string;
}

/** The rows of the latest making of each day in a range. */
function daysOf(bind: Binder, { from, to }: { readonly from: string; readonly to: string }): string {
  if (from > to) throw badParameter("to", "The last day is before the first.");
  const days = `day >= toDate(${bind.text(from)}) AND day <= toDate(${bind.text(to)})`;
  return `${days} AND (day, madeAt) GLOBAL IN (SELECT day, max(madeAt) FROM rollups WHERE ${days} GROUP BY day)`;
}

const periods = { day: "toString(day)", month: "formatDateTime(day, '%Y-%m')", all: "''" } as const;

/** Counts that outlive events. */
export function rollupRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(list, async (c) => {
    const { metric, by, key, tenant, sum, limit, ...range } = c.req.valid("query");
    const bind = new Binder();
    const wheres = [daysOf(bind, range), `metric = ${bind.text(metric)}`];
    if (key !== undefined) wheres.push(`key = ${bind.text(key)}`);
    if (tenant !== undefined) wheres.push(`tenantId = ${bind.text(tenant)}`);
    const sql = `SELECT ${periods[by]} AS period, ${sum === "true" ? "''" : "key"} AS k, sum(value) AS n FROM rollups
      WHERE ${wheres.join(" AND ")} GROUP BY period, k ORDER BY period, n DESC, k LIMIT ${limit}`;
    const rows = await runQuery<Row>(deps.store, sql, bind, c.req.raw.signal);
    const items = rows.map(({ period, k, n }) => ({ period, key: k, value: Number(n) }));
    return c.json({ items, next: null }, 200);
  });
  api.openapi(tenants, async (c) => {
    const bind = new Binder();
    const sql = `SELECT tenantId, sum(value) AS n FROM rollups
      WHERE ${daysOf(bind, c.req.valid("query"))} AND metric = 'events' GROUP BY tenantId ORDER BY n DESC, tenantId LIMIT 1000`;
    const rows = await runQuery<{ tenantId: string; n: number | string }>(
      deps.store,
      sql,
      bind,
      c.req.raw.signal,
    );
    const items = rows.map(({ tenantId, n }) => ({ tenantId, events: Number(n) }));
    return c.json({ items, next: null }, 200);
  });
}
