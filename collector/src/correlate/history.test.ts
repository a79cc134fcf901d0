import { docOf } from "@vedette/core/pipeline";
import type { Event } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { EventRef } from "./bodies.ts";
import { packed } from "./event-ids.ts";
import { History, type HistoryLimits } from "./history.ts";
import { compileSearch } from "./search.ts";
import { searchRequest } from "./search-schema.ts";

const limits: HistoryLimits = { sightings: 10_000, lateMs: 60_000, bodyBytes: 1e6, bodies: 100 };
const byAddress = (count: number, within = "10m") =>
  compileSearch(
    searchRequest.parse({
      with: [{ field: "origin.ip", operator: "filter_term", value: "{{.origin.ip}}" }],
      within,
      count,
    }),
    ["t"],
  );

const event = (id: string, ms: number, ip: string): Event => ({
  id,
  "@timestamp": new Date(ms).toISOString(),
  dataType: "t",
  origin: { ip },
});

function setUp(search = byAddress(5), given = limits) {
  const history = new History(given);
  history.subscribe(search);
  const [subscription] = history.subscriptionsOf("t");
  let seq = 0;
  let now = 0;
  return {
    history,
    tick: (ms: number) => {
      now += ms;
    },
    add: (each: Event) => {
      const ref = new EventRef(each.id!, Date.parse(each["@timestamp"]!), "t", each);
      history.add(subscription!, { doc: docOf(each), seq: seq++, ref: () => ref }, now);
    },
    hits: (each: Event) => {
      const time = Date.parse(each["@timestamp"]!);
      const found = history.find(search, { doc: docOf(each), key: () => packed(each.id!), time, seq });
      return typeof found === "string" ? found : found.hits;
    },
  };
}

describe("history", () => {
  it("stays bounded with a million distinct addresses, counts what left, and keeps the busy one", () => {
    const { history, add, hits } = setUp();
    for (let i = 0; i < 1_000_000; i++) {
      add(event(`e${i}`, i, `198.${i >> 16}.${(i >> 8) & 255}.${i & 255}`));
      if (i % 2_000 === 0) add(event(`busy${i}`, i, "203.0.113.1"));
    }
    const { sightings, series } = history.size;
    expect(sightings).toBeLessThanOrEqual(limits.sightings);
    expect(series).toBeLessThanOrEqual(limits.sightings);
    expect(history.stats.evictedSeries).toBeGreaterThan(980_000);
    expect(hits(event("x", 1_000_000, "203.0.113.1"))).toBeGreaterThanOrEqual(5);
  });

  it("keeps few events of one busy key, the newest", () => {
    const { history, add, hits } = setUp(byAddress(50));
    for (let i = 0; i < 100_000; i++) add(event(`e${i}`, i, "203.0.113.1"));
    expect(history.size.sightings).toBeLessThanOrEqual(200);
    expect(hits(event("x", 100_000, "203.0.113.1"))).toBeGreaterThanOrEqual(50);
  });

  it("is not blinded by events of a clock that once ran ahead", () => {
    const { add, hits } = setUp();
    for (let i = 0; i < 200; i++) add(event(`future${i}`, 86_400_000 + i, "192.0.2.1"));
    for (let i = 0; i < 5; i++) add(event(`e${i}`, i, "192.0.2.1"));
    expect(hits(event("x", 5, "192.0.2.1"))).toBe(5);
  });

  it("forgets keys that nobody can ask for any more", () => {
    const { history, add, tick } = setUp();
    add(event("a", 0, "192.0.2.1"));
    tick(10 * 60_000 + limits.lateMs + 1);
    add(event("b", 0, "192.0.2.2"));
    expect(history.size.series).toBe(1);
    expect(history.stats).toMatchObject({ expiredSeries: 1, evictedSeries: 0 });
  });

  it("keeps heads when the bodies of events are too many", () => {
    const search = byAddress(1);
    const { history, add } = setUp(search, { ...limits, bodies: 2 });
    for (let i = 0; i < 5; i++) add(event(`e${i}`, i, "192.0.2.1"));
    const doc = docOf(event("x", 5, "192.0.2.1"));
    const found = history.find(search, { doc, key: () => packed("x"), time: 5, seq: 9 });
    if (typeof found === "string") throw new Error(found);
    expect(found.sample().map((seen) => seen.event())).toEqual([
      event("e4", 4, "192.0.2.1"),
      event("e3", 3, "192.0.2.1"),
      ...[2, 1, 0].map((n) => ({ id: `e${n}`, "@timestamp": new Date(n).toISOString(), dataType: "t" })),
    ]);
    expect(history.size.droppedBodies).toBe(3);
  });

  it.each([
    ["at both edges of the window", 600_000, [0, 600_000], 2],
    ["not before the window", 600_001, [0, 600_001], 1],
    ["events that are a little later but arrived earlier", 0, [0, 60_000], 2],
    ["not events that are much later", 0, [0, 60_001], 1],
  ])("counts %s", (_, time, times, expected) => {
    const { add, hits } = setUp();
    for (const [i, each] of times.entries()) add(event(`e${i}`, each, "192.0.2.1"));
    expect(hits(event("x", time, "192.0.2.1"))).toBe(expected);
  });

  it("counts an event once however often and whenever it comes", () => {
    const { history, add, hits } = setUp(byAddress(200));
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 150; i++) add(event(`e${i}`, i + round, "192.0.2.1"));
    }
    expect(hits(event("x", 200, "192.0.2.1"))).toBe(150);
    expect(history.stats.repeats).toBe(300);
  });

  it("files an event under each value of a list, and under none where the value is absent", () => {
    const search = compileSearch(
      searchRequest.parse({
        with: [{ field: "log.tags", operator: "filter_term", value: "{{.action}}" }],
        within: "1h",
      }),
      ["t"],
    );
    const { history, add, hits } = setUp(search);
    add({ ...event("a", 0, ""), log: { tags: ["x", "y", "x"] } });
    add({ ...event("b", 0, ""), log: {} });
    expect(history.size.sightings).toBe(2);
    expect(hits({ ...event("q", 1, ""), action: "y" })).toBe(1);
    expect(hits(event("q", 1, ""))).toBe("action");
  });

  it("shares what several rules ask for, and says what it needs back after a restart", () => {
    const history = new History(limits);
    history.subscribe(byAddress(5, "10m"));
    history.subscribe(byAddress(50, "2h"));
    expect(history.subscriptionsOf("t")).toHaveLength(1);
    expect(history.subscriptionsOf("other")).toHaveLength(0);
    expect(history.needs()).toEqual([{ dataType: "t", windowMs: 7_200_000 }]);
  });
});
