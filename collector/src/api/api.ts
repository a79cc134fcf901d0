import { existsSync } from "node:fs";
import { isVedetteError, messageOf } from "@vedette/sdk";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { answerHooks } from "./answers.ts";
import { bouncerRoutes } from "./bouncers.ts";
import type { ApiDeps } from "./deps.ts";
import { docsPage, docsStyle, type OpenApiDocument } from "./docs-page.ts";
import { type ApiEnv, access, noteOperator, securityHeaders, throttle } from "./guard/index.ts";
import { limits } from "./limits.ts";
import { pageRoutes } from "./page.ts";
import { Problem, problemResponse } from "./problem.ts";
import { actionRunRoutes, actionSafetyRoutes } from "./routes/actions/index.ts";
import {
  caseRoutes,
  controlPaths,
  controlRoutes,
  incidentRoutes,
  ruleRoutes,
} from "./routes/alerting/index.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { assetRoutes } from "./routes/assets.ts";
import { blocklistRoutes } from "./routes/blocklists.ts";
import { connectionRoutes } from "./routes/connections.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { debugBundleRoutes } from "./routes/debug-bundle.ts";
import { eventRoutes } from "./routes/events.ts";
import { fieldRoutes } from "./routes/fields.ts";
import { histogramRoutes } from "./routes/histogram.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { told } from "./routes/jobs-told.ts";
import { keyRoutes } from "./routes/keys.ts";
import { notificationRoutes } from "./routes/notifications.ts";
import { packRoutes } from "./routes/packs.ts";
import { pluginRoutes } from "./routes/plugins.ts";
import { rollupRoutes } from "./routes/rollups.ts";
import { describedRoutes, type Router, router } from "./routes/router.ts";
import { ruleReloadRoutes } from "./routes/rules.ts";
import { statsRoutes } from "./routes/stats.ts";
import { tailRoutes } from "./routes/tail.ts";
import { topRoutes } from "./routes/top.ts";
import { workflowRoutes } from "./routes/workflows.ts";

const base = "/api/v1";

/** The query API, the page and the operational addresses, as one fetch handler. Listens on nothing itself. */
export function createApi(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>({ strict: false });
  const api = routes(deps);
  app.use(securityHeaders);
  app.onError((error, c) => {
    if (error instanceof Problem) return problemResponse(error, deps.redact);
    if (error instanceof HTTPException && error.status === 400)
      return problemResponse(new Problem("bad-body", "The body is not JSON.", { cure: messageOf(error) }));
    if (c.req.raw.signal.aborted) return problemResponse(new Problem("cancelled", "The client went away."));
    if (isVedetteError(error) && error.code === "control.unavailable") {
      deps.log.warn({ error, path: c.req.path }, "The control database does not answer.");
      return problemResponse(controlAway());
    }
    deps.log.error({ error, path: c.req.path }, "A request failed.");
    return problemResponse(
      new Problem("internal-fault", "The request failed; the collector's log says why."),
    );
  });
  app.notFound((c) => problemResponse(notFound(api, c.req.method, c.req.path)));
  operations(app, deps);
  hooks(app, deps);
  documents(app, api, deps);
  app.route(base, api);
  app.route("/v1", bouncerRoutes(deps));
  app.route("/hooks/answers", answerHooks(deps));
  if (deps.pageDir !== undefined && existsSync(deps.pageDir)) app.route("/", pageRoutes(deps.pageDir));
  return app;
}

/** Without what the error says: who asks may be nobody, and it names hosts. */
const controlAway = (): Problem =>
  new Problem(
    "control-unavailable",
    "Keys cannot be looked up now.",
    { cure: "Try again in a moment." },
    { "retry-after": "2" },
  );

/** Everything below /api/v1: who may ask, how much, then the routes. Fixed paths come before `/events/{id}`. */
function routes(deps: ApiDeps): Router {
  const api = router();
  for (const path of adminPaths) api.use(path, access(deps, "admin"));
  // Who reads may see how plugins do; only who administers may change them.
  const changes = access(deps, "admin");
  for (const path of ["/plugins/*", "/notifications/*", "/packs/*"])
    api.use(path, (c, next) => (readOnly.has(c.req.method) ? next() : changes(c, next)));
  // A workflow can call whatever the collector can; to run one is another matter.
  api.use("/workflows/:id", (c, next) => (readOnly.has(c.req.method) ? next() : changes(c, next)));
  const works = access(deps, "operate");
  for (const path of workPaths) api.use(path, (c, next) => (isAsking(c) ? next() : works(c, next)));
  const [reads, feeds] = [access(deps, "read"), access(deps, "feed", { basic: true })];
  api.use("/*", (c, next) => (/\/blocklists(\/|$)/.test(c.req.path) ? feeds : reads)(c, next));
  api.use("/*", throttle(deps.clock));
  api.use("/*", noteOperator(deps.actions));
  const [usual, large] = [bounded(limits.bodyBytes), bounded(limits.connectionBytes)];
  const [inventory, packs] = [bounded(limits.inventoryBytes), bounded(limits.packBytes)];
  api.use("/*", (c, next) => {
    if (/\/assets\/[^/]+$/.test(c.req.path)) return inventory(c, next);
    if (/\/packs(\/check)?$/.test(c.req.path)) return packs(c, next);
    return (/\/(connections|workflows)(\/|$)/.test(c.req.path) ? large : usual)(c, next);
  });
  api.use("/*", jsonOnly);
  api.openAPIRegistry.registerComponent("securitySchemes", "key", { type: "http", scheme: "bearer" });
  api.openAPIRegistry.registerComponent("securitySchemes", "header", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
  });
  histogramRoutes(api, deps);
  topRoutes(api, deps);
  fieldRoutes(api, deps);
  tailRoutes(api, deps);
  eventRoutes(api, deps);
  controlRoutes(api, deps);
  caseRoutes(api, deps);
  alertRoutes(api, deps);
  incidentRoutes(api, deps);
  ruleRoutes(api, deps);
  ruleReloadRoutes(api, deps);
  packRoutes(api, deps);
  deadLetterRoutes(api, deps);
  statsRoutes(api, deps);
  rollupRoutes(api, deps);
  keyRoutes(api, deps);
  pluginRoutes(api, deps);
  assetRoutes(api, deps);
  blocklistRoutes(api, deps);
  connectionRoutes(api, deps);
  notificationRoutes(api, deps);
  debugBundleRoutes(api, deps);
  workflowRoutes(api, deps);
  jobRoutes(api, deps);
  actionSafetyRoutes(api, deps);
  actionRunRoutes(api, deps);
  return api;
}

