import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { readStart } from "../run/envelope.ts";
import { hostError } from "../run/failure.ts";
import type { HostedPlugin } from "../run/hosted.ts";
import { compileComponent, compileConnection } from "../schema/compile.ts";
import { componentsOf, type IconComponent, sectionOf } from "../spec/model.ts";
import { refusal, serveStep } from "./served.ts";
import { swaggerOf } from "./swagger.ts";

/** Bound of a start message. */
const maxBytes = 16 * 1024 * 1024;

const sections = ["actions", "triggers", "tasks"] as const;

/**
 * The HTTP server of a plugin, as the ecosystem's orchestrators know it: 200 for a step that worked, 400 for what the caller
 * did wrong, 500 for a step that failed; the answer is an event message in any case.
 */
export function iconApp(plugin: HostedPlugin, specText: string, signal: AbortSignal): Hono {
  const { spec } = plugin;
  const app = new Hono();
  const tooLarge = (c: Context) =>
    c.json(refusal(hostError("plugin.bad_input", "The message is too large.")), 413);
  // A page in a browser on this machine can reach loopback too; it cannot hide its origin, nor the name it thinks it asks.
  app.use(async (c, next) => {
    const foreign = c.req.header("origin") !== undefined || !isLoopbackHost(c.req.header("host") ?? "");
    if (foreign)
      return c.json(refusal(hostError("plugin.bad_input", "Only programs on this machine may ask.")), 403);
    if (c.req.method === "POST" && !/^application\/json\b/i.test(c.req.header("content-type") ?? ""))
      return c.json(refusal(hostError("plugin.bad_input", "The message must be application/json.")), 415);
    await next();
  });
  app.use(bodyLimit({ maxSize: maxBytes, onError: tooLarge }));
  for (const base of ["", "/api/v1"]) {
    app.post(`${base}/:section{actions|triggers|tasks}/:name`, (c) => step(c, "run"));
    app.post(`${base}/:section{actions|triggers|tasks}/:name/test`, (c) => step(c, "test"));
  }
  const api = app.basePath("/api/v1");
  api.get("/info", (c) => {
    const { name, title, description, version, vendor } = spec;
    const count = Object.fromEntries(sections.map((section) => [`number_of_${section}`, spec[section].size]));
    return c.json({ name, title, description, version, vendor, ...count });
  });
  api.get("/spec", (c) => c.text(specText, 200, { "content-type": "application/yaml; charset=utf-8" }));
  api.get("/api", (c) => c.json(swaggerOf(spec)));
  api.get("/status", (c) => c.json({ status: "Ready", usage: plugin.transport.usage?.() ?? null }));
  api.get("/connection", (c) => c.json(compileConnection(spec)));
  for (const section of sections) {
    api.get(`/${section}`, (c) => c.json([...spec[section].keys()]));
    api.get(`/${section}/:name`, (c) => {
      const component = spec[section].get(c.req.param("name"));
      return component ? c.json(described(component)) : c.json(refusal(unknown(c.req.param("name"))), 404);
    });
  }
  api.post("/connection/test", async (c) => {
    const [first] = componentsOf(spec);
    if (!first)
      return c.json(refusal(hostError("plugin.bad_input", "The plugin has no component to test with.")), 400);
    const given = await c.req.json<Record<string, unknown>>().catch(() => ({}) as Record<string, unknown>);
    const body = (given["body"] ?? given) as Record<string, unknown>;
    const connection = (body["connection"] ?? body) as Record<string, unknown>;
    return answer(
      c,
      await serveStep(plugin, "test", { kind: first.kind, id: first.id, input: {}, connection }, { signal }),
    );
  });
  // Orchestrators ask; here the number of steps at a time is a setting, and there are no workers to add.
  api.get("/workers", (c) => c.json({ num_workers: 1 }));
  for (const verb of ["add", "remove"])
    api.post(`/workers/${verb}`, (c) => c.json({ error: "The number of workers is fixed." }, 400));
  app.notFound((c) => c.json(refusal(hostError("plugin.bad_input", "There is nothing at this path.")), 404));
  return app;

  function described(component: IconComponent) {
    const { id, title, description } = component;
    const schema = (part: "input" | "output") => compileComponent(spec, component, part);
    return { name: id, title, description, input: schema("input"), output: schema("output") };
  }

  async function step(c: Context, verb: "run" | "test"): Promise<Response> {
    const { section = "", name = "" } = c.req.param();
    let message: unknown;
    try {
      message = await c.req.json();
    } catch (error) {
      return c.json(refusal(hostError("plugin.bad_input", "The message is no JSON.", { error })), 400);
    }
    try {
      const start = readStart(message);
      if (sectionOf(start.kind) !== section || start.id !== name)
        throw hostError("plugin.bad_input", "The path names another component than the message.");
      return answer(c, await serveStep(plugin, verb, start, { signal }));
    } catch (error) {
      return c.json(refusal(error), 400);
    }
  }
}

const isLoopbackHost = (host: string): boolean => /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i.test(host);

const unknown = (name: string) => hostError("plugin.bad_input", `There is no "${name.slice(0, 80)}".`);

const answer = (c: Context, { outcome, message }: Awaited<ReturnType<typeof serveStep>>): Response =>
  c.json(message, outcome === "ok" ? 200 : outcome === "refused" ? 400 : 500);
