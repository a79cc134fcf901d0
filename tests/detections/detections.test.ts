import type { Alert } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { eventsIn, eventsOf, prove, saveDetection } from "../../cli/src/rules/test/index.ts";
import { Traffic } from "../../cli/src/samples/traffic.ts";
import { attackerNetworks } from "../../cli/src/samples/world.ts";
import { detections, pipelinesFor } from "./support/detection.ts";
import { alertsOf, pathOf, ruleFiles, rulesIn, shipped } from "./support/engine.ts";

/** Rewrites the expectations; read the difference before it is committed. */
const update = process.env.VEDETTE_UPDATE === "1";

const idsOf = (alerts: readonly Alert[]): string[] =>
  [...new Set(alerts.map(({ ruleId }) => ruleId ?? ""))].sort();

describe.each(detections)("$name", (detection) => {
  const { time, loud, quiet } = detection;
  const own = new Set(rulesIn(detection.rule).map(({ id }) => id));
  const calm = eventsIn(detection, quiet, pipelinesFor);
  const proof = prove(eventsIn(detection, loud, pipelinesFor), calm, { rules: shipped.rules, own, time });

  it("raises exactly these alerts", () => {
    expect(detection.readme.trim(), "README.md names the attack and the source of the lines").not.toBe("");
    if (update) saveDetection(detection, proof.found);
    else expect(proof.found).toEqual(detection.expected);
    expect(proof.found.length).toBeGreaterThan(0);
  });

  it("raises the same event by event", () => {
    expect(proof.plain).toEqual(proof.found);
  });

  it("stays quiet", () => {
    expect(calm.length).toBeGreaterThan(0);
    expect(proof.quiet).toEqual([]);
  });

  it("is of no concern to other rules, but those that it names", () => {
    expect(proof.others).toEqual(Object.keys(detection.also).sort());
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
    const proved = detections.flatMap(({ rule }) => rule).flat();
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
    const reading = { dataType: types[file], countries: {}, time: "2026-01-31T00:00:00Z" };
    const [event] = eventsOf(reading, [text], pipelinesFor);
    return { ...event, id: String(index) };
  });
  const alerts = alertsOf(events);
  expect(idsOf(alerts)).toEqual(["1001", "1002", "1003", "1101", "1102", "1104", "1105", "1106", "1114"]);
  // Visitors and administrators come from other networks than attackers.
  const attackers = new Set(attackerNetworks);
  for (const { adversary } of alerts)
    expect(attackers).toContain((adversary?.ip ?? "").split(".").slice(0, 2).join("."));
});
