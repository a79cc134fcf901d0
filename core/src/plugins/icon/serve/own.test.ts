import { definePlugin } from "@vedette/sdk";
import { testDeps } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { HttpTransport, httpDefaults } from "../http/client.ts";
import { HostedPlugin } from "../run/hosted.ts";
import { openIconServer } from "./open.ts";
import { ownPlugin } from "./own.ts";
import { stdioVerb } from "./stdio.ts";

const opened: string[] = [];
const closed: string[] = [];
const done: object[] = [];

const mine = definePlugin({
  id: "my-shield",
  name: "My Shield",
  version: "2.1.0",
  description: "Knows addresses and bans them",
  apiVersion: 1,
  settings: z.strictObject({
    name: z.string().max(20).default("main").describe("Which shield"),
    pages: z.int().min(1).max(9).default(2),
  }),
  locales: {
    en: { "shield.note": "Note", "shield.ban.duration": "Duration" },
    de: { "shield.note": "Notiz", "shield.ban.duration": "Dauer" },
  },
  enrich: {
    from: "ip",
    to: ["reason"],
    open: async ({ name }) => {
      opened.push(name);
      return {
        lookup: (value) => (value === "203.0.113.7" ? { reason: `scanner of ${name}` } : undefined),
        close: async () => void closed.push(name),
      };
    },
  },
  action: {
    actions: [
      { name: "shield.note", targets: ["ip", "host"], critical: false },
      {
        name: "shield.ban",
        targets: ["ip"],
        critical: true,
        parameters: [{ name: "duration", options: ["hour", "day"], default: "hour" }],
      },
    ],
    validate: ({ target }) => {
      if (target.value === "127.0.0.1") throw new Error("This address is never touched.");
    },
    execute: async ({ action, target, parameters }, { settings: { name }, log }) => {
      log.info({}, "Doing it.");
      done.push({ action, target, parameters });
      return { message: `${action} of ${target.value} on ${name}` };
    },
  },
  collect: {
    collect: async ({ state, settings: { pages }, backlog }) => {
      const page = ((await state.get<number>("page")) ?? 0) + 1;
      await state.set("page", page);
      backlog({ more: page < pages });
      return [{ raw: `page ${page}` }];
    },
  },
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const options = { signal: new AbortController().signal };

async function served(dangerouslyServeCriticalActions = false) {
  const own = ownPlugin(mine, testDeps(), { dangerouslyServeCriticalActions });
  const server = await openIconServer(own.plugin, own.specText, 0, options.signal);
  closing.push(server.close, own.close);
  // Asked by our own client: what one side says the other understands.
  const client = new HostedPlugin(own.plugin.spec, new HttpTransport({ ...httpDefaults, url: server.url }));
  const get = async (path: string): Promise<unknown> => (await fetch(`${server.url}/api/v1${path}`)).json();
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { client, get, post };
}

const lookup = { kind: "action" as const, id: "lookup", input: { value: "203.0.113.7" }, connection: {} };
const message = (body: object, type = "action_start") => ({ version: "v1", type, body });

describe("a plugin of ours, served as one of theirs", () => {
  it("has an action for each that it can do, and for looking up; critical ones only where that was asked for", async () => {
    const { get } = await served();
    expect(await get("/actions")).toEqual(["shield_note", "lookup"]);
    expect(await get("/tasks")).toEqual(["collect"]);
    expect(await (await served(true)).get("/actions")).toEqual(["shield_note", "shield_ban", "lookup"]);
  });

  it("describes itself", async () => {
    const { get } = await served(true);
    expect(await get("/info")).toMatchObject({ name: "my_shield", version: "2.1.0", number_of_actions: 3 });
    expect(await get("/actions/shield_ban")).toMatchObject({
      input: {
        required: ["target", "target_type"],
        properties: { duration: { enum: ["hour", "day"], default: "hour" } },
      },
      output: { required: ["message"] },
    });
    expect(await get("/connection")).toMatchObject({
      properties: { name: { type: "string", default: "main" }, pages: { type: "integer" } },
    });
    expect(await get("/api")).toMatchObject({
      swagger: "2.0",
      paths: { "/actions/lookup": { post: {} }, "/actions/lookup/test": {} },
    });
    expect(await get("/status")).toMatchObject({ status: "Ready" });
    expect(await get("/workers")).toEqual({ num_workers: 1 });
    expect(await get("/actions/nothing")).toMatchObject({ body: { status: "error" } });
  });

  it("looks up, and opens a connection once for its parameters", async () => {
    const { client } = await served();
    const [before, then] = [opened.length, closed.length];
    expect((await client.run(lookup, options)).output).toEqual({
      found: true,
      facts: { reason: "scanner of main" },
    });
    await client.run({ ...lookup, input: { value: "192.0.2.1" } }, options);
    await client.run({ ...lookup, connection: { name: "other" } }, options);
    expect(opened.slice(before)).toEqual(["main", "other"]);
    for (const close of closing.splice(0)) await close();
    expect(closed.slice(then)).toEqual(["main", "other"]);
  });

  it("acts, with its log, and refuses in its own words", async () => {
    const { client } = await served(true);
    const ban = {
      kind: "action" as const,
      id: "shield_ban",
      input: { target: "203.0.113.7", target_type: "ip" },
      connection: {},
    };
    const { output, log } = await client.run(ban, options);
    expect(output).toEqual({ message: "shield.ban of 203.0.113.7 on main" });
    expect(log).toContain("Doing it.");
    expect(done.at(-1)).toEqual({
      action: "shield.ban",
      target: { type: "ip", value: "203.0.113.7" },
      parameters: { duration: "hour" },
    });
    const own = { ...ban, input: { target: "127.0.0.1", target_type: "ip" } };
    await expect(client.run(own, options)).rejects.toMatchObject({
      detail: { cause: "This address is never touched." },
    });
  });

  it("gives what it collects as a task, its state being the cursor", async () => {
    const { client } = await served();
    const task = { kind: "task" as const, id: "collect", input: {}, connection: {} };
    const first = await client.run(task, options);
    expect(first).toMatchObject({
      output: [{ raw: "page 1" }],
      state: { page: 1 },
      hasMorePages: true,
      statusCode: 200,
    });
    const second = await client.run({ ...task, state: first.state! }, options);
    expect(second).toMatchObject({ output: [{ raw: "page 2" }], state: { page: 2 }, hasMorePages: false });
  });

  it("tests a connection", async () => {
    const { client, post } = await served();
    expect((await client.test(lookup, options)).output).toMatchObject({ success: true });
    expect((await post("/api/v1/connection/test", { connection: { name: "x" } })).status).toBe(200);
    expect((await post("/api/v1/connection/test", { connection: { name: 5 } })).status).toBe(400);
    expect((await post("/api/v1/connection/test", { connection: { unknown: "x" } })).status).toBe(400);
  });

  it("answers 400 for what the caller did wrong, and takes nothing from web pages", async () => {
    const { post } = await served();
    const good = message({ action: "lookup", input: { value: "x" }, meta: { jobId: "1" } });
    const answer = await post("/actions/lookup", good);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      version: "v1",
      type: "action_event",
      body: {
        status: "ok",
        meta: { jobId: "1" },
        log: expect.stringContaining("vedette/my_shield:2.1.0. Step name: lookup"),
      },
    });
    for (const [path, body] of [
      ["/actions/lookup", "no json"],
      ["/actions/lookup", { ...good, version: "v2" }],
      ["/actions/lookup", message({ action: 5 })],
      ["/actions/lookup", message({ action: "lookup", input: {} })],
      ["/actions/lookup", message({ action: "lookup", input: [] })],
      ["/actions/other", good],
      ["/tasks/lookup", good],
      ["/actions/nothing", message({ action: "nothing" })],
      ["/actions/shield_ban", message({ action: "shield_ban", input: { target: "x", target_type: "ip" } })],
      ["/triggers/any", message({ trigger: "any" }, "trigger_start")],
    ] as const)
      expect([path, (await post(path, body)).status]).toEqual([path, 400]);
    expect((await post("/elsewhere", {})).status).toBe(404);
    expect((await post("/actions/lookup", good, { origin: "https://example.com" })).status).toBe(403);
    expect((await post("/actions/lookup", good, { "content-type": "text/plain" })).status).toBe(415);
    expect((await post("/actions/lookup", "x".repeat(17 * 1024 * 1024))).status).toBe(413);
  });

  it("plays the program of a plugin over stdin and stdout", async () => {
    const { plugin, close } = ownPlugin(mine, testDeps(), { dangerouslyServeCriticalActions: false });
    closing.push(close);
    const call = async (verb: Parameters<typeof stdioVerb>[1], input: unknown, step?: string) => {
      let text = "";
      const io = {
        read: () => (typeof input === "string" ? input : JSON.stringify(input)),
        write: (more: string) => {
          text += more;
        },
        signal: options.signal,
      };
      return { code: await stdioVerb(plugin, verb, step, io), text };
    };
    expect((await call("info", "")).text).toContain("lookup  Say what is known of a value");
    const sample = await call("sample", "", "lookup");
    const run = await call("run", sample.text);
    expect(run.code).toBe(0);
    expect(JSON.parse(run.text)).toMatchObject({ body: { status: "ok", output: { found: true } } });
    expect((await call("test", sample.text)).code).toBe(0);
    expect(await call("run", "{")).toMatchObject({ code: 1 });
    expect(JSON.parse((await call("run", message({ action: "x" }))).text)).toMatchObject({
      body: { status: "error", error: 'There is no action "x".' },
    });
  });
});
