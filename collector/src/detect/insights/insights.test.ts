import type { Alert, Event } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { parseRules } from "../load.ts";
import { at, batchFrom } from "../testing/events.ts";
import { detectorFor } from "../testing/run.ts";

const wave = {
  id: "web.scanner_wave",
  title: "Scanner wave",
  description: "Many addresses ask for the same path.",
  level: "high",
  event_types: ["access.*"],
  group_by: "path",
  window_minutes: 5,
  threshold: 4,
  min_distinct_ips: 3,
};
const probe = {
  id: "web.env_file_probe",
  title: "Somebody looks for secrets",
  path_contains_any: ["/.ENV", "credentials"],
  event_types: ["access.denied", "access.error"],
  threshold: 2,
};
const set = (...rules: object[]): string => JSON.stringify({ schema_version: 1, rules }, undefined, 2);

let number = 0;
const request = (ms: number, ip: string, path: string, eventType = "access.error"): Event => ({
  ...{ id: `r${number++}`, "@timestamp": at(ms), dataType: "nginx", eventType },
  ...{ origin: { ip }, target: { path } },
});
const names = (alerts: readonly Alert[]): string[] =>
  alerts.map(({ name, adversary }) => `${name} ${adversary?.ip}`);

describe("insight rules", () => {
  it("count by address what has the path and the type", () => {
    const { detector } = detectorFor(set(probe));
    const alerts = detector.process(
      batchFrom([
        request(0, "1.1.1.1", "/.env"),
        request(1, "2.2.2.2", "/app/.Env.bak"),
        request(2, "1.1.1.1", "/index.html"),
        request(3, "1.1.1.1", "/.env", "access.allowed"),
        request(300_000, "1.1.1.1", "/my/credentials"),
        request(300_002, "2.2.2.2", "/.env"),
      ]),
    );
    expect(names(alerts)).toEqual(["Somebody looks for secrets 1.1.1.1"]);
    expect(alerts[0]).toMatchObject({
      ruleId: "web.env_file_probe",
      severity: "medium",
      tags: ["confidence.70"],
    });
    expect(alerts[0]!.description).toBe(
      "2 events of Somebody looks for secrets within 5m for origin.ip = 1.1.1.1.",
    );
  });

  it("need so many events of so many addresses, and wait for each address", () => {
    const { detector } = detectorFor(set(wave));
    const ask = (ms: number, ip: string, path = "/x"): string[] =>
      names(detector.processEvent(request(ms, ip, path)));
    for (const ip of ["1.1.1.1", "1.1.1.1", "1.1.1.1", "2.2.2.2"]) expect(ask(0, ip)).toEqual([]);
    expect(ask(1, "3.3.3.3", "/y")).toEqual([]);
    expect(ask(2, "3.3.3.3")).toEqual(["Scanner wave 3.3.3.3"]);
    expect(ask(3, "3.3.3.3")).toEqual([]);
    expect(ask(4, "1.1.1.1")).toEqual(["Scanner wave 1.1.1.1"]);
    expect(ask(300_002, "3.3.3.3")).toEqual([]);
    expect(ask(300_003, "2.2.2.2")).toEqual(["Scanner wave 2.2.2.2"]);
    expect(ask(300_003, "3.3.3.3")).toEqual(["Scanner wave 3.3.3.3"]);
  });

  it("replace each other by id, in the order of files, and may be looked at by correlations", () => {
    const text = `${set(probe)}\n---\n${set({ ...probe, title: "Later" })}\n---
title: Twice
correlation: { type: event_count, rules: [web.env_file_probe], group-by: [origin.ip], timespan: 1h, condition: { gte: 1 } }`;
    const { detector } = detectorFor(text);
    const alerts = [0, 1].flatMap((ms) => [...detector.processEvent(request(ms, "1.1.1.1", "/.env"))]);
    expect(alerts.map(({ name }) => name)).toEqual(["Twice"]);
    expect(parseRules(text).warnings.map(({ message }) => message)).toEqual([
      'This replaces the rule "web.env_file_probe" of rules.yaml.',
    ]);
  });

  it.each([
    [{ ...probe, threshold: 101 }, /rules\[0\]\.threshold/],
    [{ ...probe, path_matches: ".*" }, /Unknown key "path_matches"/],
    [{ ...probe, group_by: "host" }, /"host" is not one of ip, path/],
    [{ ...probe, window_minutes: 0 }, /window_minutes/],
    [{ ...probe, title: undefined }, /title: Missing/],
  ])("are checked strictly: %j", (rule, expected) => {
    const [problem] = parseRules(set(rule), "insights.json").problems;
    expect(`${problem?.file}:${problem?.line} ${problem?.path}: ${problem?.message}`).toMatch(expected);
    expect(problem?.file).toBe("insights.json");
    expect(problem?.line).toBeGreaterThan(2);
  });
});
