import { createEgress } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Loopback } from "../_channel/testing/loopback.ts";
import { parseAddress, unwrap } from "./address.ts";
import { enrich } from "./enrich.ts";
import { geoip } from "./index.ts";
import { OnlineFacts } from "./online.ts";
import { isSpecial } from "./special.ts";

const told = (query: string, more: object = {}) => ({
  ...{ status: "success", query, countryCode: "DE", city: "Köln", lat: 50.9, lon: 6.9 },
  ...{ as: "AS3320 Example Telekom", isp: "Example", org: "" },
  ...more,
});

describe("a provider", () => {
  const server = new Loopback();
  let base = "";
  beforeAll(async () => {
    base = await server.start();
  });
  afterAll(() => server.stop());
  const open: OnlineFacts[] = [];
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });
  beforeEach(() => {
    server.seen.length = 0;
    server.answer = (_, response) =>
      response.end(JSON.stringify((JSON.parse(server.seen.at(-1)!.body) as string[]).map((ip) => told(ip))));
  });
  const given = (perMinute = 10) => {
    const clock = manualClock();
    const log = recordingLogger();
    const { signal } = new AbortController();
    const egress = createEgress({ allow: ["127.0.0.1"] });
    const online = new OnlineFacts({ url: `${base}/batch`, perMinute, egress, log, clock, signal });
    open.push(online);
    return { online, clock, log };
  };

  it("is asked in the background, once for an address, and its facts are for what comes later", async () => {
    const { online, clock } = given();
    expect(online.lookup("8.8.8.8")).toBeUndefined();
    expect(online.lookup("8.8.8.8")).toBeUndefined();
    expect(online.lookup("1.1.1.1")).toBeUndefined();
    await online.step();
    expect(server.seen.map(({ body }) => JSON.parse(body) as unknown)).toEqual([["8.8.8.8", "1.1.1.1"]]);
    expect(online.lookup("8.8.8.8")).toEqual({
      ...{ "geolocation.country": "Germany", "geolocation.countryCode": "DE", "geolocation.city": "Köln" },
      ...{ "geolocation.latitude": 50.9, "geolocation.longitude": 6.9 },
      ...{ "geolocation.asn": "3320", "geolocation.aso": "Example" },
    });
    await online.step();
    expect([online.edition, server.seen.length]).toEqual([1, 1]);
    clock.advance(31 * 86_400_000);
    online.lookup("8.8.8.8");
    await online.step();
    expect(server.seen).toHaveLength(2);
  });

  it("is asked no more often than it may be, and not while it says so", async () => {
    const { online, clock } = given(2);
    for (let at = 0; at < 5; at++) {
      online.lookup(`8.8.4.${at}`);
      await online.step();
    }
    expect(server.seen).toHaveLength(2);
    clock.advance(60_000);
    server.answer = (_, response) => response.writeHead(429, { "x-ttl": "120", "x-rl": "0" }).end();
    await online.step();
    expect([server.seen.length, online.problem]).toEqual([3, "it says that it is asked too often."]);
    clock.advance(119_000);
    await online.step();
    expect(server.seen).toHaveLength(3);
  });

  it("that lies, fails or answers a page disturbs nothing", async () => {
    const answers = ["<html>", "{}", '[1,null,{"query":{}}]', JSON.stringify([told("9.9.9.9")])];
    for (const answer of answers) {
      const { online } = given();
      server.answer = (_, response) => response.end(answer);
      online.lookup("8.8.8.8");
      await online.step();
      expect(online.lookup("8.8.8.8")).toBeUndefined();
      expect(online.lookup("9.9.9.9")).toBeUndefined();
    }
    const { online } = given();
    const wrong = { countryCode: "ZZ", city: "x".repeat(600), lat: 1e9, as: 5, isp: null };
    server.answer = (_, response) => response.end(JSON.stringify([told("8.8.8.8", wrong)]));
    online.lookup("8.8.8.8");
    await online.step();
    expect(online.lookup("8.8.8.8")).toBeUndefined();
  });

  it("lets only so many wait", () => {
    const { online } = given();
    for (let at = 0; at < 1_010; at++) online.lookup(`8.${at % 250}.${Math.floor(at / 250)}.1`);
    expect(online.dropped).toBe(10);
  });

  it("is off unless it is switched on, and never learns an address that is special", async () => {
    expect(geoip.settings.parse({})).toMatchObject({ online: false });
    const asked = new Set<string>();
    const egress = { ...createEgress({ allow: ["127.0.0.1"] }) };
    const settings = geoip.settings.parse({ online: true, onlineUrl: `${base}/batch` });
    const clock = manualClock();
    const deps = { log: recordingLogger(), clock, signal: new AbortController().signal, egress };
    const { lookup } = OnlineFacts.prototype;
    OnlineFacts.prototype.lookup = function (address) {
      asked.add(address);
      return lookup.call(this, address);
    };
    try {
      const enricher = await enrich.open(settings, deps);
      const octet = fc.integer({ min: 0, max: 255 });
      const v4 = fc.tuple(fc.constantFrom(10, 127, 169, 172, 192, 100, 224, 8, 203), octet, octet, octet);
      const text = v4.chain((parts) =>
        fc.constantFrom("", "::ffff:", "64:ff9b::").map((by) => by + parts.join(".")),
      );
      fc.assert(
        fc.property(fc.oneof(text, fc.ipV6()), (ip) => void enricher.lookup(ip)),
        { numRuns: 3_000 },
      );
      await enricher.close?.();
    } finally {
      OnlineFacts.prototype.lookup = lookup;
    }
    expect(asked.size).toBeGreaterThan(100);
    for (const ip of asked) expect(isSpecial(unwrap(parseAddress(ip)!)), ip).toBe(false);
  });
});
