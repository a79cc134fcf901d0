import { BatchBuilder, decodeBatch, encodeNative } from "@vedette/core/batch";
import { type AnyPlugin, definePlugin, type EnrichCapability, type Event } from "@vedette/sdk";
import { testDeps } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openEnrichStage } from "./index.ts";

type Answer = Record<string, string | number>;

function plugin(
  id: string,
  lookup: (value: string) => Answer | undefined,
  from: EnrichCapability<unknown>["from"] = "ip",
): AnyPlugin {
  return definePlugin({
    id,
    name: id,
    version: "1.0.0",
    description: id,
    apiVersion: 1,
    settings: z.strictObject({}),
    locales: { en: { description: id }, de: { description: id } },
    enrich: {
      from,
      to: ["country", "asn", "latitude", "accuracy", "noSuchField"].map((leaf) => `geolocation.${leaf}`),
      open: async () => ({ lookup }),
    },
  });
}

const asked: string[] = [];
const atlas = plugin("atlas", (ip) => {
  asked.push(ip);
  if (ip.startsWith("10.")) return undefined;
  const n = Number(ip.split(".").at(-1));
  const facts = { "geolocation.country": `Land ${n}`, "geolocation.asn": String(64_500 + n) };
  return { ...facts, "geolocation.latitude": n / 2, "geolocation.accuracy": 5, "origin.user": "intruder" };
});

const base = { "@timestamp": "2026-01-01T00:00:00.000Z", dataType: "nginx" };
const ingestedAt = "2026-01-01T00:00:00.000Z";

function batchOf(events: readonly Event[]) {
  const builder = new BatchBuilder("nginx", { rows: 1e6, bytes: 1e9 });
  for (const event of events) builder.append(event, { source: "s", offset: 0, end: 1 });
  const batchId = "00000000-0000-7000-8000-000000000001";
  return decodeBatch(builder.seal({ batchId, agentId: "a", epoch: 1, sequence: 0 }).frame);
}

async function enriched(plugins: AnyPlugin[], events: readonly Event[]) {
  const stage = await openEnrichStage(plugins, {}, testDeps());
  const batch = stage.enrich(batchOf(events));
  expect(Buffer.concat(encodeNative(batch)).length).toBeGreaterThan(0);
  const rows = events.map((_, row) => batch.event(row));
  // One event at a time gives the same.
  expect(events.map((event) => stage.enrichEvent(structuredClone(event) as Event))).toEqual(rows);
  return { stage, rows };
}

