import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VedetteError } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { testConnections } from "../connections/testing/index.ts";
import { apiKeys, type ControlDatabase, openControlDatabase } from "../control/index.ts";
import { createApi } from "./api.ts";
import type { ApiDeps, QueryStore } from "./deps.ts";
import { TailBus } from "./live/index.ts";

const open: ControlDatabase[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.destroy()));
});

const noRows: QueryStore = { query: () => Promise.resolve([]) };
const own = { host: "localhost:8080" };

async function start(overrides: Partial<ApiDeps> = {}) {
  const control = await openControlDatabase({ kind: "sqlite", dir: mkdtempSync(join(tmpdir(), "api-")) });
  open.push(control);
  const clock = manualClock();
  const keys = apiKeys(control, clock);
  const log = recordingLogger();
  const deps: ApiDeps = {
    store: noRows,
    keys,
    connections: testConnections(control, { clock, log }),
    tail: new TailBus(clock),
    clock,
    log,
    status: () => ({
      version: "0.1.0",
      startedAt: new Date(clock.now()).toISOString(),
      engine: { kind: "embedded", state: "running" },
      agents: [],
      databases: [],
    }),
    unready: () => Promise.resolve(undefined),
    metrics: () => "up 1\n",
    plugins: () => undefined,
    loopback: true,
    ...overrides,
  };
  const app = createApi(deps);
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await app.request(path, { ...init, headers: { ...own, ...init.headers } });
    const text = await response.text();
    const body = (text.startsWith("{") ? JSON.parse(text) : {}) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body, text };
  };
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    ask("/api/v1/keys", {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  return { app, ask, post, keys, clock, log };
}

const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });

describe("who may ask", () => {
  it("is anyone on loopback until the first key is made, then holders of a key", async () => {
    const { ask, post } = await start();
    expect((await ask("/api/v1/events")).status).toBe(200);
    const made = await post({ name: "first", scopes: ["read", "admin"] });
    expect(made.status).toBe(201);
    expect((await ask("/api/v1/events")).status).toBe(401);
    expect((await ask("/metrics")).status).toBe(401);
    expect((await ask("/api/v1/events", bearer(String(made.body["secret"])))).status).toBe(200);
    expect(
      (await ask("/api/v1/events", { headers: { "x-api-key": String(made.body["secret"]) } })).status,
    ).toBe(200);
    expect((await ask("/healthz")).status).toBe(200);
  });

  it("is nobody without a key where others can connect", async () => {
    const { ask } = await start({ loopback: false });
    const answer = await ask("/api/v1/events");
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
    expect(answer.body["cure"]).toContain("vedette key");
  });

  it("is limited by the scopes of the key", async () => {
    const { ask, keys } = await start();
    const reader = await keys.create({ name: "reader", scopes: ["read"] });
    const ingest = await keys.create({ name: "agent", scopes: ["ingest"] });
    expect((await ask("/api/v1/keys", bearer(reader.secret))).status).toBe(403);
    expect((await ask("/api/v1/events", bearer(ingest.secret))).status).toBe(403);
    expect((await ask("/api/v1/events", bearer(reader.secret))).status).toBe(200);
  });

  it.each(["nonsense", "", "vdt_aaaaaaaaaa_b", "x".repeat(5_000)])(
    "is not who sends %j, even while open",
    async (secret) => {
      const { ask } = await start();
      expect((await ask("/api/v1/events", { headers: { authorization: `Bearer ${secret}` } })).status).toBe(
        401,
      );
    },
  );

  it("is no page of another site: neither by a rebound name nor by a form", async () => {
    const { ask, post } = await start();
    const rebound = await ask("/api/v1/events", { headers: { host: "evil.example" } });
    expect(rebound.status).toBe(421);
    for (const host of ["127.0.0.1:80", "[::1]:80", "LOCALHOST"])
      expect((await ask("/api/v1/events", { headers: { host } })).status).toBe(200);
    const key = { name: "x", scopes: ["admin"] };
    expect((await post(key, { origin: "https://evil.example" })).status).toBe(403);
    expect((await post(key, { "content-type": "text/plain" })).status).toBe(400);
    expect((await post(key, { origin: "http://localhost:8080" })).status).toBe(201);
  });
});

describe("keys", () => {
  it("are shown once, listed without their secret, and revoked", async () => {
    const { ask, post } = await start();
    const made = await post({ name: "one", scopes: ["admin"] });
    const auth = bearer(String(made.body["secret"]));
    const listed = await ask("/api/v1/keys", auth);
    expect(listed.text).not.toContain(String(made.body["secret"]));
    expect(listed.body["items"]).toMatchObject([{ name: "one", scopes: ["admin"] }]);
    expect((await ask(`/api/v1/keys/${String(made.body["id"])}`, { ...auth, method: "DELETE" })).status).toBe(
      204,
    );
    expect((await ask("/api/v1/keys", auth)).status).toBe(401);
  });

  it.each([
    [{ name: "a", scopes: ["read"] }, "admin"],
    [{ name: "", scopes: ["admin"] }, "name"],
    [{ name: "a", scopes: ["god"] }, "scopes"],
    [{ name: "a", scopes: ["admin"], expires: "x" }, "expires"],
    [{ name: "a", scopes: ["admin"], expiresAt: "2020-01-01T00:00:00Z" }, "expired"],
    ["{", ""],
    ["x".repeat(20_000), "bytes"],
  ])("are not made of %j", async (body, word) => {
    const { post, keys } = await start();
    const answer = await post(body);
    expect([400, 413]).toContain(answer.status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.text).toContain(word);
    expect(await keys.any()).toBe(false);
  });
});

