import type { Event } from "@vedette/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConditions } from "./routes/search.ts";
import { Binder, matcherOf, readTextQuery, whereOf } from "./search/index.ts";
import { type ApiFixture, startApi } from "./testing/fixture.ts";
import { randomFrom, sampleEvent } from "./testing/samples.ts";

const base = Date.UTC(2026, 5, 15, 12);
const now = base + 60_000;
const count = 3_000;
const random = randomFrom(7);
const samples = Array.from({ length: count }, (_, index) =>
  sampleEvent(index, base - Math.floor((index / count) * 7_200_000), random),
);
const odd: Event = {
  id: "odd-1",
  "@timestamp": new Date(base - 1_000).toISOString(),
  dataType: "odd",
  raw: 'quote \' back\\slash "double" {p0:String} 100% under_score [x] user=admin; DROP TABLE events -- é漢字',
  errors: ["grok: no match", "it's odd"],
  origin: { ip: "2001:db8::1", packagesSent: "18446744073709551615", mac: "00:00:5e:00:53:01" },
  target: { ip: "10.1.2.3", user: "o'brien" },
  log: {
    "User Agent": "x",
    nested: { deep: { value: 5 } },
    list: ["a", "b"],
    flag: true,
    ratio: 0.5,
    big: 9_000_000_000,
  },
  compliance: { pci: { values: ["10.2"] } },
};

let api: ApiFixture;
const range = "from=2026-06-15T00:00:00Z&to=2026-06-16T00:00:00Z";

interface Page {
  readonly items: Event[];
  readonly next: string | null;
}

async function list(query: string): Promise<Page> {
  const response = await api.get(`/api/v1/events?${range}&${query}`);
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body as Page;
}

const ids = async (query: string) => (await list(`limit=1000&${query}`)).items.map((event) => event.id);
const enc = encodeURIComponent;

beforeAll(async () => {
  api = await startApi({ clock: { now: () => now } });
  await api.insert([...samples, odd]);
});
afterAll(() => api?.close());

