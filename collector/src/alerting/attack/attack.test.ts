import { expect, it } from "vitest";
import { readAttack, tacticName, techniqueName } from "./index.ts";
import { tactics } from "./tactics.ts";
import { techniqueLines } from "./techniques.ts";

it.each([
  ["T1110 - Brute Force", [], ["T1110"], ["TA0006"]],
  ["T1110.001", [], ["T1110.001"], ["TA0006"]],
  ["T1110/003 and T1078", [], ["T1078", "T1110.003"], ["TA0001", "TA0003", "TA0004", "TA0005", "TA0006"]],
  [undefined, ["attack.t1059.004", "attack.execution", "cve.2021-44228"], ["T1059.004"], ["TA0002"]],
  ["", ["attack.credential-access", "attack.lateral_movement"], [], ["TA0006", "TA0008"]],
  ["Ta0040", ["ATTACK.T1486"], ["T1486"], ["TA0040"]],
  ["T9999 - Not yet known", [], ["T9999"], []],
  ["no technique, but a PARTT1110X", ["attack.g0007", "attack.s0002"], [], []],
])("reads %j with %j", (text, tags, techniques, found) => {
  expect(readAttack(text, tags)).toEqual({ techniques, tactics: found });
});

it("names techniques, parts of them and tactics", () => {
  expect(techniqueName("T1110")).toBe("Brute Force");
  expect(techniqueName("T1110.003")).toBe("Brute Force: Password Spraying");
  expect(techniqueName("T1110.999")).toBe("Brute Force");
  expect(techniqueName("T9999")).toBeUndefined();
  expect(tacticName("TA0043")).toBe("Reconnaissance");
});

it("has every technique once, each with a tactic there is", () => {
  const lines = techniqueLines.trim().split("\n");
  const letters = tactics.map(({ letter }) => letter).join("");
  for (const line of lines) expect(line).toMatch(new RegExp(`^T\\d{4}(\\.\\d{3})?\\|[^|]+\\|[${letters}]+$`));
  expect(new Set(lines.map((line) => line.split("|")[0])).size).toBe(lines.length);
});

it("looks at a bounded number of tags", () => {
  const tags = Array.from({ length: 10_000 }, (_, at) => `attack.t${String(at).padStart(4, "0")}`);
  expect(readAttack("", tags).techniques).toHaveLength(64);
});
