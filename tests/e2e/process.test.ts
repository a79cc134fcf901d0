import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@vedette/testkit";
import { afterAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-process-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

const events = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const time = ["--time", "2026-01-02T03:04:05Z"];

describe("vedette process", () => {
  it("parses with the built-in content and sums up on stderr", async () => {
    const line =
      '203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] "GET /.env HTTP/1.1" 404 153 "-" "curl/8.11.0"\n';
    const { code, stdout, stderr } = await run(["process", "--type", "nginx", "--source", "web-1", ...time], {
      input: line,
    });
    expect(code).toBe(0);
    expect(events(stdout)).toEqual([
      expect.objectContaining({
        "@timestamp": "2026-01-02T03:04:05.000Z",
        dataType: "nginx",
        dataSource: "web-1",
        deviceTime: "2026-10-10T13:55:36+02:00",
        origin: { ip: "203.0.113.7" },
        statusCode: 404,
        action: "GET",
        raw: line.trimEnd(),
      }),
    ]);
    expect(stderr).toMatch(/^process: 1 lines, 1 events, 0 dropped, 0 with errors in [\d.]+ s/);
  });

  it("runs a pipeline and rules of one's own, with history counts, and writes alerts to a file", async () => {
    const pipeline = file(
      "app.yaml",
      `pipeline:
  - dataTypes: [app]
    steps:
      - json: { source: raw }
      - rename: { from: [log.ip], to: origin.ip }
      - rename: { from: [log.result], to: actionResult }
      - drop: { where: 'equals("log.noise", true)' }
`,
    );
    const rules = file(
      "rule.yaml",
      `- id: 7001
  name: Three failures
  dataTypes: [app]
  impact: { confidentiality: 2, integrity: 1, availability: 0 }
  where: equals("actionResult", "failed")
  afterEvents:
    - indexPattern: v11-log-app-*
      with:
        - { field: origin.ip, operator: filter_term, value: "{{.origin.ip}}" }
        - { field: actionResult, operator: filter_term, value: failed }
      within: 10m
      count: 3
  deduplicateBy: [adversary.ip]
`,
    );
    const attack = (ip: string, n: number) =>
      Array.from({ length: n }, () => JSON.stringify({ ip, result: "failed" }));
    const lines = [...attack("198.51.100.1", 6), ...attack("198.51.100.2", 2), '{"noise":true}', "not json"];
    const alerts = join(dir, "alerts.ndjson");
    const { code, stdout, stderr } = await run(
      ["process", "--type", "app", "--pipeline", pipeline, "--rules", rules, "--alerts", alerts, ...time],
      { input: lines.join("\n") },
    );
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/10 lines, 9 events, 1 dropped, 1 with errors, 1 alerts/),
    });
    expect(events(stdout).at(-1)).toMatchObject({
      raw: "not json",
      errors: [expect.stringMatching(/json/i)],
    });
    const raised = events(readFileSync(alerts, "utf8"));
    expect(raised).toEqual([
      expect.objectContaining({
        name: "Three failures",
        impactScore: 2,
        severity: "medium",
        adversary: { ip: "198.51.100.1" },
      }),
    ]);
  });

  it.each([
    ["binary junk", Buffer.from([0, 255, 254, 10, 1, 2, 3, 10, 0xc3, 0x28, 10])],
    ["a line of 5 MB", Buffer.concat([Buffer.alloc(5_000_000, "x"), Buffer.from("\nshort\n")])],
    ["CRLF and empty lines", Buffer.from("a\r\n\r\n\nb\r\n")],
    ["nothing at all", Buffer.alloc(0)],
  ])("survives %s", async (_, input) => {
    const { code, stdout } = await run(["process", "--type", "generic"], { input });
    expect(code).toBe(0);
    for (const event of events(stdout)) expect(String(event.raw).length).toBeLessThanOrEqual(1024 * 1024);
  });

  it.each([
    [
      "an unknown step",
      "pipeline:\n  - dataTypes: [app]\n    steps:\n      - jsn: { source: raw }\n",
      /bad\.yaml:4:9: .*"jsn".*Did you mean "json"/s,
    ],
    [
      "a bad condition",
      `pipeline:\n  - dataTypes: [app]\n    steps:\n      - drop: { where: 'equal("a" "b")' }\n`,
      /bad\.yaml:4:\d+: /,
    ],
    ["bad YAML", "pipeline: [\n", /bad\.yaml:\d+:\d+: /],
  ])("names file, line and column of %s and exits with 2", async (_, text, said) => {
    const { code, stdout, stderr } = await run(
      ["process", "--type", "app", "--pipeline", file("bad.yaml", text)],
      { input: "x\n" },
    );
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(said) });
  });

  it("opens the alerts before it reads anything", async () => {
    const blocked = await run(["process", "--type", "generic", "--alerts", dir], { input: "x\n" });
    expect(blocked).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^vedette: Cannot write to .*EISDIR/),
    });
  });

  it("prints what is doubtful, and gives the pipelines' patterns to the rules they do not switch off", async () => {
    const pipeline = file(
      "own.yaml",
      "patterns: { digits: '[0-9]+' }\ndisabledRules: [18446744073709551615]\npipeline: [{ dataTypes: [app], steps: [] }]\n",
    );
    const rules = file(
      "own-rules.yaml",
      `- { name: Digits, dataTypes: [app], where: 'regexMatch("raw", "^{{.digits}}$")' }
- { name: Source, dataTypes: [app], where: 'exists("source.ip")' }
- { id: 18446744073709551615, name: Off, dataTypes: [app], where: "true" }
`,
    );
    const args = ["process", "--pipeline", pipeline, "--rules", rules, "--alerts", "-", ...time];
    const { code, stdout, stderr } = await run([...args, "--type", "app"], { input: "12\nx\n" });
    expect(code).toBe(0);
    expect(events(stdout).flatMap(({ name }) => name ?? [])).toEqual(["Digits"]);
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/own-rules\.yaml:2:\d+: warning: .*Events have no "source\.ip"/),
      expect.stringMatching(/^process: 2 lines, 2 events/),
    ]);
    const other = await run([...args, "--type", "apq"], { input: "12\n" });
    expect(other.stderr).toMatch(/^(.*\n)*warning: no pipeline is for the data type "apq".*"app"/);
  });

  it("says what is missing or misspelt on the command line", async () => {
    expect(await run(["process"])).toMatchObject({ code: 2, stderr: expect.stringMatching(/--type/) });
    expect(await run(["proces"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Did you mean process/),
    });
    expect(
      await run(["process", "--type", "x", "--pipeline", join(dir, "gone.yaml")], { input: "" }),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/gone\.yaml/),
    });
  });
});

