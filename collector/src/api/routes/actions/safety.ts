import { createRoute, z } from "@hono/zod-openapi";
import { listEntry } from "@vedette/sdk";
import type { ActionListRow } from "../../../control/index.ts";
import { type Drift, type KillSwitch, type ListName, listNames } from "../../../respond/index.ts";
import type { ApiDeps } from "../../deps.ts";
import { badParameter } from "../../problem.ts";
import { jsonAnswer, listOf, problems } from "../parameters.ts";
import type { Router } from "../router.ts";
import { actionsOf, iso, requireAdmin, told } from "./support.ts";

const query = z.strictObject({});
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { "application/json": { schema } },
});
const time = z.iso.datetime();
const reason = z.string().min(1).max(500);

const killSwitch = z
  .object({
    on: z.boolean().openapi({ description: "Nothing new is done; what stands is still taken back in time." }),
    by: z.string(),
    reason: z.string(),
    at: time.optional(),
    dryRun: z.boolean().openapi({ description: "`collector.respond.actions.dryRun` of the configuration." }),
  })
  .openapi("ActionKillSwitch");

const entry = z
  .object({
    id: z.string().optional().openapi({ description: "Those of the configuration have none." }),
    list: z.enum(listNames),
    entry: z.string().openapi({ example: "198.51.100.0/24" }),
    reason: z.string(),
    author: z.string(),
    createdAt: time.optional(),
    endsAt: time.optional(),
  })
  .openapi("ActionListEntry");

const drift = z
  .object({
    action: z.string(),
    at: time,
    problem: z.string().optional(),
    ours: z.int(),
    real: z.int(),
    missing: z.array(z.object({ run: z.string(), target: z.string() })),
    foreign: z.array(z.object({ target: z.string(), origin: z.string() })),
    foreignCount: z.int(),
  })
  .openapi("ActionDrift");

const rule = z
  .object({
    name: z.string(),
    rules: z.array(z.string()),
    action: z.string(),
    field: z.string(),
    fingerprint: z.string(),
    armed: z.boolean().openapi({ description: "It acts for real, unless all is dry." }),
    dryRun: z.boolean().openapi({ description: "What it does is only recorded." }),
  })
  .openapi("ActionRule");

const previewShape = z
  .object({
    ...{ rule: z.string(), fingerprint: z.string(), hours: z.int(), looked: z.int() },
    complete: z.boolean().openapi({ description: "False where there were more alerts than are looked at." }),
    matched: z.int(),
    wouldAct: z.int().openapi({ description: "Targets that it would have acted on." }),
    refused: z.int(),
    overLimit: z.int().openapi({ description: "Runs over the limit of a minute." }),
    targets: z.array(
      z.object({
        ...{ target: z.string(), alerts: z.int(), runs: z.int(), first: time, last: time },
        ...{ falsePositives: z.int(), truePositives: z.int() },
        refusal: z.object({ guard: z.string(), why: z.string() }).optional(),
      }),
    ),
  })
  .openapi("ActionRulePreview");

const ruleName = z.object({ name: z.string().max(64) });

const routes = {
  killSwitch: createRoute({
    method: "get",
    path: "/actions/kill-switch",
    summary: "How the kill switch stands",
    request: { query },
    responses: { 200: jsonAnswer(killSwitch, "How it stands."), ...problems },
  }),
  turn: createRoute({
    method: "put",
    path: "/actions/kill-switch",
    summary: "Turn the kill switch",
    description: "On needs the scope operate, off the scope admin.",
    request: { query, body: body(z.strictObject({ on: z.boolean(), reason })) },
    responses: { 200: jsonAnswer(killSwitch, "How it stands now."), ...problems },
  }),
  lists: createRoute({
    method: "get",
    path: "/actions/lists",
    summary: "The never-touch list and the allow list",
    request: { query },
    responses: { 200: jsonAnswer(listOf(entry), "Of the configuration and of people."), ...problems },
  }),
  add: createRoute({
    method: "post",
    path: "/actions/lists/{list}",
    summary: "Add to a list",
    description: "Needs the scope operate. Containments of what is added are lifted.",
    request: {
      ...{ params: z.object({ list: z.enum(listNames) }), query },
      body: body(z.strictObject({ entry: listEntry, reason, endsAt: time.optional() })),
    },
    responses: {
      201: jsonAnswer(
        z.object({ id: z.string(), lifted: z.array(z.string()) }),
        "Its id, and runs that are lifted.",
      ),
      ...problems,
    },
  }),
  remove: createRoute({
    method: "delete",
    path: "/actions/lists/{id}",
    summary: "Remove from a list",
    description: "Needs the scope admin.",
    request: { params: z.object({ id: z.string().max(64) }), query },
    responses: { 204: { description: "It is gone." }, ...problems },
  }),
  drift: createRoute({
    method: "get",
    path: "/actions/drift",
    summary: "How the real state differs, as it was last looked at",
    request: { query },
    responses: { 200: jsonAnswer(listOf(drift), "By action."), ...problems },
  }),
  check: createRoute({
    method: "post",
    path: "/actions/drift/check",
    summary: "Look at the real state now",
    description: "Needs the scope operate.",
    request: { query },
    responses: { 200: jsonAnswer(listOf(drift), "By action."), ...problems },
  }),
  rules: createRoute({
    method: "get",
    path: "/actions/rules",
    summary: "Rules that may act",
    request: { query },
    responses: { 200: jsonAnswer(listOf(rule), "Of the configuration."), ...problems },
  }),
  previewRule: createRoute({
    method: "post",
    path: "/actions/rules/{name}/preview",
    summary: "What a rule would have done over stored alerts",
    request: {
      ...{ params: ruleName, query },
      body: body(z.strictObject({ hours: z.int().min(1).max(2_160).default(24) })),
    },
    responses: { 200: jsonAnswer(previewShape, "By target, the busiest first."), ...problems },
  }),
  arm: createRoute({
    method: "put",
    path: "/actions/rules/{name}/armed",
    summary: "Let a rule act for real, or not any more",
    description:
      "Arming needs the scope admin and the fingerprint of the preview that was seen; disarming (null) needs operate.",
    request: {
      ...{ params: ruleName, query },
      body: body(z.strictObject({ fingerprint: z.string().max(64).nullable() })),
    },
    responses: { 204: { description: "It is." }, ...problems },
  }),
};

