import { createRoute, z } from "@hono/zod-openapi";
import { isVedetteError, messageOf } from "@vedette/sdk";
import { ruleName, ruleSchema } from "../../config/index.ts";
import type { Delivery, Notifier } from "../../respond/index.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { toldOfChange } from "./changes-told.ts";
import { count, jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const settings = z.record(z.string(), z.unknown()).openapi({
  description: "As `GET /notifications/rule-schema` says.",
});

const rule = z
  .object({
    name: z.string(),
    settings,
    source: z.enum(["configuration", "database"]).openapi({
      description: "Those of the configuration are changed there.",
    }),
    version: z.int().openapi({ description: "Grows with every change; PUT names the one it replaces." }),
    problem: z.string().optional().openapi({ description: "Why it does not work." }),
  })
  .openapi("NotificationRule");

const channel = z
  .object({ name: z.string(), plugin: z.string(), kind: z.string() })
  .openapi("NotificationChannel");

const states = ["waiting", "sending", "sent", "dead"] as const;

const delivery = z
  .object({
    id: z.string(),
    channel: z.string(),
    rule: z.string(),
    state: z.enum(states),
    attempts: z.int(),
    createdAt: z.iso.datetime(),
    dueAt: z.iso.datetime().optional().openapi({ description: "When the next attempt is due." }),
    endedAt: z.iso.datetime().optional(),
    outcome: z.string().optional().openapi({ description: "What the other side said last." }),
    uncertain: z.boolean().openapi({
      description: "An attempt may have arrived although its answer did not: it may have come twice.",
    }),
    about: z.string(),
    severity: z.string(),
    count: z.int().openapi({ description: "How many alerts, events or incidents it tells of." }),
    title: z.string(),
  })
  .openapi("NotificationDelivery");

const name = z.object({ name: ruleName });
const none = z.strictObject({});
const word = z.string().max(64).optional();

const routes = {
  schema: createRoute({
    method: "get",
    path: "/notifications/rule-schema",
    summary: "What a notification rule can say",
    request: { query: none },
    responses: { 200: jsonAnswer(z.record(z.string(), z.unknown()), "JSON Schema."), ...problems },
  }),
  rules: createRoute({
    method: "get",
    path: "/notifications/rules",
    summary: "Notification rules",
    request: { query: none },
    responses: {
      200: jsonAnswer(listOf(rule), "Rules of the configuration and of the database."),
      ...problems,
    },
  }),
  put: createRoute({
    method: "put",
    path: "/notifications/rules/{name}",
    summary: "Make or change a notification rule",
    request: {
      ...{ params: name, query: none },
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z.strictObject({
              version: z
                .int()
                .min(0)
                .openapi({ description: "The version that was seen; 0 for a new rule." }),
              settings,
            }),
          },
        },
      },
    },
    responses: { 200: jsonAnswer(rule, "The rule as it is now."), ...problems },
  }),
  remove: createRoute({
    method: "delete",
    path: "/notifications/rules/{name}",
    summary: "Remove a notification rule",
    request: { params: name, query: none },
    responses: { 204: { description: "It is gone." }, ...problems },
  }),
  channels: createRoute({
    method: "get",
    path: "/notifications/channels",
    summary: "Connections that notifications can go over",
    request: { query: none },
    responses: { 200: jsonAnswer(listOf(channel), "Channels by name."), ...problems },
  }),
  test: createRoute({
    method: "post",
    path: "/notifications/channels/{name}/test",
    summary: "Send a test notification",
    description: "Sends at once and waits for the answer, 20 s at most.",
    request: { params: name, query: none },
    responses: {
      200: jsonAnswer(
        z.object({ status: z.enum(["healthy", "error"]), message: z.string() }),
        "How it ended.",
      ),
      ...problems,
    },
  }),
  deliveries: createRoute({
    method: "get",
    path: "/notifications/deliveries",
    summary: "Delivery log",
    request: {
      query: z.strictObject({
        ...{ state: z.enum(states).optional(), channel: word, rule: word },
        limit: count(1, 500, 100, "Items in the answer."),
        cursor: z.string().max(200).optional().openapi({ description: "`next` of the answer before." }),
      }),
    },
    responses: { 200: jsonAnswer(listOf(delivery), "Notifications, the newest first."), ...problems },
  }),
  retry: createRoute({
    method: "post",
    path: "/notifications/deliveries/{id}/retry",
    summary: "Send a dead letter again",
    request: { params: z.object({ id: z.string().max(64) }), query: none },
    responses: { 204: { description: "It waits to be sent." }, ...problems },
  }),
};

