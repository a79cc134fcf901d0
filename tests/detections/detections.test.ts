import { writeFileSync } from "node:fs";
import { loadRules } from "@vedette/collector";
import type { Alert } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { Traffic } from "../../cli/src/samples/traffic.ts";
import { attackerNetworks } from "../../cli/src/samples/world.ts";
import { allPlugins } from "../conformance/support/plugin-list.ts";
import { alertsOf, detections, detectorOf, eventsOf, visible } from "./support/detection.ts";

/** Rewrites the expectations; read the difference before it is committed. */
const update = process.env.VEDETTE_UPDATE === "1";

const ruleFiles = allPlugins.flatMap(({ plugin }) => plugin.analyze?.rules ?? []);

describe.each(detections)("$name", (detection) => {
  it("raises exactly these alerts", () => {
    expect(detection.readme.trim(), "README.md names the attack and the source of the lines").not.toBe("");
    const found = alertsOf(detection, detection.lines).map(visible);
    if (update) writeFileSync(detection.expectedFile, `${JSON.stringify(found, null, 2)}\n`);
    else expect(found).toEqual(detection.expected);
    expect(found.length).toBeGreaterThan(0);
  });

  it("stays quiet", () => {
    expect(detection.quiet.length).toBeGreaterThan(0);
    expect(alertsOf(detection, detection.quiet).map(visible)).toEqual([]);
  });
});

describe("rules", () => {
  const { rules, problems } = loadRules(ruleFiles);

  it("load without a problem", () => {
    expect(problems).toEqual([]);
  });

  it("have numbers of their own, a technique, a description and references", () => {
    const ids = rules.map((rule) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const rule of rules) {
      expect(rule.id).toMatch(/^\d{4,}$/);
      expect(rule.technique).toMatch(/^T\d{4}(\.\d{3})? - /);
      expect(rule.description.length).toBeGreaterThan(80);
      expect(rule.references.length).toBeGreaterThan(0);
      expect(rule.deduplicateBy.length + rule.groupBy.length).toBeGreaterThan(0);
    }
  });

  it("are all proved by a detection", () => {
    const proved = detections.map((detection) => detection.rule);
    const shipped = ruleFiles.map((file) => file.pathname.replace(/^.*\/(plugins\/)/, "$1"));
    expect(shipped.filter((file) => !proved.includes(file))).toEqual([]);
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
  const detector = detectorOf(ruleFiles);
  const alerts: Alert[] = [];
  for (const [index, { file, text }] of lines.entries()) {
    const dataType = types[file];
    const pipeline =
      dataType === "sshd" ? "plugins/linux-auth/sshd.yaml" : `plugins/${dataType}/pipeline.yaml`;
    const [event] = eventsOf({ pipeline, dataType }, [text]);
    alerts.push(...detector.processEvent({ ...event, id: String(index) }));
  }
  const names = new Set(alerts.map((alert) => alert.ruleId));
  expect([...names].sort()).toEqual(["1001", "1002", "1003", "1101", "1102", "1104", "1105", "1106"]);
  // Visitors and administrators come from other networks than attackers.
  const attackers = new Set(attackerNetworks);
  for (const { adversary } of alerts)
    expect(attackers).toContain((adversary?.ip ?? "").split(".").slice(0, 2).join("."));
});