/** What holds actions back: kill switch, lists, drift, rules that may act. */
export function actionSafetyRoutes(api: Router, deps: ApiDeps): void {
  const switchOf = ({ on, by, reason: why, at }: KillSwitch) => ({
    ...{ on, by, reason: why, dryRun: actionsOf(deps).config.dryRun },
    ...(at === 0 ? {} : { at: iso(at) }),
  });
  api.openapi(routes.killSwitch, async (c) => c.json(switchOf(await actionsOf(deps).killSwitch()), 200));
  api.openapi(routes.turn, async (c) => {
    const { on, reason: why } = c.req.valid("json");
    if (!on) requireAdmin(c);
    const change = { on, reason: why, by: c.get("caller").name };
    return c.json(switchOf(await actionsOf(deps).turnKillSwitch(change)), 200);
  });
  api.openapi(routes.lists, async (c) => {
    const { config, lists } = actionsOf(deps);
    const configured = (list: ListName, entries: readonly string[]) =>
      entries.map((each) => ({ list, entry: each, reason: "configuration", author: "configuration" }));
    const items = [
      ...configured("never-touch", config.neverTouch),
      ...configured("allow", config.allow),
      ...(await lists.entries()).map(entryOf),
    ];
    return c.json({ items, next: null }, 200);
  });
  api.openapi(routes.add, async (c) => {
    const { entry: added, reason: why, endsAt } = c.req.valid("json");
    const { list } = c.req.valid("param");
    const ends = endsAt === undefined ? null : Date.parse(endsAt);
    if (ends !== null && ends <= deps.clock.now()) throw badParameter("endsAt", "That time is over.");
    const by = c.get("caller").name;
    const made = await told(actionsOf(deps).lists.add({ list, entry: added, reason: why, endsAt: ends, by }));
    deps.log.info(
      { list, entry: added, by, lifted: made.lifted.length },
      "A list of actions has a new entry.",
    );
    return c.json({ id: made.id, lifted: [...made.lifted] }, 201);
  });
  api.openapi(routes.remove, async (c) => {
    requireAdmin(c);
    await told(actionsOf(deps).lists.remove(c.req.valid("param").id, c.get("caller").name));
    return c.body(null, 204);
  });
  const driftAnswer = (all: readonly Drift[]) => ({ items: all.map(driftOf), next: null });
  api.openapi(routes.drift, (c) => c.json(driftAnswer(actionsOf(deps).drift.last), 200));
  api.openapi(routes.check, async (c) => c.json(driftAnswer(await actionsOf(deps).drift.check()), 200));
  api.openapi(routes.rules, async (c) => {
    const { rules, config } = actionsOf(deps);
    const armed = await rules.armed();
    const items = rules.loaded.map(({ rule: each, fingerprint }) => ({
      ...{ name: each.name, rules: each.rules, action: each.action, field: each.field, fingerprint },
      armed: armed.has(each.name),
      dryRun: config.dryRun || each.dryRun || !armed.has(each.name),
    }));
    return c.json({ items, next: null }, 200);
  });
  api.openapi(routes.previewRule, async (c) => {
    const { hours } = c.req.valid("json");
    const look = { store: deps.store, hours, signal: c.req.raw.signal };
    const { targets, ...found } = await told(actionsOf(deps).previewRule(c.req.valid("param").name, look));
    const all = targets.map((each) => ({ ...each, first: iso(each.first), last: iso(each.last) }));
    return c.json({ ...found, targets: all }, 200);
  });
  api.openapi(routes.arm, async (c) => {
    const { fingerprint } = c.req.valid("json");
    if (fingerprint !== null) requireAdmin(c);
    const by = c.get("caller").name;
    const { name } = c.req.valid("param");
    await told(actionsOf(deps).arm(name, fingerprint, by));
    deps.log.warn({ rule: name, armed: fingerprint !== null, by }, "Whether a rule may act was changed.");
    return c.body(null, 204);
  });
}

const entryOf = (row: ActionListRow) => ({
  ...{ id: row.id, list: row.list as ListName, entry: row.entry, reason: row.reason, author: row.author },
  createdAt: iso(row.created_at),
  ...(row.ends_at === null ? {} : { endsAt: iso(row.ends_at) }),
});

const driftOf = ({ at, missing, foreign, ...each }: Drift) => ({
  ...{ ...each, at: iso(at), missing: [...missing], foreign: [...foreign] },
});
