import { createRoute, z } from "@hono/zod-openapi";
import {
  type CaseKind,
  type CaseState,
  caseChangeSchema,
  caseLimits,
  caseStatuses,
  type HistoryEntry,
} from "../../../alerting/index.ts";
import type { ApiDeps } from "../../deps.ts";
import { Problem } from "../../problem.ts";
import { runQuery } from "../../run-query.ts";
import { Binder } from "../../search/index.ts";
import { jsonAnswer, listOf, problems } from "../parameters.ts";
import type { Router } from "../router.ts";
import { alertingOf, bodyOf, iso, noQuery, told } from "./support.ts";

const state = z
  .object({
    id: z.string(),
    status: z.enum(caseStatuses),
    verdict: z.string().openapi({
      description:
        "What a closed one was: true_positive, false_positive, or recovered where it ended by itself; empty while it is not closed.",
    }),
    assignee: z.string(),
    version: z.int().openapi({ description: "Grows with every change; 0 where there was none." }),
  })
  .openapi("CaseState");

const entry = z
  .object({
    version: z.int(),
    at: z.iso.datetime(),
    author: z.string().openapi({
      description: "Name of the API key, `local` where none was needed, `vedette` where nobody did it.",
    }),
    changes: z.record(z.string(), z.object({ from: z.string(), to: z.string() })),
    comment: z.string(),
  })
  .openapi("CaseHistoryEntry");

const params = z.object({ id: z.string().max(512) });
const change = z.strictObject({ ...caseChangeSchema.shape }).openapi("CaseChange");
const incidentChange = change
  .extend({
    withAlerts: z
      .boolean()
      .default(false)
      .openapi({
        description: `Do the same to its alerts, ${caseLimits.bulk} of them at most.`,
      }),
  })
  .openapi("IncidentChange");

const history = (kind: CaseKind) =>
  createRoute({
    method: "get",
    path: `/${kind}s/{id}/history`,
    summary: `What was done about an ${kind}`,
    request: { params, query: noQuery },
    responses: { 200: jsonAnswer(listOf(entry), "Each change and comment, the latest first."), ...problems },
  });

const changeAlert = createRoute({
  method: "patch",
  path: "/alerts/{id}",
  summary: "Acknowledge, close, assign or comment an alert",
  description: "Needs the scope operate.",
  request: { params, query: noQuery, body: bodyOf(change) },
  responses: { 200: jsonAnswer(state, "How it stands now."), ...problems },
});

const changeAlerts = createRoute({
  method: "post",
  path: "/alerts/changes",
  summary: "Do the same to several alerts",
  description: "Each for itself: some may be changed and others not. Needs the scope operate.",
  request: {
    query: noQuery,
    body: bodyOf(
      z.strictObject({
        ids: z.array(z.string().max(512)).min(1).max(caseLimits.bulk),
        change: change.omit({ version: true }),
      }),
    ),
  },
  responses: {
    200: jsonAnswer(
      z.object({ changed: z.array(state), unknown: z.array(z.string()) }),
      "How they stand now, and identifiers that no alert has.",
    ),
    ...problems,
  },
});

const changeIncident = createRoute({
  method: "patch",
  path: "/incidents/{id}",
  summary: "Acknowledge, close, assign or comment an incident",
  description: "Needs the scope operate.",
  request: { params, query: noQuery, body: bodyOf(incidentChange) },
  responses: {
    200: jsonAnswer(
      state.extend({ alerts: z.int().openapi({ description: "Its alerts that were changed with it." }) }),
      "How it stands now.",
    ),
    ...problems,
  },
});

/** What people do to alerts and incidents. */
export function caseRoutes(api: Router, deps: ApiDeps): void {
  for (const kind of ["alert", "incident"] as const)
    api.openapi(history(kind), async (c) => {
      const entries = await alertingOf(deps).cases.history(kind, c.req.valid("param").id);
      return c.json({ items: entries.map(entryOf), next: null }, 200);
    });

  api.openapi(changeAlert, async (c) => {
    const { id } = c.req.valid("param");
    const wanted = checked(c.req.valid("json"));
    const { cases } = alertingOf(deps);
    await requireKnown(deps, "alert", [id], c.req.raw.signal);
    const after = await told(cases.change("alert", id, wanted, c.get("caller").name));
    return c.json(stateOf(id, after), 200);
  });

  api.openapi(changeAlerts, async (c) => {
    const { ids, change: sent } = c.req.valid("json");
    const wanted = checked(sent);
    const { cases } = alertingOf(deps);
    const known = await existing(deps, "alert", ids, c.req.raw.signal);
    const changed = [];
    for (const id of known)
      changed.push(stateOf(id, await told(cases.change("alert", id, wanted, c.get("caller").name))));
    return c.json({ changed, unknown: ids.filter((id) => !known.includes(id)) }, 200);
  });

  api.openapi(changeIncident, async (c) => {
    const { id } = c.req.valid("param");
    const { withAlerts, ...sent } = c.req.valid("json");
    const wanted = checked(sent);
    const { cases } = alertingOf(deps);
    const author = c.get("caller").name;
    await requireKnown(deps, "incident", [id], c.req.raw.signal);
    const after = await told(cases.change("incident", id, wanted, author));
    const { version: _, ...same } = wanted;
    const alerts = withAlerts ? await alertsOf(deps, id, c.req.raw.signal) : [];
    for (const each of alerts) await told(cases.change("alert", each, same, author));
    return c.json({ ...stateOf(id, after), alerts: alerts.length }, 200);
  });
}

/** The rules that go over several keys; the schema of the document knows each key alone. */
function checked(sent: unknown): z.infer<typeof caseChangeSchema> {
  const { data, error } = caseChangeSchema.safeParse(sent);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const key = issue?.path.join(".") ?? "";
  throw new Problem(
    "bad-body",
    `The body does not fit${key === "" ? "" : ` at "${key}"`}: it ${issue?.message}.`,
    {
      parameter: key,
    },
  );
}

async function requireKnown(
  deps: ApiDeps,
  kind: CaseKind,
  ids: string[],
  signal: AbortSignal,
): Promise<void> {
  const known = await existing(deps, kind, ids, signal);
  if (known.length < ids.length) throw new Problem("not-found", `There is no ${kind} with this id.`);
}

async function existing(
  deps: ApiDeps,
  kind: CaseKind,
  ids: string[],
  signal: AbortSignal,
): Promise<string[]> {
  const bind = new Binder();
  const sql = `SELECT DISTINCT id FROM ${kind}s WHERE id IN ${bind.add("Array(String)", ids)}`;
  const rows = await runQuery<{ id: string }>(deps.store, sql, bind, signal);
  return rows.map(({ id }) => id);
}

async function alertsOf(deps: ApiDeps, incidentId: string, signal: AbortSignal): Promise<string[]> {
  const bind = new Binder();
  const sql = `SELECT DISTINCT alertId FROM incident_alerts FINAL WHERE incidentId = ${bind.text(incidentId)}
    ORDER BY alertId LIMIT ${caseLimits.bulk}`;
  const rows = await runQuery<{ alertId: string }>(deps.store, sql, bind, signal);
  return rows.map(({ alertId }) => alertId);
}

const stateOf = (id: string, { status, verdict, assignee, version }: CaseState) => ({
  ...{ id, status, verdict, assignee, version },
});

const entryOf = ({ version, at, author, changes, comment }: HistoryEntry) => ({
  ...{ version, at: iso(at), author, comment, changes: { ...changes } },
});