describe("answers", () => {
  it("carry strict headers, whatever they are", async () => {
    const { ask } = await start();
    for (const path of [
      "/api/v1/events",
      "/nothing",
      "/healthz",
      "/docs",
      "/openapi.json",
      "/api/v1/events?x=1",
    ]) {
      const { headers } = await ask(path);
      expect(headers.get("content-security-policy"), path).toMatch(/default-src 'none'.*script-src 'self'/);
      expect(headers.get("content-security-policy"), path).not.toContain("unsafe-inline");
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("access-control-allow-origin"), path).toBeNull();
    }
  });

  it.each([
    ["/api/v1/events?limt=5", { parameter: "limt", suggestion: "limit" }],
    ["/api/v1/events/histogram?intervall=5m", { parameter: "intervall", suggestion: "interval" }],
    ["/api/v1/events/top", { parameter: "field" }],
    ["/api/v1/events?limit=1001", { parameter: "limit" }],
    ["/api/v1/events?limit=-1", { parameter: "limit" }],
    ["/api/v1/events?order=up", { parameter: "order" }],
    ["/api/v1/events?cursor=abc", { parameter: "cursor" }],
    ["/api/v1/events/histogram?interval=1s&from=-30d", { parameter: "interval" }],
    ["/api/v1/events/histogram?by=severty", { parameter: "by", suggestion: "severity" }],
    ["/api/v1/alerts?status=opn", { parameter: "status", suggestion: "open" }],
    ["/api/v1/stats?x=1", { parameter: "x" }],
    [`/api/v1/events?${"filter=dataType:a&".repeat(40)}`, { parameter: "filter" }],
  ])("name the mistake of %s", async (path, fault) => {
    const { ask } = await start();
    const answer = await ask(path);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toMatchObject({ status: 400, ...fault });
  });

  it("say what does not exist and which method fits", async () => {
    const { ask } = await start();
    expect((await ask("/api/v1/nothing")).status).toBe(404);
    const wrong = await ask("/api/v1/events", { method: "POST" });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET");
  });

  it.each([
    ["159", 422],
    ["241", 422],
    ["394", 499],
    ["47", 500],
  ])("turn ClickHouse code %s into %i", async (code, status) => {
    const cause = Object.assign(new Error("secret detail"), { code });
    const error = new VedetteError("store.rejected", "no", { verdict: "drop" }, { cause });
    const { ask, log } = await start({ store: { query: () => Promise.reject(error) } });
    const answer = await ask("/api/v1/events");
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain("secret detail");
    expect(log.lines.filter((line) => line.level === "error").length).toBe(status === 500 ? 1 : 0);
  });

  it("ask to come back when the store is away", async () => {
    const error = new VedetteError("store.unavailable", "It starts.", { verdict: "retry" });
    const { ask } = await start({ store: { query: () => Promise.reject(error) } });
    const answer = await ask("/api/v1/events");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("2");
  });

  it("are refused to a client that asks too often, and only to that one", async () => {
    const { ask, keys, clock } = await start();
    const [one, two] = [
      await keys.create({ name: "a", scopes: ["read"] }),
      await keys.create({ name: "b", scopes: ["read"] }),
    ];
    const statuses: number[] = [];
    for (let i = 0; i < 160; i++) statuses.push((await ask("/api/v1/events", bearer(one.secret))).status);
    expect(statuses.filter((status) => status === 429).length).toBe(10);
    expect((await ask("/api/v1/events", bearer(two.secret))).status).toBe(200);
    clock.advance(1_000);
    expect((await ask("/api/v1/events", bearer(one.secret))).status).toBe(200);
  });

  it("are refused beyond a number of questions at the same time", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { ask } = await start({ store: { query: () => gate.then(() => []) } });
    const asked = Array.from({ length: 26 }, () => ask("/api/v1/events"));
    await Promise.race(asked);
    release();
    const statuses = (await Promise.all(asked)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 429).length).toBe(2);
  });

  it("tell whether the collector is ready, and why not", async () => {
    const { ask } = await start({ unready: () => Promise.resolve("The engine starts.") });
    expect(await ask("/readyz")).toMatchObject({ status: 503, body: { reason: "The engine starts." } });
  });
});

describe("the OpenAPI document", () => {
  it("holds every route, and every route it holds answers", async () => {
    const { ask, app } = await start();
    const { paths } = (await ask("/openapi.json")).body as { paths: Record<string, Record<string, unknown>> };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = app.routes
      .filter(
        ({ method, path }) =>
          method !== "ALL" && path.startsWith("/api/v1/") && !path.endsWith("openapi.json"),
      )
      .map(({ method, path }) => `${method} ${path.slice("/api/v1".length).replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(described.toSorted()).toEqual([...new Set(served)].toSorted());
    for (const each of described) {
      const [method = "", path = ""] = each.split(" ");
      if (path === "/events/tail") continue;
      const answer = await ask(`/api/v1${path.replace("{id}", "x")}`, { method });
      expect(answer.status, each).not.toBe(405);
    }
  });

  it("is printed as a page without scripts", async () => {
    const { ask } = await start();
    const { text } = await ask("/docs");
    expect(text).toContain("/events/histogram");
    expect(text).not.toMatch(/<script|style=|https?:/);
  });
});
