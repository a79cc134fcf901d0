import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { limits } from "../limits.ts";
import { runQuery } from "../run-query.ts";
import { Binder, fieldOf, whereOf } from "../search/index.ts";
import { count, jsonAnswer, problems, searchParameters } from "./parameters.ts";
import type { Router } from "./router.ts";
import { readSearch } from "./search.ts";

const top = createRoute({
  method: "get",
  path: "/events/top",
  summary: "Most frequent values of a field",
  request: {
    query: z.strictObject({
      ...searchParameters,
      field: z
        .string()
        .max(limits.pathLength)
        .openapi({ description: "Field to count.", example: "origin.ip" }),
      limit: count(1, limits.top, 10, "Values in the answer."),
    }),
  },
  responses: {
    200: jsonAnswer(
      z.object({
        items: z.array(z.object({ value: z.string(), count: z.int() })),
        next: z.null(),
        total: z.int().openapi({ description: "All events of the search." }),
        missing: z.int().openapi({ description: "Those without the field." }),
        others: z.int().openapi({ description: "Those with a value that is not among `items`." }),
        distinct: z.int().openapi({ description: "Number of different values." }),
      }),
      "Values with their counts, the most frequent first.",
    ),
    ...problems,
  },
});

interface Row {
  readonly value: string;
  readonly absent: number;
  readonly count: number;
  readonly total: number;
  readonly distinct: number;
}

/** Most frequent values of a field. */
export function topRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(top, async (c) => {
    const query = c.req.valid("query");
    const { range, conditions } = readSearch(query, deps);
    const field = fieldOf(query.field, "field", 0);
    const bind = new Binder();
    const value = field.kind === "texts" ? `arrayJoin(${field.sql})` : field.sql;
    // The group without a value comes first, so that it is always among the rows.
    const sql = `SELECT toString(v) AS value, value IN ('', '0', '1970-01-01 00:00:00.000') AS absent, count,
        total, distinct FROM (
        SELECT ${value} AS v, count() AS count, sum(count()) OVER () AS total, count() OVER () AS distinct
        FROM events WHERE ${whereOf(range, conditions, bind)} GROUP BY v)
      ORDER BY absent DESC, count DESC, value LIMIT ${query.limit + 1}`;
    const rows = await runQuery<Row>(deps.store, sql, bind, c.req.raw.signal);
    const total = Number(rows[0]?.total ?? 0);
    const missing = Number(rows.find((row) => Number(row.absent) === 1)?.count ?? 0);
    const items = rows
      .filter((row) => Number(row.absent) === 0)
      .slice(0, query.limit)
      .map((row) => ({ value: row.value, count: Number(row.count) }));
    const shown = items.reduce((sum, item) => sum + item.count, 0);
    const distinct = Number(rows[0]?.distinct ?? 0) - (missing > 0 ? 1 : 0);
    return c.json({ items, next: null, total, missing, others: total - missing - shown, distinct }, 200);
  });
}
