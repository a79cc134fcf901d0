import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { testConnections } from "../connections/testing/index.ts";
import { apiKeys } from "../control/index.ts";
import { closeAll, reaches, rig } from "../respond/actions/guarded/testing/rig.ts";
import { Blocklist } from "../respond/index.ts";
import { createApi } from "./api.ts";
import { TailBus } from "./live/index.ts";

afterEach(closeAll);

/** The API with the block lists of a collector whose actions are real. */
async function start() {
  const made = await rig();
  const { actions, database, clock } = made;
  const keys = apiKeys(database, manualClock());
  const log = recordingLogger();
  const app = createApi({
    ...{ store: { query: () => Promise.resolve([]) }, keys, tail: new TailBus(clock), clock, log, actions },
    ...{ loopback: false, blocklist: new Blocklist(database, clock) },
    connections: testConnections(database, { clock, log }),
    status: () => ({
      ...{ version: "0.1.0", startedAt: new Date(0).toISOString(), agents: [], databases: [] },
      engine: { kind: "embedded", state: "running" },
    }),
    unready: () => Promise.resolve(undefined),
    metrics: () => "",
    plugins: () => undefined,
  });
  const keyOf = async (...scopes: ("read" | "admin" | "ingest" | "feed")[]) =>
    (await keys.create({ name: scopes.join(), scopes })).secret;
  const feed = await keyOf("feed");
  const ban = async (value: string, ttlSeconds = 3_600, action = "blocklist/ban", reason = "Brute force") => {
    const { run } = await actions.run(made.ask(value, { action, ttlSeconds, reason }));
    await reaches(actions, run.id, "standing");
    return run.id;
  };
  const lift = async (id: string) => {
    await actions.ledger.lift(id, { by: "anna", id: "anna", person: true, reason: "Ours" });
    await reaches(actions, id, "lifted");
  };
  const get = (path: string, headers: Record<string, string> = { "x-api-key": feed }, method = "GET") =>
    app.request(path, { headers, method });
  const text = async (path: string) => (await get(`/api/v1/blocklists/${path}`)).text();
  const json = async (path: string): Promise<unknown> => (await get(path)).json();
  return { ...made, ban, lift, get, text, json, keyOf, feed };
}

describe("block lists that firewalls fetch", () => {
  it("hold what is banned now, each once, in order, and nothing whose time is over", async () => {
    const { ban, lift, text, json, clock } = await start();
    await ban("198.41.0.20");
    const lifted = await ban("198.41.0.4");
    await ban("198.41.0.3", 60);
    await ban("2a01:4f8::7");
    await ban("198.41.1.0/24", 3_600, "wall/security.ban");
    expect(await text("blocklist")).toBe("198.41.0.3\n198.41.0.4\n198.41.0.20\n2a01:4f8::/64\n");
    expect(await text("bans?family=4")).toBe("198.41.0.3\n198.41.0.4\n198.41.0.20\n198.41.1.0/24\n");
    expect(await text("blocklist?family=6")).toBe("2a01:4f8::/64\n");
    await lift(lifted);
    // Whether the collector has taken it back already or not.
    clock.advance(60_001);
    expect(await text("blocklist?family=4")).toBe("198.41.0.20\n");
    expect(await json("/api/v1/blocklists/blocklist?format=json&family=4")).toEqual({
      name: "blocklist",
      items: [
        {
          ...{ target: "198.41.0.20", reason: "Brute force", since: expect.stringMatching(/Z$/) },
          expiresAt: expect.stringMatching(/Z$/),
        },
      ],
    });
    expect(await json("/api/v1/blocklists")).toMatchObject({
      items: [
        { name: "blocklist", entries: 2 },
        { name: "bans", entries: 3 },
      ],
    });
  });

  it("are not sent again to who has them", async () => {
    const { ban, get, lift, feed } = await start();
    const path = "/api/v1/blocklists/blocklist";
    const first = await get(path);
    expect([first.status, await first.text(), first.headers.get("content-type")]).toEqual([
      ...[200, "", "text/plain; charset=UTF-8"],
    ]);
    const id = await ban("198.41.0.4");
    const second = await get(path);
    const tag = second.headers.get("etag")!;
    expect(tag).not.toBe(first.headers.get("etag"));
    const known = { "x-api-key": feed, "if-none-match": `"x", W/${tag}` };
    const again = await get(path, known);
    expect([again.status, await again.text()]).toEqual([304, ""]);
    await lift(id);
    expect((await get(path, known)).status).toBe(200);
  });

  it("are for keys that may read them, however they are sent", async () => {
    const { get, keyOf, feed } = await start();
    const path = "/api/v1/blocklists/blocklist";
    const basic = (key: string) => ({
      authorization: `Basic ${Buffer.from(`firewall:${key}`).toString("base64")}`,
    });
    const status = async (headers: Record<string, string>, at = path) => (await get(at, headers)).status;
    expect(await status({})).toBe(401);
    expect(await status(basic("wrong"))).toBe(401);
    expect(await status({ authorization: "Basic !" })).toBe(401);
    for (const headers of [basic(feed), { "x-api-key": feed }, { authorization: `Bearer ${feed}` }])
      expect(await status(headers)).toBe(200);
    for (const scope of ["read", "admin"] as const)
      expect(await status({ "x-api-key": await keyOf(scope) })).toBe(200);
    expect(await status({ "x-api-key": await keyOf("ingest") })).toBe(403);
    // It reads the lists and nothing else, and HTTP Basic is for them alone.
    for (const other of ["/api/v1/alerts", "/api/v1/actions", "/api/v1/keys", "/metrics"])
      expect(await status({ "x-api-key": feed }, other)).toBe(403);
    expect(await status(basic(await keyOf("admin")), "/api/v1/keys")).toBe(401);
  });

  it("do not turn empty where they cannot be read", async () => {
    const { get, database } = await start();
    await database.schema.dropTable("action_runs").execute();
    expect((await get("/api/v1/blocklists/blocklist")).status).toBe(500);
    expect((await get("/v1/decisions/stream")).status).toBe(503);
  });
});

