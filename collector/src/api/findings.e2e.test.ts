import type { Alert, Event } from "@vedette/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { QueryStore } from "./deps.ts";
import { type ApiFixture, startApi } from "./testing/fixture.ts";

const now = Date.UTC(2026, 5, 15, 12);
const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1000).toISOString();
const event: Event = { id: "e1", "@timestamp": at(5), dataType: "sshd", raw: "Failed password for root" };

const alert = (index: number, rest: Partial<Alert> = {}): Alert => ({
  id: `a${index}`,
  "@timestamp": at(index * 60),
  lastUpdate: at(index * 60),
  name: index % 2 ? "Brute force" : "Web scan",
  ruleId: index % 2 ? "brute" : "scan",
  severity: index % 3 ? "low" : "high",
  status: "open",
  impact: { confidentiality: 3 },
  impactScore: 3,
  references: ["https://a.example"],
  adversary: { ip: "192.0.2.1", geolocation: { asn: "5" } },
  events: [event],
  lastEvent: event,
  ...rest,
});

let api: ApiFixture;
/** When set, every query is this one instead: a way to have a slow one. */
let instead: string | undefined;
const slowable = (store: QueryStore): QueryStore => ({
  query: (sql, params, options) => store.query(instead ?? sql, instead === undefined ? params : {}, options),
});

async function list(path: string): Promise<{ items: Record<string, unknown>[]; next: string | null }> {
  const response = await api.get(path);
  expect(response.status).toBe(200);
  return (await response.json()) as Awaited<ReturnType<typeof list>>;
}

beforeAll(async () => {
  api = await startApi({ clock: { now: () => now }, store: slowable });
  await api.insertAlerts(Array.from({ length: 9 }, (_, index) => alert(index)));
  await api.insertAlerts([alert(4, { status: "closed", lastUpdate: at(1) })]);
  await api.store.insertRows(
    "dead_letters",
    Array.from({ length: 3 }, (_, index) => ({
      id: `d${index}`,
      time: at(index),
      agentId: "agent",
      stage: index ? "decode" : "store",
      reason: "It's broken.",
      rows: 5,
      encoding: "utf8",
      body: "é".repeat(5_000),
    })),
    "letters",
  );
});
afterAll(() => api?.close());

describe("alerts", () => {
  it("are listed newest first, each once, with what changed last", async () => {
    const { items } = await list("/api/v1/alerts");
    expect(items.map((item) => item["id"])).toEqual(Array.from({ length: 9 }, (_, index) => `a${index}`));
    expect(items[4]).toMatchObject({ status: "closed", eventCount: 1, adversary: { ip: "192.0.2.1" } });
    expect(items[0]).not.toHaveProperty("events");
  });

  it.each([
    ["status=closed", ["a4"]],
    ["status=open&severity=high", ["a0", "a3", "a6"]],
    ["severity=high&severity=critical&rule=brute", ["a3"]],
    ["rule=Web%20scan&status=open", ["a0", "a2", "a6", "a8"]],
    ["from=-150s", ["a0", "a1", "a2"]],
    ["rule=%27%20OR%201=1--", []],
  ])("are narrowed by %s", async (query, ids) => {
    expect((await list(`/api/v1/alerts?${query}`)).items.map((item) => item["id"])).toEqual(ids);
  });

  it("are read page by page", async () => {
    const seen: unknown[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page = await list(`/api/v1/alerts?limit=4${next === "" ? "" : `&cursor=${next}`}`);
      seen.push(...page.items.map((item) => item["id"]));
      next = page.next;
    }
    expect(seen.length).toBe(9);
  });

  it("are shown whole, with their events", async () => {
    const found = async () => (await (await api.get("/api/v1/alerts/a4")).json()) as Alert;
    // Alerts come to their incident a little later.
    await expect.poll(found, { timeout: 60_000 }).toHaveProperty("incidentId");
    const since = { verdict: "", assignee: "", version: 0, incidentId: expect.any(String) };
    expect(await found()).toEqual({
      ...alert(4, { status: "closed", lastUpdate: at(1) }),
      ...since,
      attack: expect.anything(),
    });
    expect((await api.get("/api/v1/alerts/none")).status).toBe(404);
  });
});

describe("dead letters", () => {
  it("are listed with the beginning of their data", async () => {
    const { items, next } = await list("/api/v1/dead-letters?stage=decode&limit=1");
    expect(items).toMatchObject([{ id: "d1", reason: "It's broken.", rows: 5, bodyBytes: 10_000 }]);
    expect((items[0]!["body"] as string).length).toBe(4_096);
    const rest = await list(`/api/v1/dead-letters?stage=decode&limit=1&cursor=${next}`);
    expect(rest.items.map((item) => item["id"])).toEqual(["d2"]);
    expect(rest.next).toBeNull();
  });
});

describe("the live tail over HTTP", () => {
  it("sends matching events as they are stored, and ends with its client", async () => {
    const control = new AbortController();
    const response = await api.get("/api/v1/events/tail?q=failed&filter=dataType:sshd", {
      signal: control.signal,
    });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    await api.insert([event, { ...event, id: "e2", raw: "Accepted password" }]);
    let text = "";
    while (!text.includes("data: ")) text += (await reader.read()).value;
    expect(JSON.parse(/^data: (.*)$/m.exec(text)![1]!)).toEqual(event);
    expect(text).not.toContain("e2");
    control.abort();
    await expect.poll(() => api.tail.listeners).toBe(0);
  });

  it("refuses a search that cannot be understood", async () => {
    expect((await api.get("/api/v1/events/tail?filter=nothing:1")).status).toBe(400);
  });
});

describe("a client that goes away", () => {
  const running = async (): Promise<number> => {
    const [row] = await api.store.query<{ count: string }>(
      "SELECT count() AS count FROM system.processes WHERE query LIKE '%marker_of_a_slow_query%' AND query NOT LIKE '%system.processes%'",
    );
    return Number(row?.count);
  };

  it("takes its query with it", async () => {
    instead =
      "SELECT countIf(SHA256(toString(number)) = 'x') AS marker_of_a_slow_query FROM numbers(1000000000)";
    const control = new AbortController();
    const asked = api.get("/api/v1/events", { signal: control.signal }).catch((error: Error) => error.name);
    await expect.poll(running, { timeout: 60_000 }).toBe(1);
    control.abort();
    expect(await asked).toBe("AbortError");
    await expect.poll(running, { timeout: 60_000 }).toBe(0);
    instead = undefined;
    expect((await api.get("/api/v1/events")).status).toBe(200);
  });
});
