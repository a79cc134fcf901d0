import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isVedetteError } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";
import { Database, factsOf } from "./database.ts";
import { bitsOf, type Entry, type Value, writeMmdb } from "./testing/mmdb-writer.ts";

const entry = (cidr: string, ipVersion: 4 | 6, record: Value): Entry => {
  const [text = "", length] = cidr.split("/");
  const address = parseAddress(text)!;
  return { bits: bitsOf(address.words, address.version, Number(length), ipVersion), record };
};

const london: Value = {
  city: { names: { de: "London", en: "London" } },
  country: { iso_code: "GB", names: { en: "United Kingdom" } },
  location: { latitude: { double: 51.5142 }, longitude: { double: -0.0931 }, accuracy_radius: 10 },
};
const telstra: Value = { autonomous_system_number: 1221, autonomous_system_organization: "Telstra Pty Ltd" };

const ask = (database: Database, text: string) => database.lookup(parseAddress(text)!, text);
const refusal = async (work: () => Promise<unknown> | unknown): Promise<unknown> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return isVedetteError(error) ? error.code : error;
  }
};

describe.each([24, 28, 32] as const)("a database with %i-bit records", (recordSize) => {
  const database = Database.from(
    writeMmdb({
      recordSize,
      entries: [
        entry("81.2.69.0/24", 6, london),
        entry("1.128.0.0/11", 6, telstra),
        entry("2a02:cf40::/29", 6, { country: { iso_code: "NO" } }),
        entry("77.88.0.0/18", 6, { country_code: "RU" }),
      ],
    }),
    "test.mmdb",
  );

  it("finds city, country and place", () => {
    expect(ask(database, "81.2.69.142")).toEqual({
      "geolocation.countryCode": "GB",
      "geolocation.country": "United Kingdom",
      "geolocation.city": "London",
      "geolocation.latitude": 51.5142,
      "geolocation.longitude": -0.0931,
      "geolocation.accuracy": 10,
    });
  });
  it("finds networks, IPv6 and the short country form", () => {
    expect(ask(database, "1.128.0.0")).toEqual({
      "geolocation.asn": "1221",
      "geolocation.aso": "Telstra Pty Ltd",
    });
    expect(ask(database, "2a02:cf40::1")).toMatchObject({ "geolocation.country": "Norway" });
    expect(ask(database, "77.88.8.8")).toMatchObject({ "geolocation.countryCode": "RU" });
  });
  it("knows nothing of the neighbours", () => {
    expect(ask(database, "81.2.70.1")).toBeUndefined();
    expect(ask(database, "2a02:cf48::1")).toBeUndefined();
    expect(database.failures).toBe(0);
  });
});

it("does not look for IPv6 addresses in an IPv4 tree", () => {
  const database = Database.from(
    writeMmdb({ ipVersion: 4, entries: [entry("32.0.0.0/3", 4, telstra)] }),
    "v4.mmdb",
  );
  expect(ask(database, "32.1.2.3")).toBeDefined();
  expect(ask(database, "2001:4860::1")).toBeUndefined();
});

