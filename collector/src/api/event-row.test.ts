import { describe, expect, it } from "vitest";
import { eventFromRow } from "./index.ts";

describe("an event of a row", () => {
  it("leaves out zero values, nests dotted columns and keeps 64-bit integers as text", () => {
    expect(
      eventFromRow({
        id: "a",
        timestamp: "2026-01-01 00:00:00.123",
        deviceTime: "1970-01-01 00:00:00.000",
        dataType: "x",
        severity: "",
        statusCode: 0,
        "origin.ip": "192.0.2.1",
        "origin.bytesSent": 1.5,
        "origin.geolocation.asn": 4_294_967_296,
        log: { a: { b: null, c: 1 }, d: null, e: {} },
        errors: [],
        rest: { origin: { mac: "aa", packagesSent: 5 }, compliance: { pci: { values: ["1"] } } },
        raw: "r",
      }),
    ).toEqual({
      id: "a",
      "@timestamp": "2026-01-01T00:00:00.123Z",
      dataType: "x",
      origin: {
        ip: "192.0.2.1",
        bytesSent: 1.5,
        geolocation: { asn: "4294967296" },
        mac: "aa",
        packagesSent: "5",
      },
      log: { a: { c: 1 } },
      compliance: { pci: { values: ["1"] } },
      raw: "r",
    });
  });

  it("keeps disks as a list, a value beside its children, and drops a hostile name", () => {
    const row = JSON.parse(
      '{"rest":{"origin":{"disks":"[{\\"name\\":\\"sda\\",\\"usedPercent\\":5}]"}},"log":{"__proto__":{"x":1},"y":2}}',
    ) as Record<string, unknown>;
    const event = eventFromRow(row);
    expect(event).toEqual({ origin: { disks: [{ name: "sda", usedPercent: 5 }] }, log: { y: 2 } });
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});
