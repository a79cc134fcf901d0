import { readFileSync } from "node:fs";
import type { Event } from "@vedette/sdk";
import { expect, it } from "vitest";
import { at } from "../testing/events.ts";
import { detectorFor } from "../testing/run.ts";

const file = new URL("../../../../deploy/examples/rules/opensecdash.yaml", import.meta.url);

it("has the correlations that OpenSecDash has as code", () => {
  const { detector } = detectorFor(readFileSync(file, "utf8"));
  let number = 0;
  const found = (ms: number, ip: string, eventType: string): string[] => {
    const id = `e${number++}`;
    const event: Event = { id, "@timestamp": at(ms), dataType: "traefik", eventType, origin: { ip } };
    return detector.processEvent(event).map(({ ruleId }) => ruleId!);
  };
  expect(found(0, "1.1.1.1", "access.error")).toEqual([]);
  expect(found(1, "1.1.1.1", "access.allowed")).toEqual([]);
  expect(found(60_001, "1.1.1.1", "security.geoblock")).toEqual(["insight.geoblock"]);
  expect(found(60_002, "2.2.2.2", "access.denied")).toEqual([]);
  expect(found(60_003, "1.1.1.1", "access.denied")).toEqual(["insight.blocked_request"]);
  expect(found(60_004, "2.2.2.2", "security.ban")).toEqual(["insight.ban", "insight.ban_after_access"]);
  expect(found(60_005, "3.3.3.3", "security.ban.manual")).toEqual(["insight.ban"]);
});