describe("a file that is no good", () => {
  const good = writeMmdb({ entries: [entry("0.0.0.0/1", 6, london), entry("128.0.0.0/1", 6, telstra)] });

  it.each([
    ["empty", Buffer.alloc(0)],
    ["text", Buffer.from("start,end,country\n")],
    ["without metadata", good.subarray(0, good.length - 100)],
    ["cut in the middle", Buffer.concat([good.subarray(0, 60), good.subarray(good.length - 200)])],
    ["metadata alone", good.subarray(good.lastIndexOf("\xab\xcd\xefMaxMind.com", "latin1"))],
    ["only the marker", Buffer.from("\xab\xcd\xefMaxMind.com", "latin1")],
  ])("is refused: %s", async (_name, bytes) => {
    expect(await refusal(() => Database.from(bytes, "broken.mmdb"))).toBe("geo.unreadable");
  });

  it("is refused when it is missing or a folder", async () => {
    expect(await refusal(() => Database.open(join(tmpdir(), "no-such-file.mmdb")))).toBe("geo.unreadable");
    expect(await refusal(() => Database.open(tmpdir()))).toBe("geo.unreadable");
  });

  it("never breaks the process, whichever byte is wrong", async () => {
    for (let at = 0; at < good.length; at++) {
      for (const value of [0, 0x20, 0x3f, 0xe0, 0xff]) {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        let database: Database;
        try {
          database = Database.from(bytes, "flipped.mmdb");
        } catch (error) {
          expect(isVedetteError(error)).toBe(true);
          continue;
        }
        for (const text of ["81.2.69.142", "200.1.2.3", "2001:4860::1"]) ask(database, text);
      }
    }
  });

  it("counts what a damaged record made impossible", async () => {
    const first = writeMmdb({ entries: [entry("9.0.0.0/8", 6, telstra)] });
    const bytes = Buffer.from(first);
    // The record begins after the tree and 16 bytes of separator: make its map claim an unknown type.
    bytes.fill(0, bytes.indexOf("autonomous_system_number") - 2, bytes.indexOf("autonomous_system_number"));
    const directory = await mkdtemp(join(tmpdir(), "vedette-geoip-"));
    await writeFile(join(directory, "damaged.mmdb"), bytes);
    const database = await Database.open(join(directory, "damaged.mmdb"));
    expect(ask(database, "9.9.9.9")).toBeUndefined();
    expect(database.failures).toBe(1);
  });
});

describe("factsOf", () => {
  it.each([
    [null, {}],
    ["text", {}],
    [{ country: { iso_code: "ZZ" } }, {}],
    [{ country: { iso_code: "gb; drop" } }, {}],
    [
      { city: "Oslo", latitude: 59.9, longitude: 10.7 },
      { "geolocation.city": "Oslo", "geolocation.latitude": 59.9, "geolocation.longitude": 10.7 },
    ],
    [{ location: { latitude: 99, longitude: 0 } }, {}],
    [{ location: { latitude: Number.NaN, longitude: 0 } }, {}],
    [{ autonomous_system_number: -1 }, {}],
    [{ autonomous_system_number: 1.5 }, {}],
    [{ autonomous_system_organization: "x".repeat(600) }, {}],
  ])("reads %j", (record, facts) => {
    expect(factsOf(record)).toEqual(facts);
  });
});

// MaxMind's own test files are not part of this project; point the variable at a folder that has them.
const foreign = process.env.VEDETTE_TEST_MMDB;
describe.skipIf(!foreign)("MaxMind's test databases", () => {
  const directory = foreign ?? "";
  const open = (file: string) => Database.open(join(directory, file));
  it.each([
    [
      "GeoLite2-City-Test.mmdb",
      "81.2.69.142",
      { "geolocation.city": "London", "geolocation.countryCode": "GB" },
    ],
    [
      "GeoLite2-City-Test.mmdb",
      "89.160.20.112",
      { "geolocation.city": "Linköping", "geolocation.country": "Sweden" },
    ],
    ["GeoLite2-Country-Test.mmdb", "81.2.69.142", { "geolocation.country": "United Kingdom" }],
    [
      "GeoLite2-ASN-Test.mmdb",
      "1.128.0.0",
      { "geolocation.asn": "1221", "geolocation.aso": "Telstra Pty Ltd" },
    ],
  ])("%s knows %s", async (file, address, facts) => {
    expect(ask(await open(file), address)).toMatchObject(facts);
  });
  it("opens or refuses every file, without a crash", async () => {
    for (const file of (await readdir(directory)).filter((name) => name.endsWith(".mmdb"))) {
      const database = await open(file).catch((error: unknown) => {
        expect(isVedetteError(error)).toBe(true);
      });
      for (const text of ["1.1.1.1", "2001:218::1", "81.2.69.142"]) if (database) ask(database, text);
    }
  });
});
