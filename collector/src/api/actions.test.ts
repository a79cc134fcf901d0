import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { testConnections } from "../connections/testing/index.ts";
import { apiKeys } from "../control/index.ts";
import { closeAll, Firewall, reaches, rig } from "../respond/actions/guarded/testing/rig.ts";
import { createApi } from "./api.ts";
import type { QueryStore } from "./deps.ts";
import { TailBus } from "./live/index.ts";

afterEach(closeAll);

const noRows: QueryStore = { query: () => Promise.resolve([]) };

async function start(config: object = {}, store: QueryStore = noRows) {
  const firewall = new Firewall();
  const made = await rig(config, { firewall });
  const { actions, database, clock } = made;
  const keys = apiKeys(database, manualClock());
  const log = recordingLogger();
  const app = createApi({
    ...{ store, keys, tail: new TailBus(clock), clock, log, actions, loopback: false },
    connections: testConnections(database, { clock, log }),
    status: () => ({
      ...{ version: "0.1.0", startedAt: new Date(0).toISOString(), agents: [], databases: [] },
      engine: { kind: "embedded", state: "running" },
    }),
    unready: () => Promise.resolve(undefined),
    metrics: () => "",
    plugins: () => undefined,
  });
  const as = async (name: string, ...scopes: ("read" | "operate" | "admin")[]) => {
    const { secret } = await keys.create({ name, scopes });
    return async (method: string, path: string, body?: unknown, from = "198.41.9.1", headers = {}) => {
      const response = await app.request(
        `/api/v1/${path}`,
        {
          method,
          headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        { incoming: { socket: { remoteAddress: from } } },
      );
      const text = await response.text();
      const read = (text.startsWith("{") ? JSON.parse(text) : {}) as Record<string, unknown> & {
        readonly items?: readonly Record<string, unknown>[];
      };
      return { status: response.status, body: read };
    };
  };
  return { ...made, app, as, log };
}

const ban = "actions/wall%2Fsecurity.ban";
const target = { value: "198.41.0.4" };
const wanted = { target, reason: "Brute force", confirm: true, waitSeconds: 5 };

describe("the API of actions", () => {
  it("lists, previews, runs, shows and lifts", async () => {
    const { as, firewall, actions } = await start();
    const ask = await as("anna", "operate");
    const list = await ask("GET", "actions");
    expect(list.body.items?.map(({ id }) => id)).toEqual(["blocklist/ban", "wall/note", "wall/security.ban"]);
    expect(list.body.items?.[0]).toMatchObject({
      ...{ title: { en: "Put on the blocklist", de: "Auf die Sperrliste setzen" }, critical: true },
      ...{ containment: true, dryRun: false },
    });
    const preview = await ask("POST", `${ban}/preview`, { target: { value: "2a01:4f8::7" }, ttlSeconds: 60 });
    expect(preview).toMatchObject({
      ...{ status: 200, body: { target: { type: "cidr", value: "2a01:4f8::/64" }, allowed: true } },
    });
    expect(firewall.done).toEqual([]);
    const unsure = await ask("POST", `${ban}/run`, { ...wanted, confirm: false });
    expect(unsure).toMatchObject({ status: 422, body: { detail: expect.stringContaining("not confirmed") } });
    const run = await ask("POST", `${ban}/run`, wanted);
    expect(run).toMatchObject({ status: 202, body: { state: "standing", actor: "anna", dryRun: false } });
    const again = await ask("POST", `${ban}/run`, wanted);
    expect(again).toMatchObject({ status: 422, body: { detail: expect.stringContaining("already") } });
    expect((await ask("GET", "actions/containments")).body.items).toMatchObject([{ id: run.body["id"] }]);
    const lift = await ask("POST", `actions/runs/${String(run.body["id"])}/lift`, { reason: "Ours" });
    expect(lift.status).toBe(202);
    await reaches(actions, String(run.body["id"]), "lifted");
    const one = await ask("GET", `actions/runs/${String(run.body["id"])}`);
    expect(one.body).toMatchObject({ liftedBy: "anna", liftReason: "Ours", approvals: [] });
    expect((await ask("GET", "actions/runs?limit=1")).body).toMatchObject({ next: null });
    expect((await ask("POST", "actions/wall%2Fnothing/run", wanted)).status).toBe(404);
  });

  it("never touches from where it is asked, behind a proxy too, whoever asks for it", async () => {
    const { as, firewall } = await start({ trustedProxies: ["10.0.0.0/8"] });
    const ask = await as("anna", "operate");
    const own = await ask("POST", `${ban}/run`, { ...wanted, target: { value: "198.41.9.1" } });
    expect(own).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining("anna uses the API") },
    });
    const reader = await as("bob", "read");
    // What the client itself says before the proxy's own word counts for nothing.
    const forwarded = { "x-forwarded-for": "198.41.0.4, 198.41.7.7" };
    await reader("GET", "actions", undefined, "10.0.0.1", forwarded);
    const his = await ask("POST", `${ban}/run`, { ...wanted, target: { value: "198.41.7.0/24" } });
    expect(his.body["detail"]).toContain("bob uses the API");
    expect((await ask("POST", `${ban}/run`, wanted)).status).toBe(202);
    expect(firewall.done).toHaveLength(1);
  });

  it("lets readers look and not act, and operators not loosen what holds back", async () => {
    const { as } = await start();
    const [reader, operator, admin] = [
      await as("r", "read"),
      await as("o", "operate"),
      await as("a", "admin"),
    ];
    expect((await reader("GET", "actions/runs")).status).toBe(200);
    expect((await reader("POST", `${ban}/preview`, { target })).status).toBe(200);
    for (const [path, body] of [
      [`${ban}/run`, wanted],
      ["actions/lists/allow", { entry: "198.41.0.0/24", reason: "x" }],
      ["actions/drift/check", undefined],
    ] as const)
      expect((await reader("POST", path, body)).status).toBe(403);
    expect((await reader("PUT", "actions/kill-switch", { on: true, reason: "x" })).status).toBe(403);
    const on = await operator("PUT", "actions/kill-switch", { on: true, reason: "Wrong bans" });
    expect(on).toMatchObject({ status: 200, body: { on: true, by: "o", reason: "Wrong bans" } });
    expect((await operator("POST", `${ban}/run`, wanted)).body["detail"]).toContain("kill switch");
    expect((await operator("PUT", "actions/kill-switch", { on: false, reason: "x" })).status).toBe(403);
    expect((await admin("PUT", "actions/kill-switch", { on: false, reason: "x" })).status).toBe(200);
    const added = await operator("POST", "actions/lists/never-touch", {
      entry: "198.41.0.0/24",
      reason: "DNS",
    });
    expect(added.status).toBe(201);
    expect((await operator("POST", `${ban}/run`, wanted)).body["detail"]).toContain("DNS");
    const path = `actions/lists/${String(added.body["id"])}`;
    expect((await operator("DELETE", path)).status).toBe(403);
    expect((await admin("DELETE", path)).status).toBe(204);
    expect((await operator("POST", `${ban}/run`, wanted)).status).toBe(202);
    expect((await operator("POST", "actions/lists/allow", { entry: "010.0.0.1", reason: "x" })).status).toBe(
      400,
    );
  });

  it("asks for a second person, and marks a dry run", async () => {
    const { as, firewall, actions } = await start({ approvals: { people: "one" } });
    const [anna, bob] = [await as("anna", "operate"), await as("bob", "operate")];
    const run = await anna("POST", `${ban}/run`, wanted);
    expect(run.body).toMatchObject({ state: "approval", approvalsNeeded: 1 });
    const id = String(run.body["id"]);
    expect((await bob("GET", "actions/approvals")).body.items).toMatchObject([{ id }]);
    expect((await anna("POST", `actions/runs/${id}/approve`, {})).status).toBe(422);
    expect((await bob("POST", `actions/runs/${id}/approve`, { comment: "Yes" })).status).toBe(200);
    await reaches(actions, id, "standing");
    expect((await anna("GET", `actions/runs/${id}`)).body["approvals"]).toMatchObject([
      { by: "bob", comment: "Yes" },
    ]);
    const dry = await anna("POST", `${ban}/run`, {
      ...wanted,
      target: { value: "198.41.0.5" },
      dryRun: true,
    });
    expect(dry.body).toMatchObject({ state: "dry", dryRun: true, outcome: "Not done: a dry run." });
    expect(firewall.done).toHaveLength(1);
  });

  it("describes itself", async () => {
    const { app } = await start();
    const document = (await (await app.request("/openapi.json")).json()) as { paths: Record<string, object> };
    const paths = Object.keys(document.paths).filter((path) => path.startsWith("/actions"));
    expect(paths.length).toBeGreaterThanOrEqual(14);
  });
});
