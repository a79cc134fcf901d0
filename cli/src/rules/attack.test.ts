import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadRules } from "@vedette/collector";
import { afterAll, describe, expect, it } from "vitest";
import { attackDoubts, readTechniques } from "./attack.ts";

const dir = mkdtempSync(join(tmpdir(), "vedette-attack-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const pattern = (number: string, name: string, more: object = {}) => ({
  type: "attack-pattern",
  id: `attack-pattern--${number}`,
  name,
  external_references: [
    { source_name: "capec", external_id: "CAPEC-1" },
    { source_name: "mitre-attack", external_id: number },
  ],
  ...more,
});
const file = join(dir, "attack.json");
const objects = [
  { type: "x-mitre-tactic", name: "Execution" },
  pattern("T1110", "Brute Force"),
  pattern("T1110.003", "Password Spraying"),
  pattern("T1086", "PowerShell", { revoked: true }),
  pattern("T1059.001", "PowerShell"),
  pattern("T1062", "Hypervisor", { x_mitre_deprecated: true }),
  {
    type: "relationship",
    relationship_type: "revoked-by",
    source_ref: "attack-pattern--T1086",
    target_ref: "attack-pattern--T1059.001",
  },
];
writeFileSync(file, JSON.stringify({ type: "bundle", objects }));

const rule = (technique: string, tags: string[] = []): string =>
  JSON.stringify({ name: `${technique} ${tags}`, dataTypes: ["a"], where: "true", technique, tags });
const doubts = (text: string): string[] => {
  const path = join(dir, "rules.yaml");
  writeFileSync(path, text);
  return attackDoubts(loadRules([path]).rules, readTechniques(file)).map(({ message }) => message);
};

describe("what rules say of ATT&CK", () => {
  it.each<[string, string[], string[]]>([
    ["T1110 - Brute Force", ["attack.t1110.003", "attack.credential-access"], []],
    ["T1110.003 - Brute Force: Password Spraying", [], []],
    ["T1110 - Guessing", [], ['ATT&CK calls T1110 "Brute Force", not "Guessing".']],
    ["", ["attack.t9999"], ["ATT&CK has no technique T9999."]],
    ["", ["attack.t1086"], ["T1086 (PowerShell) is revoked in ATT&CK; T1059.001 stands in its place."]],
    ["T1062", ["attack.g0007"], ["T1062 (Hypervisor) is deprecated in ATT&CK."]],
    ["", ["cve.2021-44228"], []],
  ])("%j with %j", (technique, tags, said) => {
    expect(doubts(rule(technique, tags))).toEqual(said);
  });

  it("is compared with nothing but a bundle", () => {
    writeFileSync(join(dir, "other.json"), '{"objects": []}');
    expect(() => readTechniques(join(dir, "other.json"))).toThrow("no bundle of ATT&CK in STIX 2.1");
    expect(() => readTechniques(join(dir, "none.json"))).toThrow("cannot be used");
  });
});
