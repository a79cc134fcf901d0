import { createRoute, z } from "@hono/zod-openapi";
import { isVedetteError } from "@vedette/sdk";
import { type Connection, connectionName, SettingsRefused, shownOf } from "../../connections/index.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const word = z.string().min(1).max(100);
const settings = z.record(z.string(), z.unknown()).openapi({
  description:
    "As the kind's schema says. A secret that is left out or sent as `{set: true}` is kept, null takes it away. In a list that changed, secrets must be sent again.",
});
const shownSettings = z.record(z.string(), z.unknown()).openapi({
  description: "Without secrets: where one is set stands `{set: true}`.",
});

const outcome = z.object({
  status: z.enum(["healthy", "warning", "error"]),
  message: z.string(),
});

const connection = z
  .object({
    name: z.string(),
    plugin: z.string(),
    kind: z.string(),
    version: z.int().openapi({ description: "Grows with every change; PUT names the one it replaces." }),
    settings: shownSettings,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    test: outcome
      .extend({
        at: z.iso.datetime(),
        current: z.boolean().openapi({ description: "False once the settings were changed after it." }),
      })
      .optional()
      .openapi({ description: "How the last test of it ended." }),
  })
  .openapi("Connection");

const kind = z
  .object({
    plugin: z.string(),
    kind: z.string(),
    title: z.string(),
    description: z.string(),
    schema: z.record(z.string(), z.unknown()).openapi({
      description:
        "JSON Schema of the settings. Below `vedette` of a field: `secret` true where it is write-only, `credential` its kind, `multiline` for texts of several lines, `setting.type` how to ask for it.",
    }),
    secrets: z.array(z.string()).openapi({
      description: "Paths of the secrets; `*` stands for any key, and for any place in a list.",
    }),
    testable: z.boolean(),
  })
  .openapi("ConnectionType");

const params = z.object({ name: z.string().max(64) });
const query = z.strictObject({});
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { "application/json": { schema } },
});

const routes = {
  kinds: createRoute({
    method: "get",
    path: "/connection-types",
    summary: "Kinds of connections",
    request: { query },
    responses: { 200: jsonAnswer(listOf(kind), "What plugins can be connected to."), ...problems },
  }),
  list: createRoute({
    method: "get",
    path: "/connections",
    summary: "Connections",
    request: { query },
    responses: { 200: jsonAnswer(listOf(connection), "All connections by name."), ...problems },
  }),
  get: createRoute({
    method: "get",
    path: "/connections/{name}",
    summary: "One connection",
    request: { params, query },
    responses: { 200: jsonAnswer(connection, "The connection."), ...problems },
  }),
  create: createRoute({
    method: "post",
    path: "/connections",
    summary: "Make a connection",
    request: {
      query,
      body: body(z.strictObject({ name: connectionName, plugin: word, kind: word, settings })),
    },
    responses: { 201: jsonAnswer(connection, "The connection that was made."), ...problems },
  }),
  update: createRoute({
    method: "put",
    path: "/connections/{name}",
    summary: "Change a connection",
    request: { params, query, body: body(z.strictObject({ version: z.int().min(1), settings })) },
    responses: { 200: jsonAnswer(connection, "The connection as it is now."), ...problems },
  }),
  remove: createRoute({
    method: "delete",
    path: "/connections/{name}",
    summary: "Remove a connection",
    description: "Refused while something uses it; the problem says who.",
    request: { params, query },
    responses: { 204: { description: "It is gone." }, ...problems },
  }),
  test: createRoute({
    method: "post",
    path: "/connections/{name}/test",
    summary: "Test a connection",
    description: "Takes 15 s at most. The outcome is kept with the connection.",
    request: { params, query },
    responses: { 200: jsonAnswer(outcome, "How the test ended."), ...problems },
  }),
  testUnsaved: createRoute({
    method: "post",
    path: "/connections/test",
    summary: "Test settings before they are stored",
    request: {
      query,
      body: body(
        z.strictObject({
          plugin: word,
          kind: word,
          settings,
          name: connectionName.optional().openapi({
            description: "A connection whose secrets stand in for those that are left out.",
          }),
        }),
      ),
    },
    responses: { 200: jsonAnswer(outcome, "How the test ended."), ...problems },
  }),
};

