import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redactor } from "@vedette/core/telemetry";
import { credential, defineConnection } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { testConnections } from "../connections/testing/index.ts";
import { apiKeys, type ControlDatabase, openControlDatabase, readAudit } from "../control/index.ts";
import { createApi } from "./api.ts";
import { TailBus } from "./live/index.ts";

const settings = z.strictObject({
  url: z.url().meta({ title: "Address" }),
  login: credential.usernamePassword(),
  extra: z.record(z.string(), credential.password()).default({}),
  retries: z.int().min(0).max(9).default(3),
});
/** Proves its credentials over the network, and talks too much when it cannot. */
const tickets = defineConnection({
  title: "Ticket system",
  description: "Needs a user that may read.",
  settings,
  async test({ url, login }, { egress, signal }) {
    const basic = Buffer.from(`${login.username}:${login.password}`).toString("base64");
    const answer = await egress.fetch(url, { headers: { authorization: `Basic ${basic}` }, signal });
    if (answer.status === 401) throw new Error(`${login.username}:${login.password} refused; sent ${basic}`);
    return { status: "healthy", message: `Logged in, ${encodeURIComponent(login.password)} works.` };
  },
});

let server: Server;
let url = "";
const seen: string[] = [];
const root = mkdtempSync(join(tmpdir(), "api-connections-"));
const databases: ControlDatabase[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    const { authorization = "" } = request.headers;
    seen.push(Buffer.from(authorization.slice(6), "base64").toString());
    response.statusCode = seen.at(-1)!.startsWith("good:") ? 200 : 401;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => Promise.all(databases.splice(0).map((each) => each.destroy())));
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true, force: true });
});

