import { createRoute, z } from "@hono/zod-openapi";
import { eventFields } from "@vedette/sdk";
import type { ApiDeps } from "../deps.ts";
import { runQuery } from "../run-query.ts";
import { Binder, rangeSql } from "../search/index.ts";
import { jsonAnswer, listOf, problems } from "./parameters.ts";
import type { Router } from "./router.ts";

const field = z.object({
  path: z.string(),
  type: z
    .string()
    .openapi({ description: "text, time, u32, u64, f64, texts; for paths below `log`, types seen." }),
  description: z.string().optional(),
  seen: z
    .boolean()
    .openapi({ description: "True for paths found in recent events rather than in the schema." }),
});

const fields = createRoute({
  method: "get",
  path: "/events/fields",
  summary: "Fields that can be searched",
  request: { query: z.strictObject({}) },
  responses: {
    200: jsonAnswer(listOf(field), "The schema's fields, then paths seen below `log`."),
    ...problems,
  },
});

const sampledRows = 20_000;
const maxPaths = 2_000;
const keepMs = 60_000;

const schemaFields = eventFields
  .filter((each) => each.kind !== "json")
  .map(({ path, kind, description }) => ({ path, type: kind as string, description, seen: false }));

interface Row {
  readonly path: string;
  readonly types: string[];
}

/** Names for autocompletion. The paths seen are kept for a minute, because finding them reads events. */
export function fieldRoutes(api: Router, deps: ApiDeps): void {
  let seen: { at: number; items: z.infer<typeof field>[] } | undefined;
  api.openapi(fields, async (c) => {
    const now = deps.clock.now();
    if (!seen || now - seen.at > keepMs)
      seen = { at: now, items: await readSeen(deps, now, c.req.raw.signal) };
    return c.json({ items: [...schemaFields, ...seen.items], next: null }, 200);
  });
}

async function readSeen(deps: ApiDeps, now: number, signal: AbortSignal): Promise<z.infer<typeof field>[]> {
  const bind = new Binder();
  const range = { from: now - 7 * 86_400_000, to: now + 60_000 };
  const sql = `SELECT tupleElement(each, 1) AS path, tupleElement(each, 2) AS types FROM (
      SELECT arrayJoin(distinctJSONPathsAndTypes(log)::Map(String, Array(String))) AS each FROM (
        SELECT log FROM events WHERE ${rangeSql("timestamp", range, bind)} ORDER BY timestamp DESC LIMIT ${sampledRows}))
    ORDER BY path LIMIT ${maxPaths}`;
  const rows = await runQuery<Row>(deps.store, sql, bind, signal);
  return rows.map(({ path, types }) => ({
    path: `log.${path}`,
    type: types.join(" | ").toLowerCase(),
    seen: true,
  }));
}