describe("every command", () => {
  it.each([
    [],
    ["up"],
    ["agent"],
    ["collector"],
    ["check"],
    ["process"],
    ["query"],
    ["spool"],
    ["doctor"],
    ["key"],
  ])("%s --help teaches", async (...args) => {
    const { code, stdout } = await run([...args, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: vedette/);
    expect(stdout).toMatch(/Example|Commands:/);
  });
});

describe("vedette check", () => {
  it("warns of an input that no pipeline parses, at its place", async () => {
    const config = file(
      "check.yaml",
      "agent:\n  inputs:\n    - type: file\n      dataType: ngnix\n      include: [/x]\n",
    );
    expect(await run(["check", "--config", config])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /check\.yaml:4:17: warning: .*No pipeline parses "ngnix".*Did you mean "nginx"/,
      ),
    });
  });

  it("names every mistake of a configuration and exits with 2", async () => {
    const config = file("wrong.yaml", "agent:\n  inptus: []\ncollector:\n  http: { listen: nowhere }\n");
    const { code, stdout } = await run(["check", "--config", config]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/wrong\.yaml:2:3: agent\.inptus: Unknown key "inptus"\. Did you mean "inputs"\?/);
    expect(stdout).toMatch(/wrong\.yaml:4:19: collector\.http\.listen: /);
  });
});
