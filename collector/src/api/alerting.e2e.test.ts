import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@vedette/core/config";
import { type Alert, systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { RuleReader } from "../detect/index.ts";
import { RuleBook } from "../rule-book.ts";
import { type ApiFixture, startApi } from "./testing/fixture.ts";

let api: ApiFixture;
const dir = mkdtempSync(join(tmpdir(), "vedette-api-rules-"));
const rules = join(dir, "rules.yaml");
const ruleFile = (name: string): string => `name: ${name}\ndataTypes: [sshd]\nwhere: "true"\n`;
beforeAll(async () => {
  writeFileSync(rules, ruleFile("Never raised"));
  const reader = new RuleReader();
  const book = await RuleBook.open({
    ...{ clock: systemClock, log: recordingLogger() },
    read: async () => {
      const read = await reader.read([rules]);
      if (read.problems.length > 0) throw new ConfigError(read.problems);
      return read;
    },
  });
  book.runBy({ reload: async () => undefined });
  api = await startApi({
    rules: book,
    actions: {
      rules: [{ name: "ban-spray", rules: ["password spray"], action: "blocklist/ban" }],
      neverTouch: ["198.41.3.3"],
    },
    alerting: {
      inhibit: [
        {
          name: "down",
          source: [{ field: "rule", values: ["host-down"] }],
          target: [{ field: "severity", values: ["low"] }],
          equal: ["dataSource"],
        },
      ],
    },
  });
});
afterAll(async () => {
  await api.close();
  rmSync(dir, { recursive: true, force: true });
});

let made = 0;
const alert = (more: Partial<Alert> = {}): Alert => {
  const at = new Date().toISOString();
  const id = `alert-${++made}`;
  return {
    ...{ id, "@timestamp": at, lastUpdate: at, name: "SSH brute force", ruleId: "1001", tenantId: "t" },
    ...{
      dataSource: "web-1",
      dataType: "sshd",
      severity: "medium",
      status: "open",
      deduplicateBy: ["adversary.ip"],
    },
    technique: "T1110 - Brute Force",
    adversary: { ip: "203.0.113.7" },
    lastEvent: { id: `event-${id}`, "@timestamp": at, dataType: "sshd" },
    ...more,
  };
};
const keep = (...alerts: Alert[]): Promise<readonly Alert[]> =>
  api.alerting.keep(alerts, `token-${alerts.map(({ id }) => id).join()}`);

type Json = Record<string, unknown> & { items: Record<string, unknown>[] };
const ask = async (method: string, path: string, body?: unknown, key?: string) => {
  const response = await api.get(`/api/v1${path}`, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(key && { "x-api-key": key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json().catch(() => ({}))) as Json };
};
const get = async (path: string): Promise<Json> => {
  const { status, body } = await ask("GET", path);
  expect([status, body]).toEqual([200, expect.anything()]);
  return body;
};
const waited = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 60_000, interval: 100 });
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
/** As a collector does by itself within a second. */
const heeded = (): Promise<void> => api.alerting.heed();

