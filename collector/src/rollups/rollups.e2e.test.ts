import type { Event } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiFixture, startApi } from "../api/testing/fixture.ts";
import { Rollups } from "./index.ts";

const dayMs = 86_400_000;
let now = Date.UTC(2026, 5, 15, 12);
const clock = { now: () => now };
let api: ApiFixture;
let made = 0;

const event = (day: string, more: Event): Event => ({
  ...{
    id: `e${made++}`,
    "@timestamp": `${day}T07:30:00.000Z`,
    dataType: "traefik",
    eventType: "access.allowed",
  },
  ...more,
});
const ban = (day: string, ip: string, scenario: string): Event =>
  event(day, { eventType: "security.ban", dataType: "crowdsec", origin: { ip }, log: { scenario } });

const rollups = (keptDays: readonly number[] = [30]) => {
  const { signal } = new AbortController();
  return new Rollups({ store: api.store, clock, log: recordingLogger(), signal, keptDays });
};

beforeAll(async () => {
  api = await startApi({ clock });
});
afterAll(() => api?.close());

async function counts(
  metric: string,
  query = "from=2026-01-01&to=2026-12-31",
): Promise<Record<string, number>> {
  const response = await api.get(`/api/v1/rollups?metric=${metric}&${query}`);
  const body = (await response.json()) as { items: { period: string; key: string; value: number }[] };
  expect(response.status, JSON.stringify(body)).toBe(200);
  return Object.fromEntries(body.items.map(({ period, key, value }) => [`${period} ${key}`.trim(), value]));
}

describe("rollups", () => {
  const country = (countryCode: string) => ({ geolocation: { countryCode } });

  it("count what is stored by day and month, once, however often and by whomever they are made", async () => {
    await api.insert([
      event("2026-06-13", {
        origin: { ip: "203.0.113.9", ...country("DE") },
        statusCode: 200,
        target: { host: "shop" },
      }),
      event("2026-06-13", {
        origin: { ip: "192.168.1.4" },
        statusCode: 404,
        eventType: "access.error",
        assetId: "p/1",
      }),
      event("2026-06-14", { origin: { ip: "172.31.0.1" } }),
      event("2026-06-14", { origin: { ip: "fe80::1" } }),
      event("2026-06-14", { origin: { ip: "172.32.0.1" } }),
      event("2026-06-14", { origin: { ip: "2001:db8::1" } }),
      event("2026-06-14", {
        eventType: "security.geoblock",
        origin: { ip: "203.0.113.9", ...country("CN") },
      }),
      ban("2026-06-14", "203.0.113.9", "crowdsecurity/ssh-bf (action #12)"),
      ban("2026-06-14", "203.0.113.8", "crowdsecurity/ssh-bf"),
      ban("2026-05-31", "203.0.113.7", "crowdsecurity/http-probing"),
    ]);
    expect(await rollups().roll(true)).toEqual(["2026-05-31", "2026-06-13", "2026-06-14"]);
    expect(await rollups().roll(true)).toEqual([]);
    expect(await counts("events")).toEqual({ "2026-05-31": 1, "2026-06-13": 2, "2026-06-14": 7 });
    expect(await counts("events", "from=2026-01-01&to=2026-12-31&by=month")).toEqual({
      "2026-05": 1,
      "2026-06": 9,
    });
    expect(await counts("access")).toEqual({
      ...{ "2026-06-13 external": 1, "2026-06-13 internal": 1 },
      ...{ "2026-06-14 external": 2, "2026-06-14 internal": 2 },
    });
    expect(await counts("security")).toEqual({
      ...{ "2026-05-31 ban": 1, "2026-06-14 ban": 2, "2026-06-14 geoblock": 1 },
    });
    expect(await counts("scenario")).toEqual({
      ...{ "2026-05-31 crowdsecurity/http-probing": 1, "2026-06-14 crowdsecurity/ssh-bf": 2 },
    });
    expect(await counts("status")).toEqual({ "2026-06-13 2xx": 1, "2026-06-13 4xx": 1 });
    expect(await counts("hour_security", "from=2026-06-14&to=2026-06-14")).toEqual({ "2026-06-14 07": 3 });
    expect(await counts("country")).toEqual({ "2026-06-13 DE": 1, "2026-06-14 CN": 1 });
    expect(await counts("country_security")).toEqual({ "2026-06-14 CN": 1 });
    expect(await counts("host")).toEqual({ "2026-06-13 shop": 1 });
    expect(await counts("asset")).toEqual({ "2026-06-13 p/1": 1 });
    expect(await counts("severity", "from=2026-06-13&to=2026-06-13&key=none")).toEqual({});
  });

  it("take events that come late, and sum up what is too rare", async () => {
    now += 3_600_000;
    const late = Array.from({ length: 1_200 }, (_, at) =>
      event("2026-06-13", { eventType: at < 100 ? "late.often" : `late.${at}` }),
    );
    await api.insert(late);
    expect(await rollups().roll()).toEqual(["2026-06-13"]);
    expect(await counts("events", "from=2026-06-13&to=2026-06-13")).toEqual({ "2026-06-13": 1_202 });
    const types = await counts("event_type", "from=2026-06-13&to=2026-06-13&limit=10000");
    expect(Object.keys(types)).toHaveLength(1_001);
    expect(types["2026-06-13 late.often"]).toBe(100);
    expect(types["2026-06-13 …"]).toBe(103);
    expect(Object.values(types).reduce((sum, value) => sum + value, 0)).toBe(1_202);
  });

  it("stay when events are deleted, and are not made anew from what is left of a day", async () => {
    const before = await counts("events");
    now = Date.UTC(2026, 6, 14);
    await api.insert([...Array(2_000)].map(() => event("2026-06-13", {})));
    expect(await rollups([30, 90]).roll(true)).toEqual([]);
    expect(await counts("events")).toEqual(before);
    expect(await rollups([0]).roll(true)).toEqual(["2026-06-13"]);
    now += dayMs;
  });

  it("are told by tenant, summed up, and over a whole range", async () => {
    await api.insert([
      event("2026-07-01", { tenantId: "acme", eventType: "auth.login.failed" }),
      event("2026-07-02", { tenantId: "acme", eventType: "auth.login.success" }),
      event("2026-07-02", { tenantId: "beta", eventType: "auth.login.failed" }),
    ]);
    await rollups().roll(true);
    const july = "from=2026-07-01&to=2026-07-02";
    expect(await counts("event_type", `${july}&by=all`)).toEqual({
      ...{ "auth.login.failed": 2, "auth.login.success": 1 },
    });
    expect(await counts("event_type", `${july}&by=all&tenant=acme&key=auth.login.failed`)).toEqual({
      "auth.login.failed": 1,
    });
    expect(await counts("event_type", `${july}&sum=true`)).toEqual({ "2026-07-01": 1, "2026-07-02": 2 });
    expect(await (await api.get(`/api/v1/rollups/tenants?${july}`)).json()).toEqual({
      items: [
        { tenantId: "acme", events: 2 },
        { tenantId: "beta", events: 1 },
      ],
      next: null,
    });
  });

  it("refuse what they do not know", async () => {
    for (const wrong of [
      "metric=x&from=2026-01-01&to=2026-01-02",
      "metric=events&from=2026-01-40&to=2026-02-01",
    ])
      expect((await api.get(`/api/v1/rollups?${wrong}`)).status, wrong).toBe(400);
    expect((await api.get("/api/v1/rollups?metric=events&from=2026-02-01&to=2026-01-01")).status).toBe(400);
  });
});
