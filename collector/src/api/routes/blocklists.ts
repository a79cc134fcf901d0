import { createRoute, z } from "@hono/zod-openapi";
import { blocklistNames, tagOf } from "../../respond/index.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { jsonAnswer, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const entry = z
  .object({
    target: z.string().openapi({ example: "203.0.113.7" }),
    since: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    reason: z.string(),
  })
  .openapi("BlocklistEntry");

const read = createRoute({
  method: "get",
  path: "/blocklists/{name}",
  summary: "What firewalls are to block",
  description:
    "`blocklist` is what the action blocklist/ban put there, `bans` what any action bans now. As text it is one address or range a line. Answers `304` to an If-None-Match with its ETag. A key with the scope `feed` is enough; firewalls that know no other way send it as the password of HTTP Basic.",
  request: {
    params: z.object({ name: z.enum(blocklistNames) }),
    query: z.strictObject({
      format: z.enum(["text", "json"]).default("text"),
      family: z.enum(["4", "6"]).optional().openapi({ description: "Only IPv4, or only IPv6." }),
    }),
    headers: z.object({ "if-none-match": z.string().max(2_000).optional() }),
  },
  responses: {
    200: {
      description: "The list, sorted by address.",
      content: {
        "text/plain": { schema: z.string() },
        "application/json": { schema: z.object({ name: z.string(), items: z.array(entry) }) },
      },
    },
    304: { description: "It is as it was." },
    ...problems,
  },
});

const names = createRoute({
  method: "get",
  path: "/blocklists",
  summary: "The block lists",
  request: { query: z.strictObject({}) },
  responses: {
    200: jsonAnswer(
      z.object({ items: z.array(z.object({ name: z.string(), entries: z.int() })), next: z.null() }),
      "Their names and lengths.",
    ),
    ...problems,
  },
});

/** What is banned, for those that fetch it. */
export function blocklistRoutes(api: Router, { blocklist }: ApiDeps): void {
  const lists = () => {
    if (!blocklist) throw new Problem("control-unavailable", "There are no block lists here.");
    return blocklist;
  };
  api.openapi(names, async (c) => {
    const items = await Promise.all(
      blocklistNames.map(async (name) => ({ name, entries: (await lists().active(name)).length })),
    );
    return c.json({ items, next: null }, 200);
  });
  api.openapi(read, async (c) => {
    const { name } = c.req.valid("param");
    const { format, family } = c.req.valid("query");
    const found = await lists().active(name);
    const wanted =
      family === undefined ? found : found.filter(({ range }) => range.family === Number(family));
    const tag = tagOf(wanted, format);
    // Whoever keeps a copy asks again before using it: what has ended must not be blocked on.
    const headers = { etag: tag, "cache-control": "private, no-cache" };
    const known = (c.req.valid("header")["if-none-match"] ?? "").split(",").map((each) => each.trim());
    if (known.some((each) => each === "*" || each.replace(/^W\//, "") === tag))
      return c.body(null, 304, headers);
    if (format === "text") return c.text(wanted.map(({ target }) => `${target}\n`).join(""), 200, headers);
    const time = (ms: number): string => new Date(ms).toISOString();
    const items = wanted.map(({ target, since, until, reason }) => ({
      ...{ target, since: time(since), expiresAt: time(until), reason },
    }));
    return c.json({ name, items }, 200, headers);
  });
}
