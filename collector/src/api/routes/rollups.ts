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
      by: z.enum(["day", "month"]).default("day"),
      from: date.openapi({ description: "First day.", example: "2026-01-01" }),
      to: date.openapi({ description: "Last day.", example: "2026-01-31" }),
      key: z.string().max(300).optional().openapi({ description: "Only this key." }),
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

interface Row {
  readonly period: string;
  readonly key: string;
  readonly value: number | string;
}

/** Counts that outlive events. */
export function rollupRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(list, async (c) => {
    const { metric, by, from, to, key, limit } = c.req.valid("query");
    if (from > to) throw badParameter("to", "The last day is before the first.");
    const bind = new Binder();
    const [first, last] = [bind.text(from), bind.text(to)];
    const days = `day >= toDate(${first}) AND day <= toDate(${last})`;
    const period = by === "day" ? "toString(day)" : "formatDateTime(day, '%Y-%m')";
    const only = key === undefined ? "" : `AND key = ${bind.text(key)}`;
    const sql = `SELECT ${period} AS period, key, sum(value) AS value FROM rollups
      WHERE ${days} AND metric = ${bind.text(metric)} ${only}
      AND (day, madeAt) GLOBAL IN (SELECT day, max(madeAt) FROM rollups WHERE ${days} GROUP BY day)
      GROUP BY period, key ORDER BY period, value DESC, key LIMIT ${limit}`;
    const rows = await runQuery<Row>(deps.store, sql, bind, c.req.raw.signal);
    return c.json({ items: rows.map((row) => ({ ...row, value: Number(row.value) })), next: null }, 200);
  });
}
