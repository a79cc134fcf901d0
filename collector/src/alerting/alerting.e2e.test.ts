import type { Alert } from "@vedette/sdk";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ApiFixture, batchesOf, startApi } from "../api/testing/fixture.ts";
import { alertingConfig } from "../config/index.ts";
import { Grouper, IncidentStore } from "./incidents/index.ts";
import { Lease, leaseMs } from "./lease.ts";
import { SourceListener, SourceWatch } from "./sources/index.ts";

let api: ApiFixture;
beforeAll(async () => {
  api = await startApi({ alerting: { silentSources: { enabled: false } } });
});
afterAll(() => api.close());

const minute = 60_000;
const get = async <T>(path: string): Promise<T> => (await (await api.get(`/api/v1${path}`)).json()) as T;
interface Items {
  readonly items: Record<string, unknown>[];
}

describe("a source", () => {
  it("that goes silent raises one alert, which ends by itself when it is heard again", async () => {
    let now = Date.now();
    const clock = { now: () => now };
    const listener = new SourceListener(100);
    const { database, cases } = api.alerting;
    const expected = [{ dataSource: "web-*", minutes: 10 }];
    const config = alertingConfig.parse({ silentSources: { expected } }).silentSources;
    const watch = new SourceWatch({ database, listener, keeper: api.alerting, cases, config, clock });
    const hear = async (source: string): Promise<void> => {
      listener.hear(
        batchesOf([
          { id: "1", "@timestamp": new Date(now).toISOString(), dataType: "nginx", dataSource: source },
        ]),
        now,
      );
      await watch.write();
    };
    const begun = now;
    await hear("web-1");
    await hear("never-told");
    now += 10 * minute;
    expect(await watch.check(begun)).toEqual({ silent: 0, back: 0 });
    now += 1;
    // While nobody listened, nobody was silent.
    expect(await watch.check(now - minute)).toEqual({ silent: 0, back: 0 });
    expect(await watch.check(begun)).toEqual({ silent: 1, back: 0 });
    expect(await watch.check(begun)).toEqual({ silent: 0, back: 0 });
    const silent = "/alerts?rule=vedette-silent-source&from=-1h&to=%2B1h";
    const { items } = await get<Items>(silent);
    expect(items).toMatchObject([
      {
        name: "Source went silent",
        dataSource: "web-1",
        dataType: "nginx",
        severity: "medium",
        status: "open",
      },
    ]);
    expect(items[0]!["attack"]).toMatchObject({ techniques: [{ id: "T1562", name: "Impair Defenses" }] });
    expect((await get<Items>("/sources")).items).toMatchObject([
      { dataSource: "web-1", alertId: items[0]!["id"] },
      {},
    ]);
    now += minute;
    await hear("web-1");
    expect(await watch.check(begun)).toEqual({ silent: 0, back: 1 });
    expect((await get<Items>(silent)).items).toMatchObject([{ status: "closed", verdict: "recovered" }]);
    expect((await get<Items>(`/alerts/${String(items[0]!["id"])}/history`)).items).toMatchObject([
      { author: "vedette" },
    ]);
    // The next silence is another alert.
    now += 11 * minute;
    expect(await watch.check(begun)).toEqual({ silent: 1, back: 0 });
  });

  it("is one of its tenant: one of another by the same name says nothing of it", async () => {
    let now = Date.now();
    const clock = { now: () => now };
    const listener = new SourceListener(100);
    const { database, cases } = api.alerting;
    const config = alertingConfig.parse({
      silentSources: { expected: [{ dataSource: "shared-*", minutes: 10 }] },
    }).silentSources;
    const watch = new SourceWatch({ database, listener, keeper: api.alerting, cases, config, clock });
    const hear = async (...tenants: string[]): Promise<void> => {
      const at = new Date(now).toISOString();
      const events = tenants.map((tenantId, id) => ({
        ...{ id: `${id}`, "@timestamp": at, dataType: "nginx", dataSource: "shared-1", tenantId },
      }));
      listener.hear(batchesOf(events), now);
      await watch.write();
    };
    const begun = now;
    await hear("acme", "beta");
    now += 6 * minute;
    await hear("acme");
    now += 5 * minute;
    expect(await watch.check(begun)).toEqual({ silent: 1, back: 0 });
    const { items } = await get<Items>("/sources");
    const mine = items.filter(({ dataSource }) => dataSource === "shared-1");
    expect(mine.map(({ tenantId, alertId }) => [tenantId, alertId !== undefined])).toEqual([
      ["beta", true],
      ["acme", false],
    ]);
    const alert = await get<Record<string, unknown>>(`/alerts/${String(mine[0]!["alertId"])}`);
    expect(alert).toMatchObject({ tenantId: "beta", dataSource: "shared-1" });
    await hear("beta");
    expect(await watch.check(begun)).toEqual({ silent: 0, back: 1 });
  });

  it("is forgotten where there are too many, the longest unheard first", async () => {
    const listener = new SourceListener(50);
    const time = new Date().toISOString();
    const batches = Array.from({ length: 200 }, (_, at) => ({
      id: `${at}`,
      "@timestamp": time,
      dataType: "x",
      dataSource: `s${at}`,
    }));
    for (const [at, each] of batches.entries()) listener.hear(batchesOf([each]), at);
    expect(listener.leftOut).toBe(150);
    expect(listener.take(1_000).map(({ dataSource }) => dataSource)).toEqual(
      batches.slice(150).map((each) => each.dataSource),
    );
  });
});

