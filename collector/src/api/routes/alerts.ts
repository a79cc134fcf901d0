import { createRoute, z } from "@hono/zod-openapi";
import { nearest } from "@vedette/core/config";
import { alertHead, severities, side } from "@vedette/sdk";
import { type AlertRow, alertColumns, alertFromDocument, alertHeadFromRow } from "../alert-row.ts";
import type { ApiDeps } from "../deps.ts";
import { badParameter, Problem } from "../problem.ts";
import { runQuery } from "../run-query.ts";
import { Binder, quoted, rangeSql, readCursor, readRange, searchHash } from "../search/index.ts";
import { afterCursor, pageOf } from "./paging.ts";
import {
  alertSchema,
  jsonAnswer,
  listOf,
  pageParameters,
  problems,
  rangeParameters,
  repeated,
} from "./parameters.ts";
import type { Router } from "./router.ts";

const statuses = ["open", "acknowledged", "closed"] as const;

const listItem = alertHead
  .extend({
    adversary: side.optional(),
    target: side.optional(),
    eventCount: z.int().openapi({ description: "Events that the alert was raised for." }),
  })
  .openapi("AlertItem");

const list = createRoute({
  method: "get",
  path: "/alerts",
  summary: "Alerts",
  request: {
    query: z.strictObject({
      status: repeated("open, acknowledged or closed; any of those given.", "open", statuses.length, 20),
      severity: repeated("Severities; any of those given.", "high", severities.length, 20),
      rule: z.string().max(200).optional().openapi({ description: "Identifier or name of the rule." }),
      ...rangeParameters,
      ...pageParameters,
    }),
  },
  responses: {
    200: jsonAnswer(listOf(listItem), "Alerts without their events, the newest first."),
    ...problems,
  },
});

const one = createRoute({
  method: "get",
  path: "/alerts/{id}",
  summary: "One alert with its events",
  request: { params: z.object({ id: z.string().max(512) }), query: z.strictObject({}) },
  responses: { 200: jsonAnswer(alertSchema, "The alert."), ...problems },
});

const selected = [...alertColumns.map(quoted), "length(eventIds) AS eventCount"].join(", ");

/** Alerts: list and look-up. */
export function alertRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(list, async (c) => {
    const query = c.req.valid("query");
    const { status, severity, rule, from, to, limit } = query;
    const hash = searchHash(["alerts", status, severity, rule, from, to]);
    const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor, hash);
    const range = cursor?.range ?? readRange(from, to, deps.clock.now());
    const bind = new Binder();
    const where = [rangeSql("timestamp", range, bind)];
    addChoice(where, bind, "status", status, statuses);
    addChoice(where, bind, "severity", severity, severities);
    if (rule !== undefined) {
      const named = bind.text(rule);
      where.push(`(ruleId = ${named} OR name = ${named})`);
    }
    if (cursor) where.push(afterCursor("timestamp", cursor, "desc", bind));
    const sql = `SELECT ${selected} FROM alerts FINAL WHERE ${where.join(" AND ")}
      ORDER BY timestamp DESC, id DESC LIMIT ${limit + 1}`;
    const rows = await runQuery<AlertRow>(deps.store, sql, bind, c.req.raw.signal);
    const { page, next } = pageOf(rows, limit, { column: "timestamp", range, hash });
    const items = page.map((row) => ({ ...alertHeadFromRow(row), eventCount: Number(row.eventCount) }));
    return c.json({ items, next }, 200);
  });

  api.openapi(one, async (c) => {
    const bind = new Binder();
    const sql = `SELECT ${alertColumns.map(quoted).join(", ")}, document FROM alerts FINAL
      WHERE id = ${bind.text(c.req.valid("param").id)} LIMIT 1`;
    const [row] = await runQuery<AlertRow>(deps.store, sql, bind, c.req.raw.signal);
    if (!row) throw new Problem("not-found", "There is no alert with this id.");
    return c.json(alertFromDocument(row), 200);
  });
}

function addChoice(
  where: string[],
  bind: Binder,
  name: string,
  values: readonly string[] | undefined,
  known: readonly string[],
): void {
  if (values === undefined || values.length === 0) return;
  const wrong = values.find((value) => !known.includes(value));
  if (wrong !== undefined) {
    const suggestion = nearest(wrong, known);
    throw badParameter(name, `There is no ${name} "${wrong}".`, {
      ...(suggestion === undefined ? {} : { suggestion }),
      cure: `Use one of ${known.join(", ")}.`,
    });
  }
  where.push(`${name} IN ${bind.add("Array(String)", values)}`);
}
