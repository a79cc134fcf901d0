import { createRoute, z } from "@hono/zod-openapi";
import { type ApiKey, scopes } from "../../control/index.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const key = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().openapi({ description: "How the key begins, to recognise it." }),
    scopes: z.array(z.enum(scopes)),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().optional(),
    lastUsedAt: z.iso.datetime().optional(),
  })
  .openapi("ApiKey");

const list = createRoute({
  method: "get",
  path: "/keys",
  summary: "API keys",
  request: { query: z.strictObject({}) },
  responses: { 200: jsonAnswer(listOf(key), "Keys without their secrets, the newest first."), ...problems },
});

const create = createRoute({
  method: "post",
  path: "/keys",
  summary: "Make an API key",
  description: "Once the first key is made, every request needs a key.",
  request: {
    query: z.strictObject({}),
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({
            name: z.string().trim().min(1).max(100),
            scopes: z.array(z.enum(scopes)).min(1).max(scopes.length).default(["read"]),
            expiresAt: z.iso.datetime({ offset: true }).optional(),
          }),
        },
      },
    },
  },
  responses: {
    201: jsonAnswer(
      key.extend({ secret: z.string().openapi({ description: "The key itself. It is shown this once." }) }),
      "The key that was made.",
    ),
    ...problems,
  },
});

const revoke = createRoute({
  method: "delete",
  path: "/keys/{id}",
  summary: "Revoke an API key",
  request: { params: z.object({ id: z.string().max(64) }), query: z.strictObject({}) },
  responses: { 204: { description: "The key no longer works." }, ...problems },
});

/** API keys: list, make, revoke. */
export function keyRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(list, async (c) => c.json({ items: (await deps.keys.list()).map(answerOf), next: null }, 200));

  api.openapi(create, async (c) => {
    const { name, scopes: granted, expiresAt } = c.req.valid("json");
    const expires = expiresAt === undefined ? undefined : Date.parse(expiresAt);
    if (expires !== undefined && expires <= deps.clock.now())
      throw new Problem("bad-body", "The key would have expired already.", { parameter: "expiresAt" });
    if (!granted.includes("admin") && !(await deps.keys.any()))
      throw new Problem("bad-body", "The first key closes the API, so it needs the scope admin.", {
        parameter: "scopes",
        cure: 'Send "scopes": ["read", "admin"].',
      });
    const made = await deps.keys.create({
      name,
      scopes: granted,
      ...(expires === undefined ? {} : { expiresAt: expires }),
    });
    deps.log.info({ keyId: made.key.id, scopes: made.key.scopes }, "An API key was made.");
    return c.json({ ...answerOf(made.key), secret: made.secret }, 201);
  });

  api.openapi(revoke, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await deps.keys.revoke(id))) throw new Problem("not-found", "There is no such key.");
    deps.log.info({ keyId: id }, "An API key was revoked.");
    return c.body(null, 204);
  });
}

const answerOf = ({ id, name, prefix, scopes: granted, ...times }: ApiKey) => ({
  id,
  name,
  prefix,
  scopes: [...granted],
  createdAt: new Date(times.createdAt).toISOString(),
  ...(times.expiresAt === undefined ? {} : { expiresAt: new Date(times.expiresAt).toISOString() }),
  ...(times.lastUsedAt === undefined ? {} : { lastUsedAt: new Date(times.lastUsedAt).toISOString() }),
});