describe("a lease", () => {
  it("is one collector's until it falls silent, and who lost it keeps nothing any more", async () => {
    let now = 1_000_000;
    const clock = { now: () => now };
    const [one, two] = [
      new Lease(api.alerting.database, "test", clock),
      new Lease(api.alerting.database, "test", clock),
    ];
    expect(await one.take()).toEqual({ place: "" });
    expect(await two.take()).toBeUndefined();
    expect(await one.advance("here")).toBe(true);
    now += leaseMs;
    expect(await two.take()).toBeUndefined();
    now += 1;
    expect(await two.take()).toEqual({ place: "here" });
    expect(await one.advance("there")).toBe(false);
    expect(await one.take()).toBeUndefined();
    await two.leave();
    expect(await one.take()).toEqual({ place: "here" });
  });
});

describe("grouping", () => {
  it("that starts anew, or is done by two at once, gives the same incidents and counts nothing twice", async () => {
    const at = new Date().toISOString();
    const alerts = Array.from(
      { length: 30 },
      (_, n): Alert => ({
        ...{
          id: `g-${n}`,
          "@timestamp": at,
          lastUpdate: at,
          name: `Rule ${n % 3}`,
          ruleId: String(n % 3),
          severity: "low",
        },
        ...{ tenantId: "t", adversary: { ip: `192.0.2.${n % 5}` } },
      }),
    );
    await api.alerting.keep(alerts, "grouping");
    const all = async () => {
      const { items } = await get<Items>("/incidents?kind=story&entity=ip:192.0.2.3");
      expect(items).toMatchObject([{ alerts: 6 }]);
      return items[0]!["id"];
    };
    const before = await vi.waitFor(all, { timeout: 60_000 });
    const incidents = new IncidentStore(api.store, { now: Date.now });
    const clock = { now: Date.now };
    const again = () =>
      new Grouper({ incidents, cases: api.alerting.cases, clock, config: alertingConfig.parse({}) });
    await Promise.all([again().round(undefined), again().round(undefined)]);
    expect(await all()).toBe(before);
    const late = { ...alerts[3]!, id: "g-late" };
    await api.alerting.keep([late], "late");
    await again().round(undefined);
    // The collector groups too: where it took the late one first, its incident may be written a moment after this round.
    const grown = async () => {
      const { items } = await get<Items>("/incidents?kind=story&entity=ip:192.0.2.3");
      expect(items).toMatchObject([{ id: before, alerts: 7 }]);
    };
    await vi.waitFor(grown, { timeout: 60_000 });
  });
});

describe("ten thousand alerts in a minute", () => {
  it("are kept and grouped in bounded memory, as a rule a batch of a hundred in half a second", async () => {
    const at = new Date().toISOString();
    const batch = (of: number): Alert[] =>
      Array.from({ length: 100 }, (_, n) => ({
        ...{
          id: `f-${of}-${n}`,
          "@timestamp": at,
          lastUpdate: at,
          name: "Flood",
          ruleId: "flood",
          severity: "low",
        },
        ...{ tenantId: "t", adversary: { ip: `10.${of}.${n % 40}.1` }, technique: "T1498" },
        lastEvent: { id: `fe-${of}-${n}`, "@timestamp": at, raw: "x".repeat(1_000) },
      }));
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const times: number[] = [];
    for (let of = 0; of < 100; of++) {
      const began = performance.now();
      expect(await api.alerting.keep(batch(of), `flood-${of}`)).toHaveLength(100);
      times.push(performance.now() - began);
    }
    await vi.waitFor(
      async () => {
        const [row] = await api.store.query<{ grouped: string }>(
          "SELECT count() AS grouped FROM incident_alerts FINAL WHERE alertId LIKE 'f-%'",
        );
        expect(row!.grouped).toBe("10000");
      },
      { timeout: 120_000, interval: 500 },
    );
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    expect(grown).toBeLessThan(200);
    // Not the slowest ones, nor all of them together: other tests share the machine.
    times.sort((a, b) => a - b);
    expect(times[times.length / 2]).toBeLessThan(600);
  });
});
