import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { tailStream } from "../live/index.ts";
import { Problem } from "../problem.ts";
import { matcherOf } from "../search/index.ts";
import { filterParameter, problems, searchParameters } from "./parameters.ts";
import type { Router } from "./router.ts";
import { readConditions } from "./search.ts";

const tail = createRoute({
  method: "get",
  path: "/events/tail",
  summary: "Events as they are stored",
  description:
    'Server-sent events: `event` with an event as JSON; `dropped` with `{"count"}` when the client is too slow or too much is stored at once.',
  request: { query: z.strictObject({ q: searchParameters.q, filter: filterParameter }) },
  responses: {
    200: { content: { "text/event-stream": { schema: z.string() } }, description: "The stream." },
    ...problems,
  },
});

/** Live tail. */
export function tailRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(tail, (c) => {
    const conditions = readConditions(c.req.valid("query"), deps);
    const stream = tailStream({ bus: deps.tail, matches: matcherOf(conditions), signal: c.req.raw.signal });
    if (!stream)
      throw new Problem("too-many-requests", "Too many live tails are open.", { cure: "Close one of them." });
    return c.body(stream, 200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
  });
}