/** Connections: their kinds, list, make, change, test, remove. Secrets only ever come in. */
export function connectionRoutes(api: Router, { connections, log }: ApiDeps): void {
  api.openapi(routes.kinds, (c) =>
    c.json(
      { items: connections.kinds().map((each) => ({ ...each, secrets: [...each.secrets] })), next: null },
      200,
    ),
  );
  api.openapi(routes.list, async (c) =>
    c.json({ items: (await connections.list()).map(answerOf), next: null }, 200),
  );
  api.openapi(routes.get, async (c) => {
    const { name } = c.req.valid("param");
    return c.json(answerOf(await told(connections.get(name))), 200);
  });
  api.openapi(routes.create, async (c) => {
    const { name, ...sent } = c.req.valid("json");
    const made = await told(connections.create(name, sent));
    await connections.audit(c.get("caller").name, "create", auditedOf(made));
    log.info(
      { connection: name, plugin: made.plugin, kind: made.kind, keyId: c.get("caller").keyId },
      "A connection was made.",
    );
    return c.json(answerOf(made), 201);
  });
  api.openapi(routes.update, async (c) => {
    const { name } = c.req.valid("param");
    const { version, settings: sent } = c.req.valid("json");
    const changed = await told(connections.update(name, version, sent));
    await connections.audit(c.get("caller").name, "change", auditedOf(changed));
    log.info(
      { connection: name, version: changed.version, keyId: c.get("caller").keyId },
      "A connection was changed.",
    );
    return c.json(answerOf(changed), 200);
  });
  api.openapi(routes.remove, async (c) => {
    const { name } = c.req.valid("param");
    await told(connections.remove(name));
    await connections.audit(c.get("caller").name, "remove", { name });
    log.info({ connection: name, keyId: c.get("caller").keyId }, "A connection was removed.");
    return c.body(null, 204);
  });
  api.openapi(routes.test, async (c) => {
    const { name } = c.req.valid("param");
    const ended = await told(connections.test(name));
    log.info(
      { connection: name, status: ended.status, keyId: c.get("caller").keyId },
      "A connection was tested.",
    );
    return c.json(ended, 200);
  });
  api.openapi(routes.testUnsaved, async (c) => {
    const sent = c.req.valid("json");
    const ended = await told(connections.testUnsaved(sent));
    log.info(
      { plugin: sent.plugin, kind: sent.kind, status: ended.status, keyId: c.get("caller").keyId },
      "Settings of a connection were tested.",
    );
    return c.json(ended, 200);
  });
}

/** Turns refusals into problems that name the field. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw problemOf(error) ?? error;
  }
}

function problemOf(error: unknown): Problem | undefined {
  if (error instanceof SettingsRefused) {
    const parameter = error.path === "" ? "settings" : `settings.${error.path}`;
    const detail = `The body does not fit at "${parameter}": ${error.message.replace(/[^.!?]$/, "$&.")}`;
    return new Problem("bad-body", detail, { parameter });
  }
  if (error instanceof RangeError) return new Problem("bad-body", error.message);
  if (!isVedetteError(error)) return undefined;
  switch (error.code) {
    case "connection.unknown":
      return new Problem("not-found", error.message);
    case "connection.conflict":
      return new Problem("conflict", error.message, {
        cure: "Look at it again, then repeat what you meant.",
      });
    case "secret.key":
    case "secret.unreadable":
      return new Problem("secrets-unavailable", error.message);
    default:
      return undefined;
  }
}

const auditedOf = ({ name, plugin, kind, version }: Connection) => ({ name, plugin, kind, version });

const answerOf = ({ test, ...of }: Connection) => ({
  ...{ name: of.name, plugin: of.plugin, kind: of.kind, version: of.version },
  settings: shownOf(of.open, of.secrets) as Record<string, unknown>,
  createdAt: new Date(of.createdAt).toISOString(),
  updatedAt: new Date(of.updatedAt).toISOString(),
  ...(test && { test: { ...test, at: new Date(test.at).toISOString() } }),
});
