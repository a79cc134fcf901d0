import type { Alert } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { alertRow, batchRow, deadLetterRow } from "./index.ts";

describe("rows of the store", () => {
  it("keep an alert whole, with columns to filter by", () => {
    const alert: Alert = {
      id: "a",
      "@timestamp": "2026-01-01T00:00:00.000Z",
      name: "Scan",
      severity: "high",
      impact: { confidentiality: 3 },
      adversary: { ip: "192.0.2.1" },
      events: [{ id: "e1" }, { id: "e2" }],
      lastEvent: { id: "e2" },
    };
    const row = alertRow(alert);
    expect(row).toMatchObject({
      id: "a",
      timestamp: "2026-01-01T00:00:00.000Z",
      lastUpdate: "2026-01-01T00:00:00.000Z",
      status: "open",
      "impact.confidentiality": 3,
      "impact.integrity": 0,
      adversary: { ip: "192.0.2.1" },
      target: {},
      eventIds: ["e1", "e2"],
    });
    expect(JSON.parse(String(row.document))).toEqual(alert);
    expect(row).not.toHaveProperty("@timestamp");
  });

  it("keep where a batch came from", () => {
    const header = {
      batchId: "b",
      agentId: "a",
      epoch: 1,
      sequence: 2,
      dataType: "t",
      schema: 1,
      rows: 3,
      minTime: 0,
      maxTime: 1_000,
      sources: [
        { source: "s", from: 0, to: 9 },
        { source: "z", from: 5, to: 7 },
      ],
      codec: "none" as const,
      bodyBytes: 1,
    };
    expect(batchRow(header, 2_000, 1)).toMatchObject({
      firstPosition: "s@0",
      lastPosition: "z@7",
      maxTime: "1970-01-01T00:00:01.000Z",
      storedAt: "1970-01-01T00:00:02.000Z",
      deliveries: 1,
    });
  });

  it("keep a refused frame, bounded so that its row fits", () => {
    const dead = { agentId: "a", stage: "decode" as const, reason: "Why.", frame: Buffer.alloc(20 << 20, 1) };
    const row = deadLetterRow(dead, 0);
    expect(String(row.body).length).toBeLessThan(9_000_000);
    expect(Buffer.from(String(row.body), "base64").equals(dead.frame.subarray(0, 6 << 20))).toBe(true);
  });
});