/** Notifications: rules, channels and their test, the log of deliveries. */
export function notificationRoutes(api: Router, { notifications, clock, log, redact }: ApiDeps): void {
  const notifier = (): Notifier => {
    if (notifications) return notifications;
    throw new Problem("not-found", "This collector has no notifications.");
  };
  api.openapi(routes.schema, (c) =>
    c.json(
      z.toJSONSchema(ruleSchema, { io: "input", unrepresentable: "any" }) as Record<string, unknown>,
      200,
    ),
  );
  api.openapi(routes.rules, async (c) => {
    const items = (await notifier().rules.list()).map((each) => ({
      ...each,
      settings: { ...each.settings },
    }));
    return c.json({ items, next: null }, 200);
  });
  api.openapi(routes.put, async (c) => {
    const { name: of } = c.req.valid("param");
    const { version, settings: sent } = c.req.valid("json");
    const [issue] = ruleSchema.safeParse(sent).error?.issues ?? [];
    if (issue) throw refusal(issue);
    const put = await toldOfChange(notifier().rules.put(of, sent, version, clock.now()));
    log.info(
      { rule: of, version: put.version, keyId: c.get("caller").keyId },
      "A notification rule was changed.",
    );
    return c.json({ ...put, settings: { ...put.settings } }, 200);
  });
  api.openapi(routes.remove, async (c) => {
    const { name: of } = c.req.valid("param");
    if (!(await toldOfChange(notifier().rules.remove(of))))
      throw new Problem("not-found", "There is no such rule.");
    log.info({ rule: of, keyId: c.get("caller").keyId }, "A notification rule was removed.");
    return c.body(null, 204);
  });
  api.openapi(routes.channels, async (c) => c.json({ items: await notifier().channels(), next: null }, 200));
  api.openapi(routes.test, async (c) => {
    const { name: of } = c.req.valid("param");
    const ended = await outcomeOf(notifier().test(of), redact);
    log.info(
      { channel: of, status: ended.status, keyId: c.get("caller").keyId },
      "A channel was tested with a notification.",
    );
    return c.json(ended, 200);
  });
  api.openapi(routes.deliveries, async (c) => {
    const { limit, cursor, state, channel: over, rule: by } = c.req.valid("query");
    const only = { ...(state && { state }), ...(over && { channel: over }), ...(by && { rule: by }) };
    const found = await notifier().deliveries(
      limit + 1,
      only,
      cursor === undefined ? undefined : placeOf(cursor),
    );
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return c.json({ items: page.map(answerOf), next: last ? cursorOf(last) : null }, 200);
  });
  api.openapi(routes.retry, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await notifier().retry(id))) throw new Problem("not-found", "There is no dead letter of this id.");
    log.info({ delivery: id, keyId: c.get("caller").keyId }, "A notification is sent again.");
    return c.body(null, 204);
  });
}

const answerOf = ({ notice, ...of }: Delivery) => ({
  ...{ id: of.id, channel: of.channel, rule: of.rule, state: of.state, attempts: of.attempts },
  ...{ createdAt: iso(of.createdAt), uncertain: of.uncertain },
  ...(of.state === "waiting" && { dueAt: iso(of.dueAt) }),
  ...(of.endedAt !== undefined && { endedAt: iso(of.endedAt) }),
  ...(of.outcome !== undefined && { outcome: of.outcome }),
  ...{ about: notice.about, severity: notice.severity, count: notice.count },
  title: notice.title.map((piece) => (typeof piece === "string" ? piece : piece.value)).join(""),
});

const iso = (ms: number): string => new Date(ms).toISOString();

const cursorOf = ({ createdAt, id }: Delivery): string =>
  Buffer.from(`${createdAt} ${id}`).toString("base64url");

function placeOf(cursor: string): { readonly createdAt: number; readonly id: string } {
  const [, at, id] = /^(\d{1,16}) ([0-9a-f]{32})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (at === undefined || id === undefined)
    throw new Problem("bad-parameter", "The cursor is none of this list.", { parameter: "cursor" });
  return { createdAt: Number(at), id };
}

function refusal(issue: z.core.$ZodIssue): Problem {
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const at = ["settings", ...issue.path, ...(unknown === undefined ? [] : [unknown])].map(String).join(".");
  const why = unknown === undefined ? issue.message : "There is no such setting";
  return new Problem("bad-body", `The body does not fit at "${at}": ${why.replace(/[^.!?]$/, "$&.")}`, {
    parameter: at,
  });
}

async function outcomeOf(sending: Promise<string>, redact: (text: string) => string = (text) => text) {
  try {
    return { status: "healthy" as const, message: `It was sent: ${redact(await sending) || "yes"}.` };
  } catch (error) {
    if (isVedetteError(error) && error.code === "connection.unknown")
      throw new Problem("not-found", error.message);
    return { status: "error" as const, message: redact(messageOf(error)) };
  }
}
