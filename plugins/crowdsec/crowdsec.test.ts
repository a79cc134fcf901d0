import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ActionRequest, EmittedEvent, PluginContext } from "@vedette/sdk";
import { TestAuthority } from "@vedette/sdk/testing";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { channelDeps } from "../_channel/testing/loopback.ts";
import { collectDecisions } from "./collect.ts";
import { millisecondsOf, targetOf } from "./decision.ts";
import { crowdsec } from "./index.ts";
import { Lapi, lapi } from "./lapi.ts";
import { type Settings, settings } from "./settings.ts";
import { FakeLapi } from "./testing/fake-lapi.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp(more: object = {}, given: Partial<Settings> = {}, tls?: { cert: Buffer; key: Buffer }) {
  const fake = await new FakeLapi(tls).start();
  cleanups.push(() => fake.loopback.stop());
  const clock = { now: () => fake.now };
  const connectionSettings = lapi.settings.parse({
    ...{ url: fake.url, machine: fake.machine, bouncer: { secretKey: fake.key }, ...more },
  });
  const client = new Lapi(connectionSettings, { ...channelDeps(), clock });
  const kept = new Map<string, unknown>();
  const emitted: EmittedEvent[] = [];
  const backlogs: unknown[] = [];
  const faults: Error[] = [];
  const context = (ms = 60_000): PluginContext<Settings> =>
    ({
      ...{ settings: settings.parse({ enabled: true, connection: "main", ...given }), clock },
      ...{ signal: AbortSignal.timeout(ms), connection: async () => client },
      state: {
        get: async (key: string) => structuredClone(kept.get(key)),
        set: async (key: string, value: unknown) => void kept.set(key, structuredClone(value)),
      },
      emit: async (...events: EmittedEvent[]) => {
        const fault = faults.shift();
        if (fault) throw fault;
        emitted.push(...events);
      },
      backlog: (left: unknown) => backlogs.push(left),
    }) as never;
  const request = (value: string, id = "run-1", extra: Partial<ActionRequest> = {}): ActionRequest => ({
    ...{ id, action: "security.ban", target: { type: value.includes("/") ? "cidr" : "ip", value } },
    ...{
      parameters: {},
      reason: `ssh brute force (rule ssh, ${id})`,
      expiresAt: fake.now + 3_600_000,
      ...extra,
    },
  });
  const action = crowdsec.action!;
  return {
    ...{ fake, client, emitted, backlogs, faults, context },
    ban: (value: string, id?: string, extra?: Partial<ActionRequest>, ms?: number) =>
      action.execute(request(value, id, extra), context(ms)),
    unban: (value: string) => action.execute(request(value, "x", { action: "security.unban" }), context()),
    lift: (value: string, id?: string) => action.undo!({ ...request(value, id), undo: {} }, context()),
    list: () => allOf(action.list!("security.ban", context()) as AsyncIterable<unknown>),
    collect: async () => void (await allOf(collectDecisions(context(), 0))),
  };
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const caught = async (
  work: Promise<unknown>,
): Promise<Error & { code?: string; verdict?: { afterMs?: number } }> =>
  work.then(
    () => expect.unreachable("It did not fail."),
    (error: unknown) => error as Error,
  );

