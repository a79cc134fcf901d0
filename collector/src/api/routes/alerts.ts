import { createRoute, z } from "@hono/zod-openapi";
import { alertHead, severities, side } from "@vedette/sdk";
import { caseStatuses, hiddenReasons } from "../../alerting/index.ts";
import { alertsNow } from "../../store/index.ts";
import { type AlertRow, alertColumns, alertFromDocument, alertHeadFromRow } from "../alert-row.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { runQuery } from "../run-query.ts";
import { Binder, quoted, rangeSql, readCursor, readRange, searchHash } from "../search/index.ts";
import { attackOf, attackSchema } from "./alerting/support.ts";
import { addChoice } from "./choice.ts";
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

const hiddenChoices = ["no", "only", "any"] as const;
const verdicts = ["true_positive", "false_positive", "recovered"] as const;

const since = {
  verdict: z.string().openapi({ description: "What a closed one was; empty while it is not closed." }),
  assignee: z.string(),
  version: z.int().openapi({ description: "Grows with every change; 0 where there was none." }),
  attack: attackSchema,
};

const listItem = alertHead
  .extend({
    adversary: side.optional(),
    target: side.optional(),
    eventCount: z.int().openapi({ description: "Events that the alert was raised for." }),
    ...since,
  })
  .openapi("AlertItem");

const whole = alertSchema
  .extend({
    ...since,
    incidentId: z.string().optional().openapi({ description: "The incident that it belongs to." }),
  })
  .openapi("AlertDetail");

const text = (max: number, description: string) => z.string().max(max).optional().openapi({ description });

const list = createRoute({
  method: "get",
  path: "/alerts",
  summary: "Alerts",
  request: {
    query: z.strictObject({
      status: repeated("open, acknowledged or closed; any of those given.", "open", caseStatuses.length, 20),
      severity: repeated("Severities; any of those given.", "high", severities.length, 20),
      verdict: repeated("true_positive, false_positive or recovered.", "true_positive", verdicts.length, 20),
      hidden: z
        .enum(hiddenChoices)
        .default("no")
        .openapi({
          description: `Whether to list those that nobody is told of: ${hiddenReasons.join(", ")}.`,
        }),
      rule: text(200, "Identifier or name of the rule."),
      entity: text(300, "Who it is about, such as `ip:203.0.113.7`."),
      incident: text(64, "Identifier of the incident it belongs to."),
      assignee: text(100, "Who looks after it."),
      tactic: text(10, "ATT&CK tactic, such as `TA0006`."),
      technique: text(12, "ATT&CK technique, such as `T1110`; its parts are meant too."),
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
  responses: { 200: jsonAnswer(whole, "The alert."), ...problems },
});

const stateColumns = ["verdict", "assignee", "version"];
const heads = [...alertColumns, ...stateColumns].map(quoted).join(", ");

type Search = Omit<z.infer<(typeof list)["request"]["query"]>, "limit" | "cursor">;

/** Alerts: list and look-up. What people do to them is in `alerting/`. */
export function alertRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(list, async (c) => {
    const { cursor: sent, limit, ...search } = c.req.valid("query");
    const hash = searchHash(["alerts", search]);
    const cursor = sent === undefined ? undefined : readCursor(sent, hash);
    const range = cursor?.range ?? readRange(search.from, search.to, deps.clock.now());
    const bind = new Binder();
    const where = [rangeSql("timestamp", range, bind), ...conditionsOf(search, bind)];
    if (cursor) where.push(afterCursor("timestamp", cursor, "desc", bind));
    const sql = `SELECT ${heads}, length(eventIds) AS eventCount FROM ${alertsNow} WHERE ${where.join(" AND ")}
      ORDER BY timestamp DESC, id DESC LIMIT ${limit + 1}`;
    const rows = await runQuery<AlertRow>(deps.store, sql, bind, c.req.raw.signal);
    const { page, next } = pageOf(rows, limit, { column: "timestamp", range, hash });
    const items = page.map((row) => {
      const head = alertHeadFromRow(row);
      return { ...head, eventCount: Number(row.eventCount), ...sinceOf(row), attack: attackOf(head) };
    });
    return c.json({ items, next }, 200);
  });

  api.openapi(one, async (c) => {
    const bind = new Binder();
    const id = bind.text(c.req.valid("param").id);
    const sql = `SELECT ${heads}, document,
        (SELECT incidentId FROM incident_alerts FINAL WHERE alertId = ${id} LIMIT 1) AS incidentId
      FROM ${alertsNow} WHERE id = ${id} LIMIT 1`;
    const [row] = await runQuery<AlertRow>(deps.store, sql, bind, c.req.raw.signal);
    if (!row) throw new Problem("not-found", "There is no alert with this id.");
    const found = alertFromDocument(row);
    const { incidentId } = row;
    const incident = typeof incidentId === "string" && incidentId !== "" ? { incidentId } : {};
    return c.json({ ...found, ...sinceOf(row), attack: attackOf(found), ...incident }, 200);
  });
}

const sinceOf = ({ verdict, assignee, version }: AlertRow) => ({
  ...{ verdict: String(verdict), assignee: String(assignee), version: Number(version) },
});

function conditionsOf(search: Search, bind: Binder): string[] {
  const where: string[] = [];
  addChoice(where, bind, "status", search.status, caseStatuses);
  addChoice(where, bind, "severity", search.severity, severities);
  addChoice(where, bind, "verdict", search.verdict, verdicts);
  if (search.hidden !== "any") where.push(search.hidden === "no" ? "hidden = ''" : "hidden != ''");
  const { rule, entity, incident, assignee, tactic, technique } = search;
  if (rule !== undefined) {
    const named = bind.text(rule);
    where.push(`(ruleId = ${named} OR name = ${named})`);
  }
  if (entity !== undefined) where.push(`has(entities, ${bind.text(entity)})`);
  if (incident !== undefined)
    where.push(`id IN (SELECT alertId FROM incident_alerts FINAL WHERE incidentId = ${bind.text(incident)})`);
  if (assignee !== undefined) where.push(`assignee = ${bind.text(assignee)}`);
  if (tactic !== undefined) where.push(`has(tactics, ${bind.text(tactic.toUpperCase())})`);
  if (technique !== undefined) {
    const named = bind.text(technique.toUpperCase());
    where.push(`arrayExists(each -> each = ${named} OR startsWith(each, concat(${named}, '.')), techniques)`);
  }
  return where;
}
