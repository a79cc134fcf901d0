import { createRoute, z } from "@hono/zod-openapi";
import { severities } from "@vedette/sdk";
import { caseStatuses } from "../../../alerting/index.ts";
import { incidentsNow } from "../../../store/index.ts";
import type { ApiDeps } from "../../deps.ts";
import { Problem } from "../../problem.ts";
import { timeOf } from "../../row-values.ts";
import { runQuery } from "../../run-query.ts";
import { Binder, rangeSql, readCursor, readRange, searchHash } from "../../search/index.ts";
import { addChoice } from "../choice.ts";
import { afterCursor, pageOf } from "../paging.ts";
import {
  count,
  jsonAnswer,
  listOf,
  pageParameters,
  problems,
  rangeParameters,
  repeated,
} from "../parameters.ts";
import type { Router } from "../router.ts";
import { alertingOf, attackOf, attackSchema, iso, noQuery } from "./support.ts";

const kinds = ["story", "risk"] as const;

const incident = z
  .object({
    id: z.string(),
    tenantId: z.string().optional(),
    kind: z.enum(kinds).openapi({
      description:
        "`story`: alerts around the same adversary or chain. `risk`: many findings about one entity add up.",
    }),
    title: z.string(),
    severity: z.string(),
    risk: z.int().openapi({ description: "Points of its alerts together." }),
    firstAt: z.iso.datetime(),
    lastAt: z.iso.datetime(),
    alerts: z.int(),
    entities: z.array(z.string()).openapi({ description: "Who it is about, as `kind:value`." }),
    rules: z.array(z.string()),
    sources: z.array(z.string()),
    attack: attackSchema,
    status: z.enum(caseStatuses),
    verdict: z.string(),
    assignee: z.string(),
    version: z.int(),
  })
  .openapi("Incident");

const list = createRoute({
  method: "get",
  path: "/incidents",
  summary: "Incidents",
  request: {
    query: z.strictObject({
      status: repeated("open, acknowledged or closed; any of those given.", "open", caseStatuses.length, 20),
      severity: repeated("Severities; any of those given.", "high", severities.length, 20),
      kind: repeated("story or risk.", "story", kinds.length, 20),
      tenant: z.string().max(200).optional().openapi({ description: "Only this tenant, by its id." }),
      entity: z
        .string()
        .max(300)
        .optional()
        .openapi({ description: "Who it is about, such as `ip:203.0.113.7`." }),
      assignee: z.string().max(100).optional(),
      ...rangeParameters,
      ...pageParameters,
    }),
  },
  responses: { 200: jsonAnswer(listOf(incident), "Incidents, those first that changed last."), ...problems },
});

const one = createRoute({
  method: "get",
  path: "/incidents/{id}",
  summary: "One incident",
  description: "Its alerts are at `/alerts?incident=…`.",
  request: { params: z.object({ id: z.string().max(512) }), query: noQuery },
  responses: { 200: jsonAnswer(incident, "The incident."), ...problems },
});

const risks = createRoute({
  method: "get",
  path: "/risks",
  summary: "Entities by risk",
  description:
    "Points of alerts about them, each half as much after the half-life. False positives do not count.",
  request: { query: z.strictObject({ limit: count(1, 1_000, 50, "Items in the answer.") }) },
  responses: {
    200: jsonAnswer(
      listOf(
        z.object({
          tenantId: z.string().openapi({ description: "Whose alerts these are: tenants are apart." }),
          entity: z.string(),
          score: z.number(),
          threshold: z.int(),
          alerts: z.int(),
          lastAt: z.iso.datetime(),
          rules: z.array(z.string()),
        }),
      ),
      "The riskiest first.",
    ),
    ...problems,
  },
});

interface Row {
  readonly id: string;
  readonly tenantId: string;
  readonly kind: (typeof kinds)[number];
  readonly title: string;
  readonly severity: string;
  readonly risk: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly alerts: number;
  readonly entities: string[];
  readonly rules: string[];
  readonly sources: string[];
  readonly tactics: string[];
  readonly techniques: string[];
  readonly status: (typeof caseStatuses)[number];
  readonly verdict: string;
  readonly assignee: string;
  readonly version: number;
}

/** Incidents: list, look-up, and the risk of entities. */
export function incidentRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(list, async (c) => {
    const { cursor: sent, limit, ...search } = c.req.valid("query");
    const hash = searchHash(["incidents", search]);
    const cursor = sent === undefined ? undefined : readCursor(sent, hash);
    const range = cursor?.range ?? readRange(search.from, search.to, deps.clock.now());
    const bind = new Binder();
    const where = [rangeSql("lastAt", range, bind)];
    addChoice(where, bind, "status", search.status, caseStatuses);
    addChoice(where, bind, "severity", search.severity, severities);
    addChoice(where, bind, "kind", search.kind, kinds);
    if (search.tenant !== undefined) where.push(`tenantId = ${bind.text(search.tenant)}`);
    if (search.entity !== undefined) where.push(`has(entities, ${bind.text(search.entity)})`);
    if (search.assignee !== undefined) where.push(`assignee = ${bind.text(search.assignee)}`);
    if (cursor) where.push(afterCursor("lastAt", cursor, "desc", bind));
    const sql = `SELECT * FROM ${incidentsNow} WHERE ${where.join(" AND ")} ORDER BY lastAt DESC, id DESC LIMIT ${limit + 1}`;
    const rows = await runQuery<Row>(deps.store, sql, bind, c.req.raw.signal);
    const { page, next } = pageOf(rows, limit, { column: "lastAt", range, hash });
    return c.json({ items: page.map(answerOf), next }, 200);
  });

  api.openapi(one, async (c) => {
    const bind = new Binder();
    const sql = `SELECT * FROM ${incidentsNow} WHERE id = ${bind.text(c.req.valid("param").id)} LIMIT 1`;
    const [row] = await runQuery<Row>(deps.store, sql, bind, c.req.raw.signal);
    if (!row) throw new Problem("not-found", "There is no incident with this id.");
    return c.json(answerOf(row), 200);
  });

  api.openapi(risks, async (c) => {
    const { incidents, config } = alertingOf(deps);
    const { threshold, halfLifeHours } = config.risk;
    const rows = await incidents.risks(c.req.valid("query").limit, halfLifeHours * 3_600_000);
    const items = rows.map(({ tenantId, entity, score, alerts, lastMs, rules }) => ({
      ...{ tenantId, entity, score: Math.round(score * 10) / 10, threshold, alerts: Number(alerts) },
      ...{ lastAt: iso(Number(lastMs)), rules },
    }));
    return c.json({ items, next: null }, 200);
  });
}

const answerOf = ({ tactics, techniques, firstAt, lastAt, ...row }: Row) => ({
  ...(row.tenantId !== "" && { tenantId: row.tenantId }),
  ...{ id: row.id, kind: row.kind, title: row.title, severity: row.severity, risk: Number(row.risk) },
  ...{ firstAt: timeOf(firstAt) ?? "", lastAt: timeOf(lastAt) ?? "", alerts: Number(row.alerts) },
  ...{ entities: row.entities, rules: row.rules, sources: row.sources },
  attack: attackOf({ tactics, techniques }),
  ...{ status: row.status, verdict: row.verdict, assignee: row.assignee, version: Number(row.version) },
});
