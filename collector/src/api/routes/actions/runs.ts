import { createRoute, z } from "@hono/zod-openapi";
import { targetTypes } from "@vedette/sdk";
import { type Ask, type RunState, runStates } from "../../../respond/index.ts";
import type { ApiDeps } from "../../deps.ts";
import { limits } from "../../limits.ts";
import { badParameter, Problem } from "../../problem.ts";
import { count, jsonAnswer, listOf, problems } from "../parameters.ts";
import type { Router } from "../router.ts";
import { actionOf, actionShape, approvalOf, runOf, runShape, wholeRun } from "./shapes.ts";
import { actionsOf, byOf, changeOf, told } from "./support.ts";

const query = z.strictObject({});
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { "application/json": { schema } },
});
const actionId = z.object({
  id: z
    .string()
    .max(200)
    .openapi({ description: "`plugin/name`, its slash as `%2F`.", example: "blocklist%2Fban" }),
});
const runId = z.object({ id: z.string().max(64) });
const reason = z.string().min(1).max(500);

const asked = z.strictObject({
  target: z.strictObject({
    type: z.enum(targetTypes).optional().openapi({
      description:
        "Default: an address, or the only type that the action takes. A `host` or `domain` is looked up for actions on addresses: it must have exactly one.",
    }),
    value: z.string().min(1).max(300),
  }),
  parameters: z.record(z.string().max(100), z.string().max(2_000)).default({}),
  ttlSeconds: z.int().min(10).max(31_536_000).optional(),
});

const routes = {
  actions: createRoute({
    method: "get",
    path: "/actions",
    summary: "Actions that can be asked for",
    request: { query },
    responses: { 200: jsonAnswer(listOf(actionShape), "All actions by id."), ...problems },
  }),
  preview: createRoute({
    method: "post",
    path: "/actions/{id}/preview",
    summary: "What an action would do",
    description: "Asks every guard and looks at what the target did of late. Nothing is written or done.",
    request: {
      ...{ params: actionId, query },
      body: body(asked.extend({ hours: z.int().min(1).max(720).default(24) })),
    },
    responses: {
      200: jsonAnswer(
        z.object({
          target: z.object({ type: z.enum(targetTypes), value: z.string() }),
          allowed: z.boolean(),
          refusal: z.object({ guard: z.string(), why: z.string() }).optional(),
          dryRun: z.boolean(),
          resolved: z
            .object({ host: z.string(), addresses: z.array(z.string()) })
            .optional()
            .openapi({ description: "Where the target was the name of a host." }),
          approvalsNeeded: z.int(),
          ttlSeconds: z.int().optional(),
          repeats: z.int().openapi({ description: "Containments of the target that are remembered." }),
          history: z
            .object({
              ...{ hours: z.int(), events: z.int(), users: z.int(), hosts: z.int() },
              ...{ succeeded: z.int(), alerts: z.int() },
            })
            .optional()
            .openapi({ description: "What the target did in these hours." }),
        }),
        "What would come of it.",
      ),
      ...problems,
    },
  }),
  run: createRoute({
    method: "post",
    path: "/actions/{id}/run",
    summary: "Ask for an action",
    description:
      "Needs the scope operate. Answers when it is written, or after `waitSeconds`. A run that a guard refuses is a problem.",
    request: {
      ...{ params: actionId, query },
      body: body(
        asked.extend({
          reason,
          dryRun: z.boolean().default(false).openapi({ description: "Only record it." }),
          confirm: z
            .boolean()
            .default(false)
            .openapi({ description: "Needed where the action is critical." }),
          key: z
            .string()
            .min(8)
            .max(200)
            .optional()
            .openapi({ description: "The same key is the same run: a repeated request does it once." }),
          waitSeconds: z.int().min(0).max(20).default(0),
        }),
      ),
    },
    responses: { 202: jsonAnswer(runShape, "The run."), ...problems },
  }),
  runs: createRoute({
    method: "get",
    path: "/actions/runs",
    summary: "Runs of actions, newest first",
    request: {
      query: z.strictObject({
        state: z.enum(runStates).optional(),
        action: z.string().max(200).optional(),
        target: z.string().max(300).optional(),
        limit: count(1, limits.items, 100, "Items in the answer."),
        cursor: z.string().max(200).optional().openapi({ description: "`next` of the answer before." }),
      }),
    },
    responses: { 200: jsonAnswer(listOf(runShape), "Runs."), ...problems },
  }),
  one: createRoute({
    method: "get",
    path: "/actions/runs/{id}",
    summary: "One run, with who agreed",
    request: { params: runId, query },
    responses: { 200: jsonAnswer(wholeRun, "The run."), ...problems },
  }),
  lift: createRoute({
    method: "post",
    path: "/actions/runs/{id}/lift",
    summary: "Take a containment back",
    description: "Needs the scope operate. One that is not begun is cancelled.",
    request: { params: runId, query, body: body(z.strictObject({ reason })) },
    responses: { 202: jsonAnswer(runShape, "The run; it is undone soon after."), ...problems },
  }),
  decide: createRoute({
    method: "post",
    path: "/actions/runs/{id}/{decision}",
    summary: "Agree to a run, or deny it",
    description: "Needs the scope operate. Who asked for it cannot agree to it.",
    request: {
      params: runId.extend({ decision: z.enum(["approve", "deny"]) }),
      ...{ query, body: body(z.strictObject({ comment: z.string().max(500).default("") })) },
    },
    responses: { 200: jsonAnswer(runShape, "The run as it is now."), ...problems },
  }),
};

