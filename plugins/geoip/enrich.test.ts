import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Enricher } from "@vedette/sdk";
import { manifestProblems, manualClock, testDeps } from "@vedette/sdk/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";
import { dateOfVersion, enrich } from "./enrich.ts";
import { geoip } from "./index.ts";
import { bitsOf, writeMmdb } from "./testing/mmdb-writer.ts";

const defaults = geoip.settings.parse({});
const open = (settings: Partial<typeof defaults> = {}, now = Date.UTC(2026, 6, 1)): Promise<Enricher> =>
  enrich.open({ ...defaults, ...settings }, { ...testDeps(), clock: manualClock(now) });

const mmdb = async (
  cidr: string,
  record: Parameters<typeof writeMmdb>[0]["entries"][number]["record"],
  built: number,
) => {
  const [text = "", length] = cidr.split("/");
  const address = parseAddress(text)!;
  const bits = bitsOf(address.words, address.version, Number(length), 6);
  const file = join(await mkdtemp(join(tmpdir(), "vedette-geo-")), "own.mmdb");
  await writeFile(file, writeMmdb({ entries: [{ bits, record }], built: built / 1000 }));
  return file;
};

it("keeps the plugin contract", () => {
  expect(manifestProblems(geoip)).toEqual([]);
});

describe("with the databases that ship", () => {
  let enricher: Enricher;
  beforeAll(async () => {
    enricher = await open();
  });

  it.each([
    ["8.8.8.8", "US", "United States", "15169"],
    ["77.88.8.8", "RU", "Russia", "13238"],
    ["193.0.6.139", "NL", "Netherlands", "3333"],
    ["2001:4860:4860::8888", "US", "United States", "15169"],
    ["::ffff:8.8.8.8", "US", "United States", "15169"],
    ["2002:808:808::1", "US", "United States", "15169"],
  ])("places %s", (address, countryCode, country, asn) => {
    const facts = enricher.lookup(address);
    expect(facts).toMatchObject({
      "geolocation.countryCode": countryCode,
      "geolocation.country": country,
      "geolocation.asn": asn,
    });
    expect(Object.keys(facts ?? {}).every((path) => enrich.to.includes(path))).toBe(true);
  });

  it.each([
    "192.168.1.1",
    "10.1.2.3",
    "127.0.0.1",
    "100.64.0.1",
    "::1",
    "fe80::1",
    "::ffff:192.168.1.1",
    "2002:c0a8:101::1",
    "203.0.113.5",
    "2001:db8::1",
    "-",
    "",
    "host.example",
    "8.8.8.8:53",
    "\u0000",
    "' OR 1=1",
  ])("says nothing of %j", (address) => {
    expect(enricher.lookup(address)).toBeUndefined();
  });

  it("tells the age of its data and warns when it is old", async () => {
    expect(enricher.health?.()).toMatchObject({
      status: "healthy",
      message: expect.stringContaining("country data of 2026-06-17 (13 days old)"),
    });
    const later = await open({}, Date.UTC(2026, 9, 1));
    expect(later.health?.()).toMatchObject({
      status: "warning",
      message: expect.stringContaining("105 days old"),
    });
  });
});

describe("with the operator's own files", () => {
  const now = Date.UTC(2026, 6, 1);
  it("prefers them", async () => {
    const database = await mmdb(
      "8.0.0.0/8",
      { country: { iso_code: "FR" }, city: { names: { en: "Lyon" } } },
      now,
    );
    const asnDatabase = await mmdb(
      "8.0.0.0/8",
      { autonomous_system_number: 64500, autonomous_system_organization: "Own" },
      now,
    );
    const enricher = await open({ database, asnDatabase }, now);
    expect(enricher.lookup("8.8.8.8")).toEqual({
      "geolocation.countryCode": "FR",
      "geolocation.country": "France",
      "geolocation.city": "Lyon",
      "geolocation.asn": "64500",
      "geolocation.aso": "Own",
    });
    expect(enricher.lookup("9.9.9.9")).toBeUndefined();
    expect(enricher.health?.().status).toBe("healthy");
  });
  it("refuses what is no database, by path", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "vedette-geo-")), "junk.mmdb");
    await writeFile(file, "junk");
    await expect(open({ database: file })).rejects.toMatchObject({
      code: "geo.unreadable",
      message: expect.stringContaining(file),
    });
    await expect(open({ asnDatabase: file })).rejects.toMatchObject({ code: "geo.unreadable" });
  });
  it("does nothing when it is switched off", async () => {
    const enricher = await open({ enabled: false, database: "/no/such/file" });
    expect(enricher.lookup("8.8.8.8")).toBeUndefined();
  });
});

it("reads the date of the data from the package version", () => {
  expect(new Date(dateOfVersion("2.3.2026061719")).toISOString()).toBe("2026-06-17T19:00:00.000Z");
});
