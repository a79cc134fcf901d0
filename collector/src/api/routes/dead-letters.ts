import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { timeOf } from "../row-values.ts";
import { runQuery } from "../run-query.ts";
import { Binder, rangeSql, readCursor, readRange, searchHash } from "../search/index.ts";
import { afterCursor, pageOf } from "./paging.ts";
import { jsonAnswer, listOf, pageParameters, problems, rangeParameters } from "./parameters.ts";
import type { Router } from "./router.ts";

/** Bytes of the data itself that the list shows. */
const shownBytes = 4_096;

const letter = z.object({
  id: z.string(),
  time: z.iso.datetime(),
  agentId: z.string(),
  stage: z.string(),
  reason: z.string(),
  dataType: z.string(),
  batchId: z.string(),
  rows: z.int(),
  encoding: z.string().openapi({ description: "How `body` is written: utf8 or base64." }),
  body: z.string().openapi({ description: `The data itself, at most ${shownBytes} bytes of it.` }),
  bodyBytes: z.int(),
});

const list = createRoute({
  method: "get",
  path: "/dead-letters",
  summary: "What could not be decoded, parsed or stored",
  request: {
    query: z.strictObject({
      stage: z.string().max(64).optional().openapi({ description: "Only of this stage." }),
      ...rangeParameters,
      ...pageParameters,
    }),
  },
  responses: { 200: jsonAnswer(listOf(letter), "Dead letters, the newest first."), ...problems },
});

type Row = z.infer<typeof letter>;

/** Dead letters. */
export function deadLetterRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(list, async (c) => {
    const { stage, from, to, limit, ...query } = c.req.valid("query");
    const hash = searchHash(["dead-letters", stage, from, to]);
    const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor, hash);
    const range = cursor?.range ?? readRange(from, to, deps.clock.now());
    const bind = new Binder();
    const where = [rangeSql("time", range, bind)];
    if (stage !== undefined) where.push(`stage = ${bind.text(stage)}`);
    if (cursor) where.push(afterCursor("time", cursor, "desc", bind));
    const sql = `SELECT id, time, agentId, stage, reason, dataType, batchId, rows, encoding,
        substringUTF8(body, 1, ${shownBytes}) AS body, length(dead_letters.body) AS bodyBytes
      FROM dead_letters WHERE ${where.join(" AND ")} ORDER BY time DESC, id DESC LIMIT ${limit + 1}`;
    const rows = await runQuery<Row>(deps.store, sql, bind, c.req.raw.signal);
    const { page, next } = pageOf(rows, limit, { column: "time", range, hash });
    const items = page.map((row) => ({ ...row, time: timeOf(row.time) ?? new Date(0).toISOString() }));
    return c.json({ items, next }, 200);
  });
}
