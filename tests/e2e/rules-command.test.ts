import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const rules = `
title: Odd tool
id: 11111111-1111-4111-8111-111111111111
name: odd_tool
level: high
logsource: { product: windows, category: process_creation }
detection:
  selection:
    Image|endswith: '\\odd.exe'
    CommandLine|contains|all: [' -x', 'yes']
  filter: { User|startswith: 'SYSTEM' }
  condition: selection and not filter
---
title: Bad words
id: 22222222-2222-4222-8222-222222222222
logsource: { product: linux }
detection:
  keywords: [evil, 'b?d']
  condition: keywords
`;
const events = [
  { EventID: 1, Provider_Name: "Microsoft-Windows-Sysmon", Image: "C:\\ODD.exe", CommandLine: "odd -x YES" },
  { Image: "C:\\odd.exe", CommandLine: "odd -x yes" },
  {
    dataType: "windows",
    origin: { process: "c:\\odd.exe", command: "odd -x yes", user: "alice" },
    log: { eventId: "1", provider: "Microsoft-Windows-Sysmon" },
  },
  { dataType: "windows", origin: { process: "c:\\odd.exe", command: "odd -x yes", user: "SYSTEM" }, log: {} },
  { a: { b: ["x", "this is EVIL"] } },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-rules-"));
  writeFileSync(join(folder, "good.yaml"), rules);
  writeFileSync(
    join(folder, "wrong.yaml"),
    "title: Wrong\nlogsource: { product: windows }\ndetection:\n  s:\n    a|contians: x\n  condition: s\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const match = (input: string, ...more: string[]) =>
  run(["rules", "match", join(folder, "good.yaml"), ...more], { input });

describe("vedette rules match", () => {
  const lines = `${events.map((event) => JSON.stringify(event)).join("\n\n")}\n`;

  it("writes a line for each match, of our events and of others, where their log source is right", async () => {
    const { code, stdout } = await match(lines);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { line: 1, rule: "11111111-1111-4111-8111-111111111111" },
      { line: 5, rule: "11111111-1111-4111-8111-111111111111" },
      { line: 9, rule: "22222222-2222-4222-8222-222222222222" },
    ]);
    expect(code).toBe(0);
  });

  it("tries every rule on every event without log sources, and tells a line that holds none", async () => {
    const { code, stdout, stderr } = await match(`${lines}oops\n`, "--logsource", "off");
    const found = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { line: number }).line);
    expect(found).toEqual([1, 3, 5, 9]);
    expect(code).toBe(1);
    expect(stderr).toContain("Line 10 is no event: it is not JSON.");
  });

  it("tells an empty text from none, a folder from a star, and one value from the next", async () => {
    const conditions = [
      "A: ''",
      "A|exists: true",
      "A: null",
      "A|re: '^$'",
      "B|contains: 'C:\\Temp\\'",
      "B: '*C:\\Temp\\*'",
      "B: '*C:\\Temp\\\\*'",
    ];
    const written = conditions.map((condition, at) => ({
      name: `c${at}`,
      detection: `{ s: { ${condition} }`,
    }));
    written.push({ name: "keyword", detection: "{ s: ['one*two']" });
    const file = join(folder, "values.txt.yml");
    writeFileSync(
      file,
      written
        .map(
          ({ name, detection }) =>
            `title: ${name}\nid: ${name}\nlogsource: { product: any }\ndetection: ${detection}, condition: s }\n`,
        )
        .join("---\n"),
    );
    const given = [
      { A: "" },
      { A: null },
      { B: "x C:\\Temp\\y" },
      { B: "x C:\\Temp*" },
      { A: "one", B: "two" },
      { A: "one\ntwo" },
    ];
    const input = `${given.map((event) => JSON.stringify(event)).join("\n")}\n`;
    const { stdout } = await run(["rules", "match", file, "--logsource", "off"], { input });
    rmSync(file);
    const found: Record<number, string[]> = {};
    for (const text of stdout.trim().split("\n")) {
      const { line, rule } = JSON.parse(text) as { line: number; rule: string };
      found[line] = [...(found[line] ?? []), rule];
    }
    expect(found).toEqual({
      1: ["c0", "c1", "c3"],
      2: ["c2"],
      3: ["c2", "c4", "c6"],
      4: ["c2", "c5"],
      5: ["c1"],
      6: ["c1", "keyword"],
    });
  });
});

describe("vedette rules check", () => {
  it("reports for each file, with place and suggestion", async () => {
    const { code, stdout } = await run(["rules", "check", folder, "--json"]);
    expect(code).toBe(2);
    const report = JSON.parse(stdout) as { summary: unknown; files: { file: string; problems: unknown[] }[] };
    expect(report.summary).toEqual({ files: 2, ok: 1, warning: 0, error: 1, rules: 2 });
    expect(report.files.find(({ file }) => file.endsWith("wrong.yaml"))!.problems).toMatchObject([
      {
        line: 5,
        message: 'There is no modifier "contians".',
        suggestion: 'Did you mean "contains"?',
      },
    ]);
  });
});

describe("vedette rules explain and list", () => {
  it("shows each condition with its values", async () => {
    const { code, stdout } = await run([
      ...["rules", "explain", "odd_tool", JSON.stringify(events[1])],
      ...["--rules", join(folder, "good.yaml"), "--json"],
    ]);
    expect(code).toBe(1);
    const [explained] = JSON.parse(stdout) as [{ parts: { said: string; held: boolean }[] }];
    expect(explained).toMatchObject({ id: "11111111-1111-4111-8111-111111111111", held: false });
    expect(explained.parts.map(({ said, held }) => `${said}: ${held}`)).toEqual([
      "log source: false",
      "all of: true",
    ]);
    expect(stdout).toContain('"value": "C:\\\\odd.exe"');
  });

  it("lists what was loaded", async () => {
    const { stdout } = await run(["rules", "list", join(folder, "good.yaml"), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        id: "11111111-1111-4111-8111-111111111111",
        language: "sigma",
        severity: "high",
        dataTypes: ["windows"],
      },
      { id: "22222222-2222-4222-8222-222222222222", severity: "medium" },
    ]);
  });
});
