import { docOf } from "@vedette/core/pipeline";
import { describe, expect, it } from "vitest";
import { parseRules } from "../index.ts";
import { batchFrom } from "../testing/events.ts";
import { detectorFor } from "../testing/run.ts";

/** A rule over plain fields of a detection written as YAML. */
const rule = (detection: string, more = ""): string =>
  `title: a rule\nlogsource: { category: test }\n${more}\ndetection:\n${detection.replaceAll(/^/gm, "  ")}\n`;

function loaded(detection: string, more = "") {
  const { rules, problems } = parseRules(rule(detection, more), "r.yaml", {
    sigmaFields: "plain",
    logsource: "off",
  });
  expect(problems).toEqual([]);
  const [only] = rules;
  return (log: object): boolean => only!.where.test(docOf({ log }));
}

describe("a Sigma rule", () => {
  it("raises alerts that carry what the rule says", () => {
    const yaml = `
title: Odd tool
id: 0c5a8b5e-7f0e-4f0e-9a62-6a3f7e3e1a11
name: odd_tool
description: Somebody ran it.
references: [https://example.org/a]
author: somebody
status: test
tags: [attack.execution, attack.t1059.001]
falsepositives: [Administrators]
level: high
logsource: { product: windows }
detection:
  tool: { Image|endswith: '\\odd.exe' }
  condition: tool
`;
    const { detector } = detectorFor(yaml);
    const events = ["C:\\tools\\ODD.exe", "C:\\tools\\other.exe"].map((process, i) => ({
      id: `e${i}`,
      "@timestamp": "2026-01-05T12:00:00Z",
      dataType: "windows",
      origin: { process },
    }));
    const [alert, more] = detector.process(batchFrom(events));
    expect(more).toBeUndefined();
    expect(alert).toMatchObject({
      name: "Odd tool",
      ruleId: "0c5a8b5e-7f0e-4f0e-9a62-6a3f7e3e1a11",
      severity: "high",
      technique: "T1059.001",
      category: "Execution",
      description: "Somebody ran it.\n\nRule by somebody.",
      lastEvent: { id: "e0" },
    });
    const [only] = detector.rules;
    expect(only).toMatchObject({
      names: ["0c5a8b5e-7f0e-4f0e-9a62-6a3f7e3e1a11", "odd_tool"],
      tags: ["attack.execution", "attack.t1059.001"],
      falsePositives: ["Administrators"],
    });
  });

  it.each([
    ["a: x", { a: "X" }, true],
    ["a: x", { a: "xy" }, false],
    ["a: x", {}, false],
    ["a: [x, y]", { a: "y" }, true],
    ["a: 'x*z'", { a: "xYYz" }, true],
    ["a: 'x?z'", { a: "xyz" }, true],
    ["a: 'x?z'", { a: "xz" }, false],
    ["a: 'x\\*z'", { a: "x*z" }, true],
    ["a: 'x\\*z'", { a: "xyz" }, false],
    ["a: 'c:\\windows'", { a: "C:\\Windows" }, true],
    ["a|contains: '\\\\\\\\srv'", { a: "to \\\\srv\\x" }, true],
    ["a: 4624", { a: "4624" }, true],
    ["a: '4624'", { a: 4624 }, true],
    ["a: true", { a: true }, true],
    ["a: null", {}, true],
    ["a: null", { a: "x" }, false],
    ["a: [null, x]", { a: "x" }, true],
    ["a: [null, x]", { a: "y" }, false],
    ["a: ''", { a: "" }, true],
    ["a|contains: y", { a: "xYz" }, true],
    ["a|contains|all: [x, z]", { a: "xyz" }, true],
    ["a|contains|all: [x, q]", { a: "xyz" }, false],
    ["a|startswith: [x, y]", { a: "Yes" }, true],
    ["a|endswith: s", { a: "yeS" }, true],
    ["a|cased: x", { a: "X" }, false],
    ["a|contains|cased: x", { a: "ax" }, true],
    ["a|re: '^x+$'", { a: "xxx" }, true],
    ["a|re: '^x+$'", { a: "X" }, false],
    ["a|re|i: '^x+$'", { a: "X" }, true],
    ["a|re|m: '^y$'", { a: "x\ny" }, true],
    ["a|re|s: 'x.y'", { a: "x\ny" }, true],
    ["a|re: 'x.y'", { a: "x\ny" }, false],
    ["a|cidr: 10.0.0.0/8", { a: "10.1.2.3" }, true],
    ["a|cidr: ['2001:db8::/32', 192.0.2.0/24]", { a: "2001:db8::1" }, true],
    ["a|cidr: 10.0.0.0/8", { a: "11.1.2.3" }, false],
    ["a|exists: true", { a: "x" }, true],
    ["a|exists: false", { a: "x" }, false],
    ["a|exists: false", {}, true],
    ["a|gt: 5", { a: 6 }, true],
    ["a|gte: 5", { a: "5" }, true],
    ["a|lt: 5", { a: 5 }, false],
    ["a|lte: 5", { a: 5 }, true],
    ["a|neq: x", { a: "y" }, true],
    ["a|neq: x", { a: "x" }, false],
    ["a|fieldref: b", { a: "X", b: "x" }, true],
    ["a|fieldref: b", { a: "x", b: "y" }, false],
    ["a|fieldref|endswith: b", { a: "yx", b: "x" }, true],
    ["a|windash|contains: ' -f'", { a: "rm /f" }, true],
    ["a|windash|contains: ' -f'", { a: "rm \u2013f" }, true],
    ["a|windash|contains: ' -f'", { a: "rm +f" }, false],
    ["a|base64|contains: foo", { a: "xZm9vx" }, true],
    ["a|base64offset|contains: foobar", { a: Buffer.from("a foobar!").toString("base64") }, true],
    ["a|base64offset|contains: foobar", { a: Buffer.from("aa foobar").toString("base64") }, true],
    ["a|base64offset|contains: foobar", { a: Buffer.from("aaa foobar").toString("base64") }, true],
    [
      "a|wide|base64offset|contains: foobar",
      { a: Buffer.from("xfoobarx", "utf16le").toString("base64") },
      true,
    ],
    ["a|utf16be|base64: ab", { a: Buffer.from("\0a\0b").toString("base64") }, true],
    ["a|hour: 3", { a: "2026-01-05T03:10:00+05:00" }, true],
    ["a|hour|gte: 22", { a: "2026-01-05T23:10:00Z" }, true],
    ["a|month: 1", { a: "2026-01-05T23:10:00Z" }, true],
    ["a|week: 2", { a: "2026-01-05T23:10:00Z" }, true],
    ["a|year: 2025", { a: "2026-01-05T23:10:00Z" }, false],
    ["a: x", { a: ["y", "x"] }, true],
    ["a.b: x", { a: { b: "x" } }, true],
  ])("%s of %j is %s", (entry, log, expected) => {
    const test = loaded(`s: { ${entry.replace(/^([^:]+):/, '"$1":')} }\ncondition: s`);
    expect(test(log)).toBe(expected);
  });
});