async function start(allow: string[] = ["127.0.0.1"]) {
  const control = await openControlDatabase({ kind: "sqlite", dir: mkdtempSync(join(root, "at-")) });
  databases.push(control);
  const clock = manualClock();
  const log = recordingLogger();
  const redactor = new Redactor();
  const plugins = [{ id: "tickets", connections: { basic: tickets } }];
  const keys = apiKeys(control, clock);
  const app = createApi({
    ...{ store: { query: () => Promise.resolve([]) }, keys, tail: new TailBus(clock), clock, log },
    connections: testConnections(control, { clock, log, plugins, allow, redactor }),
    redact: redactor.text,
    plugins: () => undefined,
    status: () => ({
      ...{ version: "0.1.0", startedAt: "2026-01-01T00:00:00Z", agents: [], databases: [] },
      engine: { kind: "embedded", state: "running" },
    }),
    ...{ unready: () => Promise.resolve(undefined), metrics: () => "", loopback: true },
  });
  const answers: string[] = [];
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await app.request(`/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        host: "localhost:8600",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    const text = await response.text();
    answers.push(text);
    return {
      status: response.status,
      body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  };
  const kind = { plugin: "tickets", kind: "basic" };
  const good = { url, login: { username: "good", password: "pass-word-1" } };
  return { ask, kind, good, keys, log, control, answers };
}

describe("connections through the API", () => {
  it("describe their kinds so that a page can ask for what is needed", async () => {
    const { ask, kind } = await start();
    const { body } = await ask("GET", "/connection-types");
    expect(body["items"]).toMatchObject([
      {
        ...{ ...kind, title: "Ticket system", testable: true, secrets: ["login.password", "extra.*"] },
        schema: {
          required: ["url", "login"],
          additionalProperties: false,
          properties: {
            url: { title: "Address", format: "uri" },
            login: {
              vedette: { credential: "username_password" },
              properties: { password: { vedette: { secret: true, setting: { type: "password" } } } },
            },
            retries: { default: 3, maximum: 9 },
          },
        },
      },
    ]);
  });

  it("are made, shown, changed with their secrets kept, tested and removed", async () => {
    const { ask, kind, good, log, control } = await start();
    const made = await ask("POST", "/connections", { name: "prod", ...kind, settings: good });
    expect(made).toMatchObject({ status: 201, body: { name: "prod", version: 1 } });
    expect(made.body["settings"]).toEqual({ url, login: { username: "good", password: { set: true } } });
    const changed = await ask("PUT", "/connections/prod", {
      version: 1,
      settings: { ...(made.body["settings"] as object), retries: 5 },
    });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, settings: { retries: 5 } } });
    seen.length = 0;
    expect((await ask("POST", "/connections/prod/test")).body).toEqual({
      ...{ status: "healthy", message: "Logged in, [redacted] works." },
    });
    expect(seen).toEqual(["good:pass-word-1"]);
    const { body } = await ask("GET", "/connections/prod");
    expect(body["test"]).toMatchObject({ status: "healthy", current: true });
    expect((await ask("GET", "/connections")).body["items"]).toEqual([body]);
    expect((await ask("DELETE", "/connections/prod")).status).toBe(204);
    expect((await ask("GET", "/connections/prod")).status).toBe(404);
    expect(log.lines.map(({ message }) => message)).toEqual([
      ...["A connection was made.", "A connection was changed.", "A connection was tested."],
      "A connection was removed.",
    ]);
    expect(await readAudit(control, { limit: 10 })).toMatchObject([
      { action: "connection.remove", subject: "prod", detail: {} },
      { action: "connection.change", subject: "prod", detail: { ...kind, version: 2 } },
      { action: "connection.create", subject: "prod", detail: { ...kind, version: 1 } },
    ]);
  });

  it("are tested before they are stored, with the secrets of a stored one", async () => {
    const { ask, kind, good } = await start();
    await ask("POST", "/connections", { name: "prod", ...kind, settings: good });
    const open = { url, login: { username: "good" } };
    const unsaved = (more: object) => ask("POST", "/connections/test", { ...kind, ...more });
    expect((await unsaved({ settings: good })).body["status"]).toBe("healthy");
    expect((await unsaved({ settings: open, name: "prod" })).body["status"]).toBe("healthy");
    expect(await unsaved({ settings: open })).toMatchObject({
      status: 400,
      body: { parameter: "settings.login.password" },
    });
    const bad = await unsaved({ settings: { url, login: { username: "bad", password: "pass-word-2" } } });
    expect(bad.body).toEqual({ status: "error", message: "[redacted] refused; sent [redacted]" });
  });

  it("do not reach this machine unless the configuration allows it", async () => {
    const { ask, kind, good } = await start([]);
    seen.length = 0;
    for (const each of [url, url.replace("127.0.0.1", "localhost")]) {
      const { body } = await ask("POST", "/connections/test", { ...kind, settings: { ...good, url: each } });
      expect(body).toMatchObject({
        status: "error",
        message: expect.stringContaining("collector.egress.allow"),
      });
    }
    expect(seen).toEqual([]);
  });

  it.each([
    ["an unknown setting", { settings: { urll: "x" } }, 400, "settings.urll"],
    ["a wrong type", { settings: { retries: "x" } }, 400, "settings.retries"],
    [
      "a secret of the wrong type",
      { settings: { login: { username: "u", password: 5 } } },
      400,
      "settings.login.password",
    ],
    [
      "an empty secret",
      { settings: { login: { username: "u", password: "" } } },
      400,
      "settings.login.password",
    ],
    [
      "a secret to keep where none is",
      { settings: { extra: { a: { set: true } } } },
      400,
      "settings.extra.a",
    ],
    ["a bad name", { name: "../x" }, 400, "name"],
    ["an unknown kind", { kind: "none" }, 404, undefined],
    ["an unknown key", { extra: 1 }, 400, "extra"],
    ["a name that is taken", { name: "taken" }, 409, undefined],
  ])("refuse %s, naming it", async (_, over, status, parameter) => {
    const { ask, kind, good } = await start();
    await ask("POST", "/connections", { name: "taken", ...kind, settings: good });
    const { settings: more = {}, ...rest } = over as { settings?: object };
    const answer = await ask("POST", "/connections", {
      ...{ name: "new", ...kind, settings: { ...good, ...more }, ...rest },
    });
    expect(answer).toMatchObject({ status, body: parameter === undefined ? {} : { parameter } });
  });

  it("are changed by one at a time", async () => {
    const { ask, kind, good } = await start();
    await ask("POST", "/connections", { name: "prod", ...kind, settings: good });
    const put = (version: number) => ask("PUT", "/connections/prod", { version, settings: good });
    const both = await Promise.all([put(1), put(1)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await put(1)).body["detail"]).toContain("version 2 by now, not 1");
    expect((await ask("PUT", "/connections/none", { version: 1, settings: good })).status).toBe(404);
  });

  it("say which secret cannot be opened, and take it anew", async () => {
    const { ask, kind, good, control } = await start();
    await ask("POST", "/connections", { name: "prod", ...kind, settings: good });
    await ask("POST", "/connections", { name: "other", ...kind, settings: good });
    const { sealed } = await control
      .selectFrom("connections")
      .select("sealed")
      .where("name", "=", "other")
      .executeTakeFirstOrThrow();
    await control.updateTable("connections").set({ sealed }).where("name", "=", "prod").execute();
    const { body } = await ask("POST", "/connections/prod/test");
    expect(body).toMatchObject({
      status: "error",
      message: expect.stringContaining('"connection/prod/login.password" cannot be opened'),
    });
    const kept = await ask("PUT", "/connections/prod", {
      version: 1,
      settings: { url, login: { username: "good" } },
    });
    expect(kept).toMatchObject({ status: 400, body: { parameter: "settings.login.password" } });
    expect((await ask("PUT", "/connections/prod", { version: 1, settings: good })).status).toBe(200);
  });

  it("are for keys with the scope admin, and for pages of this collector", async () => {
    const { ask, keys, kind, good } = await start();
    const body = { name: "prod", ...kind, settings: good };
    expect((await ask("POST", "/connections", body, { origin: "https://evil.example" })).status).toBe(403);
    expect((await ask("POST", "/connections", body, { "content-type": "text/plain" })).status).toBe(400);
    const read = await keys.create({ name: "r", scopes: ["read", "ingest"] });
    const admin = await keys.create({ name: "a", scopes: ["admin"] });
    for (const path of ["/connections", "/connections/x", "/connection-types"])
      expect((await ask("GET", path, undefined, { "x-api-key": read.secret })).status).toBe(403);
    expect((await ask("POST", "/connections/x/test", undefined, { "x-api-key": read.secret })).status).toBe(
      403,
    );
    expect((await ask("GET", "/connections", undefined, { "x-api-key": admin.secret })).status).toBe(200);
  });

  it("never give a secret away, whatever is asked, in any answer or log line", async () => {
    const secret = fc.string({ unit: "grapheme", minLength: 6, maxLength: 40 }).map((text) => `~${text}~`);
    const { ask, kind, log, answers, control } = await start();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(secret, secret, fc.boolean(), async (password, token, fits) => {
        const name = `c${count++}`;
        const sent = {
          ...{ url, login: { username: "bad", password }, extra: { [`k${count}`]: token } },
          ...(fits ? {} : { retries: token }),
        };
        await ask("POST", "/connections", { name, ...kind, settings: sent });
        await ask("POST", "/connections/test", { ...kind, settings: sent });
        await ask("POST", `/connections/${name}/test`);
        await ask("GET", `/connections/${name}`);
        await ask("PUT", `/connections/${name}`, { version: 7, settings: sent });
        await ask("PUT", `/connections/${name}`, {
          version: 1,
          settings: { url, login: { username: "other" } },
        });
        const all = [
          ...answers.splice(0),
          JSON.stringify(log.lines.splice(0)),
          JSON.stringify(await control.selectFrom("connections").selectAll().execute()),
        ];
        await ask("DELETE", `/connections/${name}`);
        const forms = [password, token].flatMap((each) => [
          ...[each, JSON.stringify(each).slice(1, -1), encodeURIComponent(each)],
          Buffer.from(`bad:${each}`).toString("base64"),
        ]);
        for (const text of all) for (const form of forms) expect(text).not.toContain(form);
      }),
      { numRuns: 40 },
    );
  });
});