/** What changes things, or tells what only those may know who do. */
const adminPaths = [
  "/keys/*",
  "/connections/*",
  "/connection-types",
  "/debug-bundle",
  "/audit/*",
  "/rules/reload",
];

/** What people who work on alerts change. */
const workPaths = [
  "/alerts/*",
  "/incidents/*",
  "/workflows/*",
  "/jobs/*",
  "/assets/*",
  "/actions/*",
  ...Object.values(controlPaths).map((path) => `/${path}/*`),
];

/** A preview has a body, but changes nothing. */
const isAsking = (c: Context): boolean =>
  readOnly.has(c.req.method) || /\/(alerts|actions\/[^/]+|actions\/rules\/[^/]+)\/preview$/.test(c.req.path);

const bounded = (maxSize: number) =>
  bodyLimit({ maxSize, onError: () => problemResponse(tooLarge(maxSize)) });

const readOnly: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** A form of another site can send a body, but not one that calls itself JSON. */
const jsonOnly: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const type = c.req.header("content-type");
  const length = Number(c.req.header("content-length") ?? 0);
  const hasBody = type !== undefined || length > 0 || c.req.header("transfer-encoding") !== undefined;
  if (hasBody && !readOnly.has(c.req.method) && !/^application\/json\b/i.test(type ?? ""))
    throw new Problem("bad-body", "The body is not JSON.", { cure: "Send content-type: application/json." });
  return next();
};

/** Health, readiness and metrics: for machines, in the shapes they expect. */
function operations(app: Hono<ApiEnv>, deps: ApiDeps): void {
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const reason = await deps.unready().catch(messageOf);
    return reason === undefined ? c.json({ status: "ready" }) : c.json({ status: "waiting", reason }, 503);
  });
  app.get("/metrics", access(deps, "read"), (c) =>
    c.body(deps.metrics(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  );
}

/** Web hooks that start workflows. No key: the body is signed. */
function hooks(app: Hono<ApiEnv>, { respond, clock }: ApiDeps): void {
  app.post("/hooks/workflows/:id", throttle(clock), bounded(limits.connectionBytes), async (c) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    const signature = c.req.header("x-vedette-signature");
    const job = await told(async () => respond!.hooked(c.req.param("id"), body, signature), respond);
    if (job === undefined)
      throw new Problem("not-allowed", "There is no such web hook, or the signature is not of this body.", {
        cure: "Send X-Vedette-Signature: sha256=<HMAC-SHA256 of the body, hexadecimal>.",
      });
    return c.json({ job }, 202);
  });
}

function documents(app: Hono<ApiEnv>, api: Router, deps: ApiDeps): void {
  let made: object | undefined;
  const document = () => {
    made ??= withoutOwnMeta(
      api.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Vedette API",
          version: deps.status().version,
          description:
            "Paths below begin with `/api/v1`. Lists answer `{items, next}`. Errors are problem+json. Send a key as `Authorization: Bearer` or `X-API-Key`; on loopback none is needed until the first key is made.",
        },
        servers: [{ url: base }],
        security: [{ key: [] }, { header: [] }, {}],
      }),
    );
    return made;
  };
  app.get("/openapi.json", (c) => c.json(document()));
  app.get(`${base}/openapi.json`, (c) => c.json(document()));
  app.get("/docs/style.css", (c) => c.body(docsStyle, 200, { "content-type": "text/css; charset=utf-8" }));
  app.get("/docs", (c) => c.html(docsPage(document() as OpenApiDocument)));
}

/** The document without what the sdk's schemas carry for the store. */
const withoutOwnMeta = (document: object): object =>
  JSON.parse(
    JSON.stringify(document, (key, value: unknown) => (key === "vedette" ? undefined : value)),
  ) as object;

const tooLarge = (most: number) =>
  new Problem("too-large", `A body has at most ${most} bytes here.`, { cure: "Send less." });

function notFound(api: Router, method: string, path: string): Problem {
  const known = describedRoutes(api).filter((route) =>
    new RegExp(`^${base}${route.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
  if (known.length === 0)
    return new Problem("not-found", `There is no "${path.slice(0, 100)}".`, { cure: "See /docs." });
  const allowed = [...new Set(known.map((route) => route.method))].join(", ");
  return new Problem(
    "no-such-method",
    `${path} does not answer ${method}.`,
    { cure: `Use ${allowed}.` },
    { allow: allowed },
  );
}
