import type { Clock } from "@vedette/sdk";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type BouncerDecision, decisionOf, filterOf } from "../respond/index.ts";
import type { ApiDeps } from "./deps.ts";
import { type ApiEnv, access, throttle } from "./guard/index.ts";
import { Problem } from "./problem.ts";

/** What a bouncer may miss between two asks: a run takes so long from its beginning until it stands. */
const overlapMs = 120_000;
/** What has ended longer ago is not told to a bouncer whose last ask nobody remembers. */
const endedMs = 86_400_000;
const mostBouncers = 10_000;

/** When each bouncer asked for changes last, by its key. Forgotten with a restart: then it is given all. */
class Pulls {
  readonly #at = new Map<string, number>();
  readonly #clock: Clock;
  constructor(clock: Clock) {
    this.#clock = clock;
  }
  /** The time before, which is replaced by now. */
  next(bouncer: string): number | undefined {
    const before = this.#at.get(bouncer);
    this.#at.delete(bouncer);
    this.#at.set(bouncer, this.#clock.now());
    if (this.#at.size > mostBouncers) this.#at.delete(this.#at.keys().next().value!);
    return before;
  }
}

const forbidden = (c: Context): Response => c.json({ message: "access forbidden" }, 403);

/**
 * The part of CrowdSec's local API that bouncers ask, with its paths, its header and its answers, so that those there are read our
 * block list: `/v1/decisions` and `/v1/decisions/stream` (localapi_swagger.yaml).
 */
export function bouncerRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const pulls = new Pulls(deps.clock);
  app.onError((error, c) => {
    if (error instanceof Problem && (error.status === 401 || error.status === 403)) return forbidden(c);
    if (error instanceof Problem)
      return c.json({ message: error.message }, error.status as 429, { ...error.headers });
    if (error instanceof TypeError) return c.json({ message: error.message }, 400);
    deps.log.error({ error, path: c.req.path }, "A bouncer could not be answered.");
    return c.json({ message: "the block list cannot be read now" }, 503);
  });
  app.use("/*", access(deps, "feed"), throttle(deps.clock));
  const { blocklist, clock } = deps;
  if (!blocklist) return app;

  app.on(["GET", "HEAD"], "/decisions", async (c) => {
    const fits = filterOf(new URL(c.req.url).searchParams);
    const found = shown(await blocklist.active("blocklist"), fits, clock.now());
    if (c.req.method === "HEAD") return c.body(null);
    // Nothing is `null`, as there: bouncers compare the text.
    return c.json(found.length === 0 ? null : found);
  });

  app.on(["GET", "HEAD"], "/decisions/stream", async (c) => {
    if (c.req.method === "HEAD") return c.body(null);
    const query = new URL(c.req.url).searchParams;
    const fits = filterOf(query);
    const now = clock.now();
    const before = pulls.next(c.get("caller").keyId ?? "local");
    const all = query.get("startup") === "true" || before === undefined;
    const since = before === undefined ? now - endedMs : before - overlapMs;
    const active = await blocklist.active("blocklist");
    const fresh = all ? active : active.filter((each) => each.since > since);
    const ended = await blocklist.ended("blocklist", query.get("startup") === "true" ? now - endedMs : since);
    return c.json({ deleted: shown(ended, fits, now), new: shown(fresh, fits, now) });
  });

  // Bouncers tell how much they block; it is taken, so that they do not complain, and not kept.
  const small = bodyLimit({ maxSize: 1_048_576, onError: (c) => c.json({ message: "too large" }, 413) });
  app.post("/usage-metrics", small, async (c) => {
    await c.req.arrayBuffer();
    return c.body(null, 201);
  });
  app.notFound((c) => c.json({ message: "page not found" }, 404));
  return app;
}

const shown = (
  list: Awaited<ReturnType<NonNullable<ApiDeps["blocklist"]>["active"]>>,
  fits: ReturnType<typeof filterOf>,
  now: number,
): BouncerDecision[] =>
  list.flatMap((each) => {
    const decision = decisionOf(each, now);
    return fits(decision, each.range) ? [decision] : [];
  });