describe("bouncers of CrowdSec", () => {
  it("start with all, then get what is new and what has ended", async () => {
    const { ban, lift, json, clock } = await start();
    await ban("198.41.0.4", 7_200);
    await ban("2a01:4f8::7", 3_600);
    const startup = await json("/v1/decisions/stream?startup=true&scopes=ip,range");
    expect(startup).toEqual({
      deleted: [],
      new: [
        {
          ...{
            duration: "2h0m0s",
            id: expect.any(Number),
            origin: "vedette",
            scenario: "vedette/Brute force",
          },
          ...{ scope: "Ip", type: "ban", uuid: expect.any(String), value: "198.41.0.4" },
        },
        expect.objectContaining({ duration: "1h0m0s", scope: "Range", value: "2a01:4f8::/64" }),
      ],
    });
    clock.advance(300_000);
    // What began shortly before the last ask may have come to stand after it, so it comes again once.
    expect(await json("/v1/decisions/stream")).toMatchObject({ deleted: [], new: [{}, {}] });
    clock.advance(300_000);
    expect(await json("/v1/decisions/stream")).toEqual({ deleted: [], new: [] });
    clock.advance(300_000);
    const id = await ban("198.41.0.5", 60);
    expect(await json("/v1/decisions/stream")).toMatchObject({ deleted: [], new: [{ value: "198.41.0.5" }] });
    clock.advance(30_000);
    await lift(id);
    expect(await json("/v1/decisions/stream")).toMatchObject({
      ...{ deleted: [{ value: "198.41.0.5", duration: "0s" }], new: [] },
    });
    clock.advance(3_600_000);
    expect(await json("/v1/decisions/stream")).toMatchObject({
      deleted: expect.arrayContaining([
        expect.objectContaining({ value: "2a01:4f8::/64", duration: expect.stringMatching(/^-/) }),
      ]),
    });
  });

  it("ask about one address", async () => {
    const { ban, json, get } = await start();
    expect(await (await get("/v1/decisions?ip=198.41.0.4")).text()).toBe("null");
    await ban("198.41.0.0/24");
    const values = async (query: string) =>
      ((await json(`/v1/decisions?${query}`)) as { value: string }[] | null)?.map(({ value }) => value) ??
      null;
    for (const hit of [
      ...[
        "ip=198.41.0.4",
        "scope=ip&value=198.41.0.4",
        "range=198.41.0.128/25",
        "",
        "type=ban",
        "origins=vedette",
      ],
      ...[
        "range=198.41.0.0/16&contains=false",
        "scenarios_containing=brute",
        "scopes=range",
        "ip=::ffff:198.41.0.4",
      ],
    ])
      expect([hit, await values(hit)]).toEqual([hit, ["198.41.0.0/24"]]);
    for (const miss of [
      ...["ip=198.41.1.4", "range=198.41.0.0/16", "type=captcha", "origins=CAPI", "scope=country&value=DE"],
      ...["scenarios_not_containing=brute", "scenarios_containing=http", "ip=2a01:4f8::7", "scopes=ip"],
    ])
      expect([miss, await values(miss)]).toEqual([miss, null]);
    const bad = await get("/v1/decisions?ip=198.41.0.04");
    expect([bad.status, await bad.json()]).toEqual([400, { message: expect.stringContaining("no address") }]);
  });

  it("are refused the way CrowdSec refuses, and may tell how much they block", async () => {
    const { get, keyOf, feed } = await start();
    for (const headers of [
      {},
      { "x-api-key": "5e8f1d1a2b3c4d5e6f708192a3b4c5d6" },
      { "x-api-key": await keyOf("ingest") },
    ]) {
      const answer = await get("/v1/decisions/stream?startup=true", headers as Record<string, string>);
      expect([answer.status, await answer.json()]).toEqual([403, { message: "access forbidden" }]);
    }
    expect((await get("/v1/decisions/stream", { "x-api-key": feed }, "HEAD")).status).toBe(200);
    expect((await get("/v1/usage-metrics", { "x-api-key": feed }, "POST")).status).toBe(201);
    expect((await get("/v1/watchers/login", { "x-api-key": feed }, "POST")).status).toBe(404);
  });
});