const html = (response: ServerResponse): void => void response.end("<html>Welcome to nginx!</html>");
const status =
  (code: number, headers = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end('{"message":"later"}');
const cut = (response: ServerResponse): void => {
  response.writeHead(201, { "content-length": "100" });
  response.write('["1');
  setTimeout(() => response.destroy(), 20);
};

describe("bans over the local API", () => {
  it("makes, shows and lifts a decision that bears the mark of its action", async () => {
    const { fake, ban, lift, list } = await setUp();
    fake.add("45.9.148.9");
    fake.add("45.9.148.7", { scenario: "crowdsecurity/http-probing" });
    expect(await ban("45.9.148.7")).toMatchObject({ message: "CrowdSec bans 45.9.148.7." });
    const [pushed] = fake.asked(/^POST \/v1\/alerts$/);
    expect(JSON.parse(pushed!.body)).toMatchObject([
      {
        source: { scope: "Ip", value: "45.9.148.7", ip: "45.9.148.7" },
        decisions: [
          { duration: "3600s", type: "ban", scenario: "vedette: ssh brute force (rule ssh) (action #run-1)" },
        ],
      },
    ]);
    expect(await list()).toContainEqual({
      ...{ target: { type: "ip", value: "45.9.148.7" }, id: "run-1" },
      ...{ expiresAt: fake.now + 3_600_000, origin: "cscli" },
    });
    expect(await lift("45.9.148.7")).toEqual({ message: "Lifted one decision." });
    expect(await lift("45.9.148.7")).toEqual({ message: "CrowdSec has no such decision any more." });
    // What CrowdSec found by itself stays.
    expect(await list()).toHaveLength(2);
    expect(fake.logins).toBe(1);
  });

  it("bans ranges, and lifts everything of a target where that is asked for", async () => {
    const { fake, ban, unban, list } = await setUp();
    await ban("2a0a:4cc0::/64", "r");
    expect(fake.decisions[0]).toMatchObject({ scope: "Range", value: "2a0a:4cc0::/64" });
    fake.add("2a0a:4cc0::/64");
    expect(await unban("2a0a:4cc0::/64")).toEqual({ message: "Lifted 2 decisions." });
    expect(await list()).toEqual([]);
  });

  it("logs in again before a token ends, and when it was forgotten", async () => {
    const { fake, list } = await setUp();
    await list();
    fake.now += fake.tokenMs - 30_000;
    await list();
    expect(fake.logins).toBe(2);
    fake.forgetTokens();
    await list();
    expect(fake.logins).toBe(3);
  });

  it.each<[string, (response: ServerResponse) => void, string | undefined, RegExp]>([
    ["429", status(429, { "retry-after": "7" }), "action.unavailable", /429: later/],
    ["503", status(503), "action.unavailable", /503/],
    ["500", status(500), undefined, /500: later. Nobody knows/],
    ["400", status(400), "action.refused", /400/],
    [
      "a redirect to this machine",
      status(302, { location: "http://127.0.0.1:1/" }),
      "action.refused",
      /redirects/,
    ],
    ["a page of HTML", html, undefined, /page of HTML/],
    ["half an answer", cut, undefined, /Nobody knows/],
    ["nothing, and closes", (response) => void response.destroy(), undefined, /Nobody knows/],
    ["nothing in time", () => undefined, undefined, /Nobody knows/],
  ])("tells what it means that a ban is answered with %s", async (_, fault, code, message) => {
    const { fake, ban } = await setUp();
    fake.failNext(/^POST \/v1\/alerts/, fault);
    const error = await caught(ban("45.9.148.7", "run-1", {}, 500));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    if (message.source.startsWith("429")) expect(error.verdict).toEqual({ verdict: "retry", afterMs: 7_000 });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["500", status(500)],
    ["a page of HTML", html],
    ["half an answer", cut],
  ])("takes %s to what only reads as nothing done", async (_, fault) => {
    const { fake, list } = await setUp();
    fake.failNext(/^GET \/v1\/alerts/, fault);
    expect((await caught(list())).code).toBe("action.unavailable");
  });

  it("does not ban twice what was done before its answer was lost", async () => {
    const { fake, ban } = await setUp();
    fake.failNext(/^POST \/v1\/alerts/, cut, true);
    expect((await caught(ban("45.9.148.7"))).code).toBeUndefined();
    await ban("45.9.148.7", "run-1", { attempt: 2 });
    expect(fake.decisions).toHaveLength(1);
    await ban("45.9.148.8", "run-2", { attempt: 2 });
    expect(fake.decisions).toHaveLength(2);
  });

  it("refuses for good what no other attempt would change", async () => {
    const wrong = await setUp({ machine: { username: "vedette", password: "wrong" } });
    expect(await caught(wrong.ban("45.9.148.7"))).toMatchObject({
      code: "action.refused",
      message: /refuses the machine/,
    });
    const none = await setUp({ machine: undefined });
    expect(await caught(none.ban("45.9.148.7"))).toMatchObject({ code: "action.refused" });
    expect(await caught(none.ban("45.9.148.7", "x", { expiresAt: 0 }))).toMatchObject({
      code: "action.refused",
    });
    const gone = await setUp();
    await gone.fake.loopback.stop();
    expect(await caught(gone.ban("45.9.148.7"))).toMatchObject({ code: "action.unavailable" });
  });

  it("speaks TLS to whom it trusts only", async () => {
    const dir = mkdtempSync(join(tmpdir(), "vedette-lapi-"));
    cleanups.push(() => rmSync(dir, { recursive: true }));
    const authorities = new TestAuthority(dir);
    const { certFile, keyFile } = authorities.issue("lapi");
    const server = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    const authority = readFileSync(authorities.caFile, "utf8");
    const trusting = await setUp({ authority }, {}, server);
    expect(await trusting.client.check()).toBe("The local API knows the machine and the bouncer.");
    const doubting = await setUp({}, {}, server);
    expect(await caught(doubting.ban("45.9.148.7"))).toMatchObject({ code: "action.unavailable" });
    expect(doubting.fake.loopback.seen).toEqual([]);
  });

  it.each([
    ["http://crowdsec:8080", false],
    ["https://crowdsec:8080", true],
    ["http://127.0.0.1:8080", true],
    ["http://[::1]:8080", true],
    ["https://user:pass@crowdsec", false],
    ["https://crowdsec/?a=b", false],
    ["file:///etc/passwd", false],
  ])("takes the address %s: %s", (url, good) => {
    expect(lapi.settings.safeParse({ url }).success).toBe(good);
  });
});

describe("decisions as events", () => {
  it("stores each once, through restarts and answers that were lost", async () => {
    const { fake, emitted, collect, faults, context } = await setUp();
    fake.add("45.9.148.1");
    fake.add("45.9.149.0/24", { scenario: "vedette: x (action #run-9)", origin: "cscli" });
    fake.add("45.9.148.3", { origin: "CAPI" });
    await collect();
    expect(emitted).toMatchObject([
      { eventType: "security.ban", origin: { ip: "45.9.148.1" }, log: { decisionId: 1, duration: "14400s" } },
      { eventType: "security.ban", origin: { cidr: "45.9.149.0/24" }, log: { actionId: "run-9" } },
    ]);
    fake.now += 10_000;
    fake.add("45.9.148.4");
    fake.failNext(/stream\?startup=false/, (response) => cut(response), true);
    await expect(collect()).rejects.toThrow();
    fake.now += 10_000;
    faults.push(new Error("The store is away."));
    await expect(collect()).rejects.toThrow("away");
    fake.now += 10_000;
    await collect();
    expect(fake.asked(/startup=true/)).toHaveLength(3);
    expect(emitted.map(({ origin }) => origin?.ip ?? origin?.["cidr" as never])).toEqual([
      ...["45.9.148.1", "45.9.149.0/24", "45.9.148.4"],
    ]);
    fake.now += 10_000;
    fake.decisions[0]!.until = fake.now;
    await collect();
    expect(emitted.at(-1)).toMatchObject({ eventType: "security.unban", origin: { ip: "45.9.148.1" } });
    expect(new Set(emitted.map(({ id }) => id)).size).toBe(emitted.length);
    expect(context().signal.aborted).toBe(false);
  });

  it("takes lower numbers of a new database as new", async () => {
    const { fake, emitted, collect } = await setUp();
    for (let at = 0; at < 5; at++) fake.add(`45.9.148.${at}`);
    await collect();
    fake.reset();
    fake.now += 10_000;
    fake.add("45.9.148.100");
    await collect();
    expect(emitted).toHaveLength(6);
  });

  it("takes many in parts", async () => {
    const { fake, emitted, backlogs, collect } = await setUp();
    for (let at = 0; at < 5_100; at++) fake.add(`45.${at >> 8}.${at & 255}.1`);
    await collect();
    expect([emitted.length, backlogs]).toEqual([5_000, [{ more: true }]]);
    await collect();
    expect(emitted).toHaveLength(5_100);
    await collect();
    expect(emitted).toHaveLength(5_100);
  });

  it("reads durations of Go and scopes of any case", () => {
    expect(["3h59m58.5s", "1m0s", "250ms", "-2h", "4h", "x", "", "1h x"].map(millisecondsOf)).toEqual([
      ...[14_398_500, 60_000, 250, -7_200_000, 14_400_000, undefined, undefined, undefined],
    ]);
    expect(targetOf({ scope: "ip", value: "::ffff:45.9.148.7" })).toEqual({
      type: "ip",
      value: "45.9.148.7",
    });
    expect(targetOf({ scope: "Country", value: "DE" })).toBeUndefined();
    expect(targetOf({ scope: "Ip", value: "45.9.148.07" })).toBeUndefined();
  });
});

describe("CrowdSec through its command", () => {
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const dir = mkdtempSync(join(tmpdir(), "vedette-cscli-"));
  const log = join(dir, "argv");
  const cscli = (script: string): Partial<Settings> => {
    const path = join(dir, "cscli");
    writeFileSync(path, `#!/bin/sh\nprintf '%s|' "$@" >> ${log}; echo >> ${log}\n${script}\n`);
    chmodSync(path, 0o755);
    cleanups.push(() => rmSync(log, { force: true }));
    return { transport: "cscli", cscliPath: path };
  };
  const argv = (): string[] => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
  const listed = JSON.stringify([
    {
      id: 3,
      decisions: [
        ...["crowdsec", "vedette: x (action #run-1)"].map((scenario, at) => ({
          ...{
            duration: "3h59m",
            id: 40 + at,
            origin: "cscli",
            scenario,
            scope: "Ip",
            type: "ban",
            value: "45.9.148.7",
          },
        })),
      ],
    },
  ]);

  it("gives arguments, whatever the reason holds, and lifts what bears the mark", async () => {
    const { ban, lift, list } = await setUp({}, cscli(`[ "$2" = list ] && echo '${listed}'; true`));
    await ban("45.9.148.7", "run-1", { reason: "$(reboot); `id` \n --type captcha" });
    expect(argv()).toEqual([
      "decisions|add|--ip|45.9.148.7|--duration|3600s|--type|ban|--reason|vedette: $(reboot); `id` --type captcha (action #run-1)|-o|json|",
    ]);
    expect(await list()).toHaveLength(2);
    expect(await lift("45.9.148.7")).toEqual({ message: "Lifted one decision." });
    expect(argv().at(-1)).toBe("decisions|delete|--id|41|-o|json|");
  });

  it("stores what it lists once", async () => {
    const { emitted, collect } = await setUp({}, cscli(`echo '${listed}'`));
    await collect();
    await collect();
    expect(emitted).toHaveLength(2);
  });

  it.each([
    ["is not there", "exit 0", "/nowhere/cscli", "action.unavailable"],
    [
      "cannot reach the local API",
      "echo 'dial tcp 127.0.0.1:8080: connect: connection refused' >&2; exit 1",
      "",
      "action.unavailable",
    ],
    [
      "is not allowed to",
      "echo 'level=fatal msg=\"403 access forbidden\"' >&2; exit 1",
      "",
      "action.refused",
    ],
    ["fails and does not say why", "exit 1", "", undefined],
    ["is killed", "kill -9 $$", "", undefined],
    ["hangs", "exec sleep 60", "", undefined],
  ])("tells what it means that it %s", async (_, script, path, code) => {
    const made = cscli(script);
    const { ban } = await setUp({}, path === "" ? made : { ...made, cscliPath: path });
    expect((await caught(ban("45.9.148.7", "run-1", {}, 500))).code).toBe(code);
  });

  it("takes a page for no list", async () => {
    const { list } = await setUp({}, cscli("echo '<html>'"));
    expect((await caught(list())).code).toBe("action.unavailable");
  });
});