describe("alerts", () => {
  it("say what ATT&CK calls them, who they are about, and which incident they belong to", async () => {
    const shown = await keep(
      alert(),
      alert({ severity: "high", name: "Web shell", ruleId: "1002", technique: "T1505.003" }),
    );
    expect(shown).toHaveLength(2);
    const { items } = await get("/alerts?technique=T1505");
    expect(items).toMatchObject([
      {
        name: "Web shell",
        entities: ["ip:203.0.113.7"],
        attack: {
          tactics: [{ id: "TA0003", name: "Persistence" }],
          techniques: [{ id: "T1505.003", name: "Server Software Component: Web Shell" }],
        },
        ...{ status: "open", verdict: "", version: 0, risk: 40 },
      },
    ]);
    const [incident] = await waited(async () => {
      const { items: incidents } = await get("/incidents");
      expect(incidents).toHaveLength(1);
      expect(incidents[0]).toMatchObject({ alerts: 2 });
      return incidents;
    });
    expect(incident).toMatchObject({
      ...{
        kind: "story",
        title: "Web shell and 1 more: 203.0.113.7",
        severity: "high",
        risk: 55,
        status: "open",
      },
      ...{ rules: ["SSH brute force", "Web shell"], sources: ["web-1"], entities: ["ip:203.0.113.7"] },
    });
    const { items: its } = await get(`/alerts?incident=${String(incident!.id)}`);
    expect(its.map(({ id }) => id).sort()).toEqual(["alert-1", "alert-2"]);
    expect(await get("/alerts/alert-2")).toMatchObject({
      incidentId: incident!.id,
      lastEvent: { id: "event-alert-2" },
    });
    expect((await get("/risks")).items).toMatchObject([{ entity: "ip:203.0.113.7", alerts: 2 }]);
  });

  it("are acknowledged, assigned, commented, closed and opened again, each by version", async () => {
    const ack = await ask("PATCH", "/alerts/alert-1", {
      version: 0,
      status: "acknowledged",
      assignee: "anna",
    });
    expect(ack).toMatchObject({
      status: 200,
      body: { status: "acknowledged", assignee: "anna", version: 1 },
    });
    expect((await ask("PATCH", "/alerts/alert-1", { version: 0, assignee: "bob" })).status).toBe(409);
    const both = await Promise.all(
      ["anna", "bob"].map((assignee) =>
        ask("PATCH", "/alerts/alert-1", { version: 1, assignee, comment: "mine" }),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const closed = await ask("PATCH", "/alerts/alert-1", { status: "closed", verdict: "false_positive" });
    expect(closed.body).toMatchObject({ status: "closed", verdict: "false_positive", version: 3 });
    const { items } = await get("/alerts?status=closed&verdict=false_positive");
    expect(items).toMatchObject([{ id: "alert-1", status: "closed", version: 3 }]);
    expect((await get("/alerts?status=open")).items.map(({ id }) => id)).toEqual(["alert-2"]);
    expect((await get("/stats")) as object).toMatchObject({ alerts: { open: 1, lastDay: 2 } });
    const history = await get("/alerts/alert-1/history");
    expect(history.items).toMatchObject([
      { version: 3, author: "local", changes: { status: { from: "acknowledged", to: "closed" } } },
      { version: 2, comment: "mine" },
      {
        version: 1,
        changes: { status: { from: "open", to: "acknowledged" }, assignee: { from: "", to: "anna" } },
      },
    ]);
    expect(await ask("PATCH", "/alerts/alert-1", { status: "open" })).toMatchObject({
      body: { status: "open", verdict: "", version: 4 },
    });
  });

  it.each([
    [{ status: "closed" }, /"verdict": it is needed to close/],
    [{ status: "open", verdict: "true_positive" }, /"verdict"/],
    [{}, /says nothing/],
    [{ status: "done" }, /"status"/],
    [{ comment: "x".repeat(5_000) }, /"comment"/],
    [{ state: "closed" }, /unknown key "state"/],
  ])("are not changed by %j", async (body, said) => {
    const answer = await ask("PATCH", "/alerts/alert-2", body);
    expect([answer.status, answer.body.detail]).toEqual([400, expect.stringMatching(said)]);
  });

  it("that are not there are not changed", async () => {
    expect((await ask("PATCH", "/alerts/nothing", { status: "acknowledged" })).status).toBe(404);
    const many = await ask("POST", "/alerts/changes", {
      ...{ ids: ["alert-2", "nothing"], change: { status: "acknowledged" } },
    });
    expect(many.body).toMatchObject({
      changed: [{ id: "alert-2", status: "acknowledged" }],
      unknown: ["nothing"],
    });
  });
});

describe("what hides alerts", () => {
  it("is a silence, while it lasts; what it hides is stored with the reason", async () => {
    const matchers = [{ field: "host", values: ["db-*"] }];
    const body = { matchers, comment: "Migration of the database", endsAt: inHours(1) };
    const silence = await ask("POST", "/silences", body);
    expect(silence).toMatchObject({ status: 201, body: { state: "active", author: "local", version: 1 } });
    await heeded();
    const fresh = [
      alert({ dataSource: "db-1" }),
      alert({ dataSource: "db-1" }),
      alert({ dataSource: "app-1" }),
    ];
    expect((await keep(...fresh)).map(({ dataSource }) => dataSource)).toEqual(["app-1"]);
    const hidden = await get("/alerts?hidden=only");
    // The second is like the first: it is counted, not stored.
    expect(hidden.items).toMatchObject([{ id: fresh[0]!.id, hidden: "silenced", hiddenBy: silence.body.id }]);
    expect((await get("/alerts")).items.every((each) => each.hidden === undefined)).toBe(true);
    const ended = await ask("DELETE", `/silences/${String(silence.body.id)}`);
    expect(ended).toMatchObject({ status: 200, body: { state: "over", version: 2 } });
    expect((await ask("DELETE", `/silences/${String(silence.body.id)}`)).status).toBe(409);
    await heeded();
    expect(await keep(alert({ dataSource: "db-1" }))).toHaveLength(1);
  });

  it("is an exception, for one rule, with a look at what it would have hidden", async () => {
    const matchers = [
      { field: "rule", values: ["1001"] },
      { field: "adversary.ip", operator: "cidr", values: ["203.0.113.0/24"] },
    ];
    await ask("PATCH", "/alerts/alert-1", { status: "closed", verdict: "true_positive" });
    const look = await ask("POST", "/alerts/preview", { matchers, days: 1 });
    expect(look).toMatchObject({
      status: 200,
      body: { looked: 3, complete: true, hidden: 3, truePositives: 1, falsePositives: 0 },
    });
    const comment = "Our own scanner";
    expect(
      (await ask("POST", "/exceptions", { matchers: matchers.slice(1), comment, endsAt: inHours(1) })).body
        .detail,
    ).toMatch(/must name the rule/);
    expect(
      (await ask("POST", "/exceptions", { matchers: matchers.slice(0, 1), comment, endsAt: inHours(1) }))
        .status,
    ).toBe(400);
    expect(
      (await ask("POST", "/exceptions", { matchers, comment, endsAt: inHours(-1) })).body.detail,
    ).toMatch(/past/);
    expect((await ask("POST", "/exceptions", { matchers, comment, endsAt: inHours(24 * 500) })).status).toBe(
      400,
    );
    expect((await ask("POST", "/exceptions", { matchers, comment, endsAt: inHours(1) })).status).toBe(201);
    await heeded();
    const [other] = await keep(alert(), alert({ adversary: { ip: "198.51.100.7" } }));
    expect(other).toMatchObject({ adversary: { ip: "198.51.100.7" } });
  });

  it("is a window of maintenance, by the time of the event", async () => {
    const weekly = {
      days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
      at: "03:00",
      minutes: 60,
      timeZone: "UTC",
    };
    const body = { matchers: [{ field: "host", values: ["backup-1"] }], comment: "Nightly backup", weekly };
    const window = await ask("POST", "/maintenance", { ...body, startsAt: "2026-01-01T00:00:00Z" });
    expect(window).toMatchObject({ status: 201, body: { weekly } });
    await heeded();
    const night = new Date();
    night.setUTCHours(3, 30, 0, 0);
    const at = (time: Date): Alert =>
      alert({ dataSource: "backup-1", ruleId: "7", lastEvent: { "@timestamp": time.toISOString() } });
    expect(await keep(at(night))).toHaveLength(0);
    expect(await keep(at(new Date(night.getTime() + 3_600_000)))).toHaveLength(1);
    const changed = { ...body, version: 1, comment: "Not any more", endsAt: inHours(1), weekly };
    expect((await ask("PUT", `/maintenance/${String(window.body.id)}`, changed)).body).toMatchObject({
      version: 2,
    });
    expect((await ask("PUT", `/maintenance/${String(window.body.id)}`, changed)).status).toBe(409);
    expect((await ask("PUT", "/maintenance/none", changed)).status).toBe(404);
  });

  it("is another alert, until that is closed", async () => {
    const low = (): Alert =>
      alert({ severity: "low", ruleId: "8", dataSource: "edge-1", adversary: { user: "eve" } });
    expect(await keep(low())).toHaveLength(1);
    const down = alert({ ruleId: "host-down", severity: "high", dataSource: "edge-1" });
    // The one that hides stands behind what it hides.
    expect(await keep(low(), down)).toMatchObject([{ id: down.id }]);
    expect((await get("/alerts?hidden=only&rule=8")).items).toMatchObject([
      { hidden: "inhibited", hiddenBy: down.id },
    ]);
    await ask("PATCH", `/alerts/${down.id}`, { status: "closed", verdict: "true_positive" });
    await heeded();
    expect(await keep(low())).toHaveLength(1);
  });
});

describe("incidents", () => {
  it("are closed with their alerts, and take no more", async () => {
    const eve = { adversary: { ip: "192.0.2.66" }, ruleId: "20", name: "Port scan" };
    await keep(alert(eve), alert(eve));
    const find = async (alerts: number) =>
      waited(async () => {
        const { items } = await get("/incidents?entity=ip:192.0.2.66&status=open");
        expect(items).toMatchObject([{ alerts }]);
        return items[0]!;
      });
    const first = await find(2);
    const closed = await ask("PATCH", `/incidents/${String(first.id)}`, {
      ...{ version: 0, status: "closed", verdict: "true_positive", withAlerts: true, comment: "Blocked" },
    });
    expect(closed.body).toMatchObject({ status: "closed", version: 1, alerts: 2 });
    expect((await get("/alerts?rule=20&status=closed")).items).toHaveLength(2);
    await keep(alert(eve));
    expect((await find(1)).id).not.toBe(first.id);
    expect((await get(`/incidents/${String(first.id)}/history`)).items).toMatchObject([
      { comment: "Blocked" },
    ]);
  });

  it("are raised once where findings about one entity add up", async () => {
    const attack = (name: string): Alert =>
      alert({ adversary: { ip: "192.0.2.99" }, severity: "high", name, ruleId: name });
    for (let at = 0; at < 4; at++) await keep(attack(`rule ${at}`));
    await waited(async () =>
      expect((await get("/incidents?entity=ip:192.0.2.99&kind=story")).items).toMatchObject([{ alerts: 4 }]),
    );
    expect((await get("/incidents?entity=ip:192.0.2.99&kind=risk")).items).toEqual([]);
    await keep(attack("rule 4"), attack("rule 5"));
    const risk = await waited(async () => {
      const { items } = await get("/incidents?kind=risk");
      expect(items).toHaveLength(1);
      return items[0];
    });
    expect(risk).toMatchObject({ title: "Many findings add up: 192.0.2.99", alerts: 6, severity: "high" });
    await keep(attack("rule 6"));
    await waited(async () =>
      expect((await get("/incidents?entity=ip:192.0.2.99&kind=story")).items).toMatchObject([{ alerts: 7 }]),
    );
    expect((await get("/incidents?kind=risk")).items).toHaveLength(1);
    // The same address at another tenant is another risk.
    await keep(...["a", "b", "c", "d", "e", "f"].map((name) => ({ ...attack(name), tenantId: "acme" })));
    await waited(async () =>
      expect((await get("/incidents?kind=risk&tenant=acme")).items).toMatchObject([
        { tenantId: "acme", alerts: 6 },
      ]),
    );
    expect((await get("/incidents?kind=risk")).items).toHaveLength(2);
    expect((await get("/incidents?entity=ip:192.0.2.99&kind=story&tenant=acme")).items).toMatchObject([
      { alerts: 6 },
    ]);
  });
});

describe("the scorecard", () => {
  it("says what to do with rules", async () => {
    const noise = Array.from({ length: 10 }, (_, at) =>
      alert({ ruleId: "noise", name: "Noise", adversary: { ip: `10.1.1.${at}` } }),
    );
    await keep(...noise);
    await ask("POST", "/alerts/changes", {
      ...{ ids: noise.map(({ id }) => id), change: { status: "closed", verdict: "false_positive" } },
    });
    const { items } = await get("/rules/scorecard?days=7");
    expect(items[0]).toMatchObject({
      ...{ ruleId: "noise", advice: "retire", shown: 10, falsePositives: 10, falsePositiveRatio: 1 },
      reasons: [{ code: "false_positives", text: "100 % of 10 judged alerts were false positives." }],
    });
    expect(items.find(({ ruleId }) => ruleId === "never-raised")).toMatchObject({
      ...{ advice: "keep", shown: 0, reasons: [{ code: "quiet" }] },
    });
  });

  it("tells what reading the rules again changed, and judges those that run since", async () => {
    writeFileSync(rules, ruleFile("came later"));
    const { body } = await ask("POST", "/rules/reload");
    expect(body).toMatchObject({
      ...{ rules: 1, files: 1, filesCompiled: 1, counts: { added: 1, changed: 0, removed: 1 } },
      added: [{ id: "came-later", file: rules, line: 1 }],
      removed: [{ id: "never-raised" }],
    });
    const { items } = await get("/rules/scorecard?days=7");
    expect(items.map(({ ruleId }) => ruleId)).toEqual(expect.arrayContaining(["came-later"]));
    expect(items.map(({ ruleId }) => ruleId)).not.toContain("never-raised");
    writeFileSync(rules, ruleFile("came later").replace('"true"', "tru("));
    expect(await ask("POST", "/rules/reload")).toMatchObject({
      status: 422,
      body: { type: "urn:vedette:problem:bad-rules", problems: [{ key: `${rules}:3:12` }] },
    });
    expect((await get("/audit?limit=1")).items).toMatchObject([{ action: "rules.reload", author: "local" }]);
  });
});

// Last, because it closes the API for everyone else.
describe("keys", () => {
  it("need the scope operate to change alerts, and their names are in an unbroken audit trail", async () => {
    const { secret: admin } = await api.keys.create({ name: "root", scopes: ["admin"] });
    const { secret: reader } = await api.keys.create({ name: "reader", scopes: ["read"] });
    const { secret: analyst } = await api.keys.create({ name: "analyst", scopes: ["operate"] });
    const body = { comment: "seen" };
    const silence = { matchers: [{ field: "host", values: ["x"] }], comment: "why", endsAt: inHours(1) };
    const matchers = { matchers: silence.matchers };
    for (const [key, expected] of [
      [reader, [403, 403, 200, 403, 403]],
      [analyst, [200, 201, 200, 403, 403]],
      [admin, [200, 201, 200, 200, 422]],
    ] as const) {
      const got = [
        await ask("PATCH", "/alerts/alert-2", body, key),
        await ask("POST", "/silences", silence, key),
        await ask("POST", "/alerts/preview", matchers, key),
        await ask("GET", "/audit?limit=2", undefined, key),
        await ask("POST", "/rules/reload", undefined, key),
      ];
      expect(got.map(({ status }) => status)).toEqual(expected);
    }
    expect((await ask("GET", "/alerts", undefined, analyst)).status).toBe(200);
    const { body: trail } = await ask("GET", "/audit?limit=2", undefined, admin);
    expect(trail.items).toMatchObject([
      { author: "root", action: "silence.create" },
      { author: "root", action: "alert.change", subject: "alert-2" },
    ]);
    expect((await ask("GET", "/audit/verify", undefined, admin)).body).toEqual({ whole: true });
    await api.alerting.database.updateTable("audit").set({ author: "nobody" }).where("seq", "=", 3).execute();
    expect((await ask("GET", "/audit/verify", undefined, admin)).body).toEqual({ whole: false, brokenAt: 3 });
  });
});

describe("actions over stored events and alerts", () => {
  const post = async (path: string, body: object) => {
    const { secret } = await api.keys.create({ name: "previews", scopes: ["read"] });
    const headers = { "content-type": "application/json", authorization: `Bearer ${secret}` };
    const answer = await api.get(`/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return (await answer.json()) as Record<string, unknown>;
  };

  it("show before a rule may act what it would have done, and before a ban what it would cut off", async () => {
    const spray = { name: "Password spray", ruleId: "spray", severity: "high" };
    await api.insertAlerts(
      ["198.41.3.1", "198.41.3.1", "198.41.3.2", "198.41.3.3", "10.0.0.1"].map((ip) =>
        alert({ ...spray, adversary: { ip }, entities: [`ip:${ip}`] }),
      ),
    );
    expect(await post("actions/rules/ban-spray/preview", { hours: 1 })).toMatchObject({
      ...{ rule: "ban-spray", matched: 5, wouldAct: 2, refused: 2, complete: true },
      targets: expect.arrayContaining([
        expect.objectContaining({ target: "198.41.3.1", alerts: 2, runs: 1 }),
      ]),
    });
    const event = { dataType: "sshd", dataSource: "web-1", "@timestamp": new Date().toISOString() };
    await api.insert([
      { ...event, id: "cut-1", actionResult: "success", origin: { ip: "198.41.3.1", user: "anna" } },
      { ...event, id: "cut-2", actionResult: "failed", origin: { ip: "198.41.3.200", user: "bob" } },
    ]);
    const ban = "actions/blocklist%2Fban/preview";
    expect(await post(ban, { target: { value: "198.41.3.1" } })).toMatchObject({
      ...{ allowed: true, dryRun: true },
      history: { events: 1, users: 1, succeeded: 1, alerts: 2 },
    });
    expect(await post(ban, { target: { value: "198.41.3.192/26" } })).toMatchObject({
      history: { events: 1 },
    });
    expect(await post(ban, { target: { value: "198.41.3.0/24" } })).toMatchObject({
      ...{ allowed: false, refusal: { guard: "never_touch" }, history: { events: 2, users: 2 } },
    });
  });
});
