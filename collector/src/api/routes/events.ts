import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { type EventRow, eventColumns, eventFromRow } from "../event-row.ts";
import { Problem } from "../problem.ts";
import { runQuery } from "../run-query.ts";
import { Binder, quoted, type Range, readCursor, searchHash, whereOf } from "../search/index.ts";
import { afterCursor, firstFull, nearParts, pageOf } from "./paging.ts";
import { eventSchema, jsonAnswer, listOf, pageParameters, problems, searchParameters } from "./parameters.ts";
import type { Router } from "./router.ts";
import { readConditions, readSearch } from "./search.ts";

const order = z.enum(["desc", "asc"]).default("desc").openapi({ description: "desc: the newest first." });

const search = createRoute({
  method: "get",
  path: "/events",
  summary: "Search events",
  request: { query: z.strictObject({ ...searchParameters, ...pageParameters, order }) },
  responses: { 200: jsonAnswer(listOf(eventSchema), "Events that match, a page of them."), ...problems },
});

const one = createRoute({
  method: "get",
  path: "/events/{id}",
  summary: "One event",
  request: { params: z.object({ id: z.string().max(512) }), query: z.strictObject({}) },
  responses: { 200: jsonAnswer(eventSchema, "The event."), ...problems },
});

const selected = eventColumns.map(quoted).join(", ");

/** Search and look-up of events. */
export function eventRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(search, async (c) => {
    const query = c.req.valid("query");
    const { q, filter, from, to } = query;
    const hash = searchHash([q, filter, from, to, query.order]);
    const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor, hash);
    const { range, conditions } = cursor
      ? { range: cursor.range, conditions: readConditions(query, deps) }
      : readSearch(query, deps);
    const wanted = query.limit + 1;
    const ask = (within: Range): Promise<EventRow[]> => {
      const bind = new Binder();
      const where = [whereOf(within, conditions, bind)];
      if (cursor) where.push(afterCursor("timestamp", cursor, query.order, bind));
      const sql = `SELECT ${selected} FROM events WHERE ${where.join(" AND ")}
        ORDER BY timestamp ${query.order}, id ${query.order} LIMIT ${wanted}`;
      return runQuery<EventRow>(deps.store, sql, bind, c.req.raw.signal);
    };
    const rows = await firstFull(nearParts(range, query.order, cursor?.time), wanted, ask);
    const { page, next } = pageOf(rows, query.limit, { column: "timestamp", range, hash });
    return c.json({ items: page.map(eventFromRow), next }, 200);
  });

  api.openapi(one, async (c) => {
    const bind = new Binder();
    const sql = `SELECT ${selected} FROM events WHERE id = ${bind.text(c.req.valid("param").id)} LIMIT 1`;
    const [row] = await runQuery<EventRow>(deps.store, sql, bind, c.req.raw.signal);
    if (!row) throw new Problem("not-found", "There is no event with this id; it may have expired.");
    return c.json(eventFromRow(row), 200);
  });
}
