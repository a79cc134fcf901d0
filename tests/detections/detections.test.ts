import { writeFileSync } from "node:fs";
import type { Alert } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { Traffic } from "../../cli/src/samples/traffic.ts";
import { attackerNetworks } from "../../cli/src/samples/world.ts";
import { detections, eventsOf } from "./support/detection.ts";
import { alertsOf, alertsOneByOne, pathOf, ruleFiles, rulesIn, shipped, visible } from "./support/engine.ts";

/** Rewrites the expectations; read the difference before it is committed. */
const update = process.env.VEDETTE_UPDATE === "1";

const idsOf = (alerts: readonly Alert[]): string[] =>
  [...new Set(alerts.map(({ ruleId }) => ruleId ?? ""))].sort();

describe.each(detections)("$name", (detection) => {
  const own = new Set(rulesIn(detection.rule).map(({ id }) => id));
  const isOwn = ({ ruleId }: Alert) => own.has(ruleId ?? "");
  const events = eventsOf(detection, detection.lines);
  const alerts = alertsOf(events);
  const quiet = alertsOf(eventsOf(detection, detection.quiet));

  it("raises exactly these alerts", () => {
    expect(detection.readme.trim(), "README.md names the attack and the source of the lines").not.toBe("");
    const found = alerts.filter(isOwn).map(visible);
    if (update) writeFileSync(detection.expectedFile, `${JSON.stringify(found, null, 2)}\n`);
    else expect(found).toEqual(detection.expected);
    expect(found.length).toBeGreaterThan(0);
  });

  it("raises the same event by event", () => {
    const plain = alertsOneByOne(events).filter(isOwn);
    expect(plain.map(visible)).toEqual(alerts.filter(isOwn).map(visible));
  });

  it("stays quiet", () => {
    expect(detection.quiet.length).toBeGreaterThan(0);
    expect(quiet.filter(isOwn).map(visible)).toEqual([]);
  });

  it("is of no concern to other rules, but those that it names", () => {
    const others = idsOf([...alerts, ...quiet].filter((alert) => !isOwn(alert)));
    expect(others).toEqual(Object.keys(detection.also ?? {}).sort());
  });
});

describe("rules", () => {
  const { rules, problems, warnings } = shipped;

  it("load without a problem", () => {
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("have numbers of their own, a technique, a description and references", () => {
    const ids = rules.map((rule) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const rule of rules) {
      expect(rule.id).toMatch(/^\d{4,}$/);
      // A rule that only serves a correlation is told of there.
      if (rule.silent) continue;
      const named = rule.language === "sigma" ? /^T\d{4}(\.\d{3})?(, T|$)/ : /^T\d{4}(\.\d{3})? - /;
      expect(rule.technique, rule.id).toMatch(named);
      expect(rule.category, rule.id).not.toBe("");
      expect(rule.description.length, rule.id).toBeGreaterThan(80);
      expect(rule.references.length, rule.id).toBeGreaterThan(0);
      const wrongly = rule.falsePositives?.length ? "False alarms: " : rule.description;
      expect(wrongly, `rule ${rule.id} names what may raise it wrongly`).toMatch(/False alarms: /);
      if (!rule.correlation)
        expect(rule.deduplicateBy.length + rule.groupBy.length, rule.id).toBeGreaterThan(0);
    }
  });

  it("are all proved by a detection", () => {
    const proved = detections.map((detection) => detection.rule);
    expect(ruleFiles.map(pathOf).filter((file) => !proved.includes(file))).toEqual([]);
  });
});

it("finds what is hidden in the bundled samples, and nothing else", () => {
  const at = Date.UTC(2026, 0, 15, 11, 40);
  const lines = [...new Traffic(7, 4).between(at, at + 60 * 60_000)];
  const types = {
    "nginx/access.log": "nginx",
    "auth.log": "sshd",
    "traefik/access.json": "traefik",
  } as const;
  const events = lines.map(({ file, text }, index) => {
    const [event] = eventsOf({ dataType: types[file] }, [text]);
    return { ...event, id: String(index) };
  });
  const alerts = alertsOf(events);
  expect(idsOf(alerts)).toEqual(["1001", "1002", "1003", "1101", "1102", "1104", "1105", "1106", "1114"]);
  // Visitors and administrators come from other networks than attackers.
  const attackers = new Set(attackerNetworks);
  for (const { adversary } of alerts)
    expect(attackers).toContain((adversary?.ip ?? "").split(".").slice(0, 2).join("."));
});