describe("events", () => {
  it("answer as they were put in, nested and without zero values", async () => {
    const [found] = (await list("filter=dataType:odd")).items;
    expect(found).toEqual({ ...odd, origin: { ...odd.origin, packagesSent: expect.any(String) } });
    const [sample] = (await list("filter=id:sample-000000003")).items;
    expect(sample).toEqual(samples[3]);
  });

  it("are read page by page without a gap or a repeat, while others arrive", async () => {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: Page = await list(`limit=700${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...page.items.map((event) => event.id!));
      if (cursor === "")
        await api.insert([
          { id: "late", "@timestamp": new Date(base + 500).toISOString(), dataType: "late", raw: "late" },
        ]);
      cursor = page.next;
    }
    expect(seen.length).toBe(count + 1);
    expect(new Set(seen).size).toBe(count + 1);
    const ascending = await list("order=asc&limit=5");
    expect(ascending.items[0]!.id).toBe(seen.at(-1));
  });

  it("are found by id", async () => {
    const found = await api.get("/api/v1/events/sample-000000042");
    expect(await found.json()).toEqual(samples[42]);
    const missing = await api.get("/api/v1/events/nothing");
    expect(missing.status).toBe(404);
  });

  const matching = (test: (event: Event) => boolean) =>
    [...samples, odd]
      .filter(test)
      .map((event) => event.id)
      .slice(0, 1000);

  it.each<[string, (event: Event) => boolean]>([
    ["filter=origin.ip:203.0.113.1", (e) => e.origin?.ip === "203.0.113.1"],
    [
      "filter=dataType:neq:nginx&filter=severity:notIn:info,low",
      (e) => e.dataType !== "nginx" && !["info", "low"].includes(e.severity ?? ""),
    ],
    ["filter=dataType:in:odd,nope", (e) => e.dataType === "odd"],
    ["filter=origin.path:prefix:/wp", (e) => e.origin?.path?.startsWith("/wp") === true],
    ["filter=origin.user:contains:OO", (e) => /oo/.test(e.origin?.user ?? "")],
    ["filter=log.pid:exists:true&filter=log.pid:gt:9000", (e) => Number(e.log?.pid ?? 0) > 9000],
    ["filter=statusCode:gte:500", (e) => (e.statusCode ?? 0) >= 500],
    [
      "filter=statusCode:in:500,403&filter=dataSource:web-2",
      (e) => [500, 403].includes(e.statusCode ?? 0) && e.dataSource === "web-2",
    ],
    ["filter=origin.ip:cidr:198.51.100.0/28", (e) => /^198\.51\.100\.(\d|1[0-5])$/.test(e.origin?.ip ?? "")],
    ["filter=origin.ip:cidr:2001:db8::/32", (e) => e.id === "odd-1"],
    [
      "filter=eventType:access.*&filter=severity:high",
      (e) => e.eventType?.startsWith("access.") === true && e.severity === "high",
    ],
    ["filter=origin.mac:00:00:5e:00:53:01", (e) => e.id === "odd-1"],
    ["filter=log.User%20Agent:x", (e) => e.id === "odd-1"],
    ["filter=log.nested.deep.value:5", (e) => e.id === "odd-1"],
    ["filter=log.flag:true", (e) => e.id === "odd-1"],
    [`filter=target.user:${enc("o'brien")}`, (e) => e.id === "odd-1"],
    [`filter=errors:${enc("it's odd")}`, (e) => e.id === "odd-1"],
    ["filter=errors:exists:true", (e) => e.id === "odd-1"],
    [
      "filter=origin.geolocation.asn:4134&filter=dataType:sshd",
      (e) => e.origin?.geolocation?.asn === "4134" && e.dataType === "sshd",
    ],
    ["filter=@timestamp:gte:2026-06-15T11:59:59.000Z", (e) => Date.parse(e["@timestamp"]!) >= base - 1_000],
    ["q=accepted", (e) => /\baccepted\b/i.test(e.raw ?? "")],
    ["q=accept", () => false],
    ["q=accept*", (e) => /\baccepted\b/i.test(e.raw ?? "")],
    ["q=*cepted%20root", (e) => /accepted/i.test(e.raw ?? "") && /root/.test(e.raw ?? "")],
    [`q=${enc('"password for root"')}`, (e) => /password for root/.test(e.raw ?? "")],
    [`q=${enc('"for password"')}`, () => false],
    ["q=sshd%20-failed%20-accepted", () => false],
    [`q=${enc("203.0.113.1")}`, (e) => /(^|[^0-9a-z])203\.0\.113\.1([^0-9a-z]|$)/i.test(e.raw ?? "")],
    [
      `q=${enc("statusCode:>=500 -dataSource:web-1")}`,
      (e) => (e.statusCode ?? 0) >= 500 && e.dataSource !== "web-1",
    ],
    [`q=${enc("origin.user:ro*")}`, (e) => e.origin?.user === "root"],
    [`q=${enc("origin.user:* -dataType:sshd")}`, () => false],
    [
      `q=${enc("origin.ip:198.51.100.0/28 dataType:sshd")}`,
      (e) => e.dataType === "sshd" && /^198\.51\.100\.(\d|1[0-5])$/.test(e.origin?.ip ?? ""),
    ],
    [`q=${enc('"DROP TABLE events --"')}`, (e) => e.id === "odd-1"],
    [`q=${enc("100%")}`, (e) => e.id === "odd-1"],
    [`q=${enc("under_score é漢字")}`, (e) => e.id === "odd-1"],
    [`q=${enc('{p0:String} "[x]"')}`, (e) => e.id === "odd-1"],
    [`q=${enc(String.raw`"quote ' back\\slash"`)}`, (e) => e.id === "odd-1"],
  ])("match %s", async (query, test) => {
    const found = (await ids(query)).filter((id) => id !== "late");
    expect(found.toSorted()).toEqual(matching(test).toSorted());
    // The live tail answers the same question of passing events.
    const asked = new URLSearchParams(query);
    const matches = matcherOf(
      readConditions(
        { q: asked.get("q") ?? "", filter: asked.getAll("filter") },
        { clock: { now: () => now }, plugins: () => undefined },
      ),
    );
    const live = [...samples, odd].filter(matches).map((event) => event.id);
    expect(live.toSorted()).toEqual(matching(test).toSorted());
  });
});

describe("counts", () => {
  const json = async (path: string) => {
    const response = await api.get(path);
    const body = (await response.json()) as Record<string, unknown>;
    expect(response.status, JSON.stringify(body)).toBe(200);
    return body;
  };

  it("over time have a bucket for every interval and add up", async () => {
    const from = "2026-06-15T09:00:00Z";
    const to = "2026-06-15T13:00:00Z";
    const answer = await json(
      `/api/v1/events/histogram?from=${from}&to=${to}&by=severity&interval=10m&filter=dataType:sshd`,
    );
    const items = answer.items as { time: string; count: number; counts: number[] }[];
    expect(items.length).toBe(24);
    expect(items[0]).toMatchObject({ time: "2026-06-15T09:00:00.000Z", count: 0 });
    const wanted = samples.filter((event) => event.dataType === "sshd");
    expect(items.reduce((sum, item) => sum + item.count, 0)).toBe(wanted.length);
    const values = answer.values as string[];
    for (const [place, value] of values.entries())
      expect(items.reduce((sum, item) => sum + item.counts[place]!, 0)).toBe(
        wanted.filter((event) => event.severity === value).length,
      );
  });

  it("over time put rare values together", async () => {
    const answer = await json(`/api/v1/events/histogram?${range}&by=origin.ip`);
    expect(answer.others).toBe(true);
    expect((answer.values as string[]).length).toBe(8);
    const items = answer.items as { count: number; counts: number[] }[];
    for (const item of items) expect(item.counts.reduce((sum, each) => sum + each, 0)).toBe(item.count);
    expect(items.length).toBeLessThanOrEqual(91);
  });

  it("of values name the most frequent, the others and those without", async () => {
    const answer = await json(`/api/v1/events/top?${range}&field=origin.user&limit=3`);
    const users = samples.map((event) => event.origin?.user).filter((user) => user !== undefined);
    const byUser = [...Map.groupBy(users, (user) => user)]
      .map(([value, all]) => ({ value, count: all.length }))
      .sort((a, b) => b.count - a.count);
    expect(answer.items).toEqual(byUser.slice(0, 3));
    expect(answer.total).toBe(count + 2);
    expect(answer.missing).toBe(count + 2 - users.length);
    expect(answer.others).toBe(byUser.slice(3).reduce((sum, each) => sum + each.count, 0));
    expect(answer.distinct).toBe(byUser.length);
  });

  it.each(["statusCode", "errors", "log.upstream.time", "@timestamp", "origin.mac"])(
    "of %s work",
    async (field) => {
      const answer = await json(`/api/v1/events/top?${range}&field=${field}`);
      expect((answer.items as unknown[]).length).toBeGreaterThan(0);
    },
  );

  it("know fields of the schema and paths that were seen", async () => {
    const { items } = (await json("/api/v1/events/fields")) as unknown as {
      items: { path: string; type: string }[];
    };
    expect(items).toContainEqual(expect.objectContaining({ path: "origin.ip", type: "text", seen: false }));
    expect(items).toContainEqual(
      expect.objectContaining({ path: "log.upstream.time", type: "float64", seen: true }),
    );
  });

  it("of everything are in the stats", async () => {
    const answer = await json("/api/v1/stats");
    expect(answer.events).toMatchObject({
      total: count + 2,
      newest: expect.any(String),
      lagSeconds: 0.18,
    });
    expect(answer.engine).toMatchObject({ state: "running", bytesOnDisk: expect.any(Number) });
    expect(answer.databases).toMatchObject([{ name: "country", ageDays: 157, stale: true }]);
  });
});

describe("text search", () => {
  it("is answered by the text index", async () => {
    const bind = new Binder();
    const where = whereOf({ from: 0, to: now }, readTextQuery("accepted password", now), bind);
    const plan = await api.store.query<{ explain: string }>(
      `SELECT explain FROM (EXPLAIN indexes = 1 SELECT id FROM events WHERE ${where})`,
      bind.params,
    );
    const text = plan.map((row) => row.explain).join("\n");
    expect(text).toMatch(/Name: byRaw/);
  });
});