const listed = (path: string, summary: string, description: string) =>
  createRoute({
    method: "get",
    path,
    summary,
    request: {
      query: z.strictObject({
        action: z.string().max(200).optional(),
        limit: count(1, limits.items, 100, "Items in the answer."),
        cursor: z.string().max(200).optional().openapi({ description: "`next` of the answer before." }),
      }),
    },
    responses: { 200: jsonAnswer(listOf(runShape), description), ...problems },
  });

const containments = listed(
  "/actions/containments",
  "Containments that stand",
  "Those that stand or are being lifted, the newest first.",
);
const approvals = listed(
  "/actions/approvals",
  "Runs that wait for people to agree",
  "Runs in the state approval, the newest first.",
);

/** Actions: what there is, what they would do, runs, approvals, lifting. */
export function actionRunRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(routes.actions, (c) => {
    const { registry, config } = actionsOf(deps);
    const all = registry.list().sort((a, b) => (a.id < b.id ? -1 : 1));
    return c.json({ items: all.map((each) => actionOf(each, config.dryRun)), next: null }, 200);
  });
  const page = async (filter: {
    readonly states?: readonly RunState[];
    readonly action?: string | undefined;
    readonly target?: string | undefined;
    readonly containment?: boolean;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }) => {
    const { limit, cursor, ...more } = filter;
    const before = cursor === undefined ? undefined : cursorOf(cursor);
    const rows = await actionsOf(deps).ledger.list({ ...more, before, limit: limit + 1 });
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const next = last ? `${last.created_at}.${last.id}` : null;
    return { items: rows.slice(0, limit).map(runOf), next };
  };
  api.openapi(routes.runs, async (c) => {
    const { state, ...more } = c.req.valid("query");
    return c.json(await page({ ...more, ...(state && { states: [state] }) }), 200);
  });
  api.openapi(containments, async (c) =>
    c.json(await page({ ...c.req.valid("query"), states: ["standing", "lifting"], containment: true }), 200),
  );
  api.openapi(approvals, async (c) =>
    c.json(await page({ ...c.req.valid("query"), states: ["approval"] }), 200),
  );
  api.openapi(routes.one, async (c) => {
    const { ledger } = actionsOf(deps);
    const run = await ledger.get(c.req.valid("param").id);
    if (!run) throw new Problem("not-found", "There is no such run.");
    return c.json({ ...runOf(run), approvals: (await ledger.approvals(run.id)).map(approvalOf) }, 200);
  });
  api.openapi(routes.preview, async (c) => {
    const { hours, ...sent } = c.req.valid("json");
    const ask: Ask = { ...sent, action: c.req.valid("param").id, reason: "preview", by: byOf(c) };
    const look = { store: deps.store, hours, signal: c.req.raw.signal };
    const { prepared, verdict, history, resolved } = await told(actionsOf(deps).preview(ask, look));
    const { refusal, repeats, ttlSeconds } = verdict;
    return c.json(
      {
        ...{ target: prepared.target, allowed: refusal === undefined, dryRun: prepared.dry, repeats },
        approvalsNeeded: prepared.approvals,
        ...(refusal && { refusal }),
        ...(resolved && { resolved: { host: resolved.host, addresses: [...resolved.addresses] } }),
        ...(ttlSeconds > 0 ? { ttlSeconds } : {}),
        ...(history && { history: { hours, ...history } }),
      },
      200,
    );
  });
  api.openapi(routes.run, async (c) => {
    const { confirm, waitSeconds, key, ...sent } = c.req.valid("json");
    const actions = actionsOf(deps);
    const { id } = c.req.valid("param");
    const by = byOf(c);
    if (actions.registry.find(id)?.definition.critical && !confirm)
      throw new Problem("refused", `${id} is critical and was not confirmed.`, {
        cure: 'Look at its preview, then send "confirm": true.',
      });
    const ask: Ask = { ...sent, action: id, by, ...(key && { key: `person/${by.id}/${key}` }) };
    const { run, refusal } = await told(actions.run(ask));
    deps.log.info({ run: run.id, action: id, state: run.state, by: by.name }, "An action was asked for.");
    if (refusal)
      throw new Problem("refused", refusal.why, { cure: `The guard ${refusal.guard} refuses it.` });
    const wait = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(waitSeconds * 1_000)]);
    return c.json(runOf(waitSeconds > 0 ? await actions.settled(run.id, wait) : run), 202);
  });
  api.openapi(routes.lift, async (c) => {
    const { id } = c.req.valid("param");
    const run = await told(actionsOf(deps).lift(id, changeOf(c, c.req.valid("json").reason)));
    deps.log.info({ run: id, by: c.get("caller").name }, "A containment is lifted.");
    return c.json(runOf(run), 202);
  });
  api.openapi(routes.decide, async (c) => {
    const { id, decision } = c.req.valid("param");
    const { comment } = c.req.valid("json");
    const run = await told(actionsOf(deps).decide(id, decision, changeOf(c, comment)));
    deps.log.info({ run: id, decision, by: c.get("caller").name }, "A run was decided on.");
    return c.json(runOf(run), 200);
  });
}

function cursorOf(text: string): { readonly createdAt: number; readonly id: string } {
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,64})$/.exec(text) ?? [];
  if (at === undefined || id === undefined) throw badParameter("cursor", "The cursor cannot be read.");
  return { createdAt: Number(at), id };
}
