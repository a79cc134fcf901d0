import { createRoute, z } from "@hono/zod-openapi";
import { alertHead, side } from "@vedette/sdk";
import { matchersSchema } from "../../../alert-match/index.ts";
import {
  type Control,
  type ControlKind,
  controlKinds,
  controlSchemas,
  preview,
  stateOf,
} from "../../../alerting/index.ts";
import type { ApiDeps } from "../../deps.ts";
import { Problem } from "../../problem.ts";
import { jsonAnswer, listOf, problems } from "../parameters.ts";
import type { Router } from "../router.ts";
import { alertingOf, bodyOf, iso, noQuery, told } from "./support.ts";

/** Their address and what people call them. */
export const controlPaths = {
  silence: "silences",
  maintenance: "maintenance",
  exception: "exceptions",
} as const;
const titles = { silence: "silence", maintenance: "maintenance window", exception: "exception" } as const;

const weekly = z.object({
  days: z.array(z.string()),
  at: z.string(),
  minutes: z.int(),
  timeZone: z.string(),
});
const control = z
  .object({
    id: z.string(),
    kind: z.enum(controlKinds),
    author: z.string(),
    comment: z.string(),
    matchers: z.array(z.object({ field: z.string(), operator: z.string(), values: z.array(z.string()) })),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime().optional(),
    weekly: weekly.optional(),
    state: z.enum(["waiting", "active", "over"]),
    version: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi("AlertControl", { description: "A silence, a maintenance window or an exception." });

const params = z.object({ id: z.string().max(64) });
const days = z.int().min(1).max(365).default(30);

const example = alertHead.extend({ adversary: side.optional(), target: side.optional() });

const previewRoute = createRoute({
  method: "post",
  path: "/alerts/preview",
  summary: "What matchers would have hidden",
  description: "Looks at stored alerts of the last days, the newest 10,000 at most.",
  request: { query: noQuery, body: bodyOf(z.strictObject({ matchers: matchersSchema, days })) },
  responses: {
    200: jsonAnswer(
      z.object({
        looked: z.int(),
        complete: z.boolean(),
        hidden: z.int(),
        truePositives: z
          .int()
          .openapi({ description: "Of the hidden, those that were called true positives." }),
        falsePositives: z.int(),
        examples: z.array(example).openapi({ description: "The newest of the hidden." }),
      }),
      "How many there were and how many it would have hidden.",
    ),
    ...problems,
  },
});

const routesOf = (kind: ControlKind) => {
  const path = `/${controlPaths[kind]}` as const;
  const [title, schema] = [titles[kind], controlSchemas[kind]];
  const body = z.strictObject({ ...schema.shape }).openapi(`${kind[0]!.toUpperCase()}${kind.slice(1)}`);
  const versioned = z.strictObject({ ...schema.shape, version: z.int().min(1) });
  return {
    list: createRoute({
      method: "get",
      path,
      summary: `Every ${title}`,
      request: { query: noQuery },
      responses: {
        200: jsonAnswer(listOf(control), "The newest first, also those that are over."),
        ...problems,
      },
    }),
    create: createRoute({
      method: "post",
      path,
      summary: `Make a ${title}`,
      description: "Needs the scope operate. All collectors heed it within seconds.",
      request: { query: noQuery, body: bodyOf(body) },
      responses: { 201: jsonAnswer(control, "What was made."), ...problems },
    }),
    update: createRoute({
      method: "put",
      path: `${path}/{id}` as const,
      summary: `Change a ${title}`,
      request: { params, query: noQuery, body: bodyOf(versioned) },
      responses: { 200: jsonAnswer(control, "How it is now."), ...problems },
    }),
    end: createRoute({
      method: "delete",
      path: `${path}/{id}` as const,
      summary: `End a ${title}`,
      description: "It stays in the list, as over.",
      request: { params, query: noQuery },
      responses: { 200: jsonAnswer(control, "It is over."), ...problems },
    }),
  };
};

/** Silences, maintenance windows and exceptions, and what one would have hidden. */
export function controlRoutes(api: Router, deps: ApiDeps): void {
  for (const kind of controlKinds) addKind(api, deps, kind);
  api.openapi(previewRoute, async (c) => {
    const { matchers, days: back } = c.req.valid("json");
    const options = { days: back, now: deps.clock.now(), signal: c.req.raw.signal };
    const found = await preview(deps.store, matchers, options);
    return c.json({ ...found, examples: [...found.examples] }, 200);
  });
}

function addKind(api: Router, deps: ApiDeps, kind: ControlKind): void {
  const routes = routesOf(kind);
  const answer = (of: Control) => answerOf(of, deps.clock.now());
  api.openapi(routes.list, async (c) => {
    const all = await alertingOf(deps).controls.list(kind);
    return c.json({ items: all.map(answer), next: null }, 200);
  });
  api.openapi(routes.create, async (c) => {
    const body = checked(kind, c.req.valid("json"));
    const made = await told(alertingOf(deps).controls.create(kind, body, c.get("caller").name));
    return c.json(answer(made), 201);
  });
  api.openapi(routes.update, async (c) => {
    const { version, ...sent } = c.req.valid("json");
    const { id } = c.req.valid("param");
    const { controls } = alertingOf(deps);
    const body = checked(kind, sent);
    return c.json(answer(await told(controls.update(kind, id, version, body, c.get("caller").name))), 200);
  });
  api.openapi(routes.end, async (c) => {
    const { controls } = alertingOf(deps);
    const ended = await told(controls.end(kind, c.req.valid("param").id, c.get("caller").name));
    return c.json(answer(ended), 200);
  });
}

/** The rules that go over several keys. */
function checked(kind: ControlKind, sent: unknown) {
  const { data, error } = controlSchemas[kind].safeParse(sent);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const key = issue?.path.join(".") ?? "";
  throw new Problem("bad-body", `The body does not fit at "${key}": it ${issue?.message}.`, {
    parameter: key,
  });
}

const answerOf = (of: Control, now: number) => ({
  ...{ id: of.id, kind: of.kind, author: of.author, comment: of.comment },
  matchers: of.matchers.map(({ field, operator, values }) => ({ field, operator, values: [...values] })),
  startsAt: iso(of.startsAt),
  ...(of.endsAt !== undefined && { endsAt: iso(of.endsAt) }),
  ...(of.weekly && { weekly: { ...of.weekly, days: [...of.weekly.days] } }),
  ...{
    state: stateOf(of, now),
    version: of.version,
    createdAt: iso(of.createdAt),
    updatedAt: iso(of.updatedAt),
  },
});