describe("the enrich stage", () => {
  it.each<[string, Event, Event]>([
    [
      "adds facts to the side they are about",
      { id: "1", origin: { ip: "192.0.2.8" }, target: { ip: "10.0.0.1" } },
      {
        id: "1",
        origin: { ip: "192.0.2.8", geolocation: { country: "Land 8", asn: "64508", latitude: 4 } },
        target: { ip: "10.0.0.1" },
      },
    ],
    [
      "keeps what the producer said, value by value",
      {
        id: "1",
        target: { ip: "192.0.2.8", geolocation: { country: "Utopia", asn: "18446744073709551615" } },
      },
      {
        id: "1",
        target: {
          ip: "192.0.2.8",
          geolocation: { country: "Utopia", asn: "18446744073709551615", latitude: 4 },
        },
      },
    ],
    ["leaves a row without the value alone", { id: "1", log: { a: 1 } }, { id: "1", log: { a: 1 } }],
  ])("%s", async (_, input, output) => {
    const neighbour = { ...base, id: "n", origin: { ip: "192.0.2.1" }, target: { ip: "192.0.2.3" } };
    const { rows } = await enriched([atlas], [{ ...base, ...input }, neighbour]);
    expect(rows[0]).toEqual({ ...base, ingestedAt, ...output });
    expect(rows[1]).toMatchObject({
      origin: { geolocation: { country: "Land 1" } },
      target: { geolocation: { country: "Land 3" } },
    });
  });

  it("asks once per distinct value and remembers the answer for the next batch", async () => {
    asked.length = 0;
    const stage = await openEnrichStage([atlas], {}, testDeps());
    const events = Array.from({ length: 1_000 }, (_, i) => ({
      ...base,
      id: `e${i}`,
      origin: { ip: `192.0.2.${i % 4}` },
      target: { ip: "192.0.2.1" },
    }));
    stage.enrich(batchOf(events));
    stage.enrich(batchOf(events));
    expect(asked.sort()).toEqual(["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    expect(stage.stats()).toMatchObject({ atlas: { lookups: 4, failures: 0 } });
  });

  it("remembers a bounded number of answers", async () => {
    asked.length = 0;
    const stage = await openEnrichStage([atlas], {}, testDeps(), { cacheSize: 10 });
    const one = (n: number) => batchOf([{ ...base, id: "e", origin: { ip: `192.0.${n}.2` } }]);
    for (let n = 0; n < 20; n++) stage.enrich(one(n));
    stage.enrich(one(19));
    expect(asked).toHaveLength(20);
    stage.enrich(one(0));
    expect(asked).toHaveLength(21);
  });

  it("goes on without an enricher that fails, counts it, and tries again with the next batch", async () => {
    let broken = true;
    const shaky = plugin("shaky", () => {
      if (broken) throw new Error("the file is gone");
      return { "geolocation.country": "Later" };
    });
    const stage = await openEnrichStage([shaky, atlas], {}, testDeps());
    const event = { ...base, id: "e", origin: { ip: "192.0.2.8" } };
    expect(stage.enrich(batchOf([event])).event(0).origin?.geolocation?.country).toBe("Land 8");
    expect(stage.health()["shaky"]).toMatchObject({ status: "warning" });
    broken = false;
    expect(stage.enrich(batchOf([event])).event(0).origin?.geolocation).toMatchObject({
      country: "Later",
      asn: "64508",
    });
    expect(stage.stats()["shaky"]).toMatchObject({ failures: 1, lookups: 2 });
  });

  it("gives up on a failing enricher for the rest of a batch, not for good", async () => {
    let calls = 0;
    const down = plugin("down", () => {
      calls++;
      throw new Error("down");
    });
    const stage = await openEnrichStage([down], {}, testDeps());
    const events = Array.from({ length: 5_000 }, (_, i) => ({
      ...base,
      id: `e${i}`,
      origin: { ip: `10.1.${i >> 8}.${i & 255}` },
    }));
    stage.enrich(batchOf(events));
    expect(calls).toBe(100);
    expect(stage.stats()["down"]).toMatchObject({ failures: 100, skipped: 4_900 });
  });

  it("keeps out answers that do not fit the schema and counts them", async () => {
    const liar = plugin("liar", () => ({
      "geolocation.country": 7,
      "geolocation.asn": "-1",
      "geolocation.latitude": Number.NaN,
    }));
    const { stage, rows } = await enriched([liar], [{ ...base, id: "e", origin: { ip: "192.0.2.8" } }]);
    expect(rows[0]?.origin).toEqual({ ip: "192.0.2.8" });
    expect(stage.stats()["liar"]).toMatchObject({ unfitting: 3 });
  });

  it("shows an enricher that cannot be opened and works without it", async () => {
    const closed = definePlugin({
      ...plugin("closed", () => undefined),
      enrich: { from: "ip", to: [], open: () => Promise.reject(new Error("no such file")) },
    });
    const { stage, rows } = await enriched(
      [closed, atlas],
      [{ ...base, id: "e", origin: { ip: "192.0.2.2" } }],
    );
    expect(stage.health()["closed"]).toEqual({
      status: "error",
      message: "Could not be opened: no such file",
    });
    expect(rows[0]?.origin?.geolocation?.country).toBe("Land 2");
    await stage.close();
  });

  it("asks again for what it knew, once an enricher says that it knows better", async () => {
    let edition = 0;
    const growing = plugin("growing", () => (edition === 0 ? undefined : { "geolocation.country": "New" }));
    const { open } = growing.enrich!;
    const grows: AnyPlugin = {
      ...growing,
      enrich: {
        ...growing.enrich!,
        open: async (settings, deps) => ({ ...(await open(settings, deps)), edition: () => edition }),
      },
    };
    const stage = await openEnrichStage([grows], {}, testDeps());
    const country = () =>
      stage.enrich(batchOf([{ ...base, id: "1", origin: { ip: "192.0.2.8" } }])).event(0).origin;
    expect(country()).not.toHaveProperty("geolocation");
    edition = 1;
    expect(country()).toMatchObject({ geolocation: { country: "New" } });
    country();
    expect(stage.stats()["growing"]).toMatchObject({ lookups: 2, cached: 1 });
  });
});
