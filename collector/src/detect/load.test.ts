import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatProblem } from "@vedette/core/config";
import { afterAll, describe, expect, it } from "vitest";
import { loadRules, parseRules } from "./index.ts";

const base = 'name: x\ndataTypes: [sshd]\nwhere: exists("origin.ip")\n';
const problemsOf = (yaml: string): string[] => parseRules(yaml, "r.yaml").problems.map(formatProblem);
const warningsOf = (yaml: string): string[] => parseRules(yaml, "r.yaml").warnings.map(formatProblem);
const history = (request: string): string => `${base}afterEvents:\n  - { ${request} }\n`;

describe("a rule file", () => {
  it("holds one rule or a list, and names rules without id after their name", () => {
    expect(parseRules(base).rules.map((rule) => rule.id)).toEqual(["x"]);
    const list = `- { name: Web scan (é), dataTypes: [nginx], where: "true" }\n- { id: 42, name: b, dataTypes: [a], where: "true" }\n`;
    expect(parseRules(list).rules.map((rule) => rule.id)).toEqual(["web-scan-e", "42"]);
  });

  it("fills in what is left out", () => {
    expect(parseRules(base).rules[0]).toMatchObject({
      adversary: "origin",
      impact: { confidentiality: 0, integrity: 0, availability: 0 },
      category: "",
      references: [],
      deduplicateBy: [],
      groupBy: [],
      afterEvents: [],
      place: { file: "rules.yaml", line: 1 },
    });
  });

  it("may switch a rule off and may be empty of rules", () => {
    expect(parseRules(`${base}disabled: true\n`)).toMatchObject({ rules: [], disabled: 1, problems: [] });
    for (const nothing of ["[]\n", "", "# name: later\n"]) {
      expect(parseRules(nothing)).toMatchObject({ rules: [], problems: [] });
    }
    expect(problemsOf("text\n").join()).toMatch(/"text" is not an? map/);
  });

  it("takes `correlation` as another name of `afterEvents`", () => {
    const [rule] = parseRules(`${base}correlation: [{ within: 1h30m, count: 3 }]\n`).rules;
    expect(rule?.afterEvents).toMatchObject([{ windowMs: 5_400_000, count: 3 }]);
  });
});

describe("protobuf JSON", () => {
  it.each([
    ["id: 7", { id: "7" }],
    ['id: "7"', { id: "7" }],
    ["id: 18446744073709551615", { id: "18446744073709551615" }],
    ["id: 9007199254740993", { id: "9007199254740993" }],
    ['impact: { integrity: "3" }', { impact: { confidentiality: 0, integrity: 3, availability: 0 } }],
    ['afterEvents: [{ within: 1m, count: "5" }]', { afterEvents: [{ count: 5 }] }],
    ["references:", { references: [] }],
    ["severity: ~", { severity: undefined }],
  ])("%s", (line, expected) => {
    expect(problemsOf(`${base}${line}\n`)).toEqual([]);
    expect(parseRules(`${base}${line}\n`).rules[0]).toMatchObject(expected);
  });
});

describe("a mistake in a rule is named with its place and cure:", () => {
  it.each([
    [
      `${base}dedupliacteBy: [adversary.ip]\n`,
      /^r\.yaml:4:1: dedupliacteBy: Unknown key .* "deduplicateBy"\?$/,
    ],
    [`${base}field_name: x\n`, /^r\.yaml:4:1: field_name: Unknown key "field_name"\./],
    ["name: x\nwhere: a\n", /^r\.yaml:1:1: dataTypes: Missing; a list is needed\.$/],
    ["name: x\ndataTypes: [a]\n", /^r\.yaml:1:1: where: Missing; text is needed\.$/],
    [`${base}impact: { integrity: 4 }\n`, /^r\.yaml:4:22: impact\.integrity: .*<=3/],
    [`${base}impact: { integritty: 1 }\n`, /Unknown key "integritty"\. Did you mean "integrity"\?/],
    [`${base}adversary: orign\n`, /"orign" is not one of origin, target\. Did you mean "origin"\?/],
    [`${base}severity: hgih\n`, /Did you mean "high"\?/],
    [history("within: 15 minutes"), /^r\.yaml:5:15: afterEvents\[0\]\.within: .*such as 90s, 15m or 1h30m/],
    [history("within: 15"), /afterEvents\[0\]\.within: 15 is not text/],
    [history("within: 800h"), /30 days/],
    [history("within: 7d"), /no unit for days, write 168h/],
    [`${base}id: 0\n`, /^r\.yaml:4:5: id: 0 is no id; leave it out/],
    [`${base}id: 1.5\n`, /^r\.yaml:4:5: id: An id is text or a whole number/],
    [`${base}impact: { integrity: "4" }\n`, /impact\.integrity: .*<=3/],
    [
      `${base}severity: warn\n`,
      /^r\.yaml:4:11: severity: "warn" is not one of info, low, medium, high, critical\.$/,
    ],
    [history("count: 3"), /afterEvents\[0\]\.within: Missing/],
    [history("within: 1h, count: 0"), /count: .*>=1/],
    [history("within: 1h, indexPattern: logstash-*"), /names neither logs nor alerts\. Use "v11-log/],
    [history("within: 1h, indexPattern: v11-log-a-*, dataType: a"), /keep one of them/],
    [
      history("within: 1h, with: [{ field: a, operator: filter_terms, value: 1 }]"),
      /Did you mean "filter_term"\?/,
    ],
    [history("within: 1h, with: [{ field: a, operator: filter_term, vaule: 1 }]"), /Did you mean "value"\?/],
    [history("within: 1h, or: [{ within: x }]"), /afterEvents\[0\]\.or\[0\]\.within: /],
    [
      `${base}afterEvents: []\ncorrelation: []\n`,
      /^r\.yaml:5:14: correlation: "correlation" is another name/,
    ],
    [`${base}groupBy: [adversary.ip]\ndeduplicateBy: [adversary.ip]\n`, /exclude each other/],
    [`${base}groupBy: [adversary.hostname]\n`, /An alert has no "adversary\.hostname"\./],
    [`${base}groupBy: [origin.ip]\n`, /did you mean "adversary\.ip"\?/],
    [`${base}groupBy: [log.user]\n`, /did you mean "lastEvent\.log\.user"\?/],
    ["pipeline: []\n", /^r\.yaml:1:11: pipeline: This is a pipeline file;/],
    ["- a\n", /^r\.yaml:1:3: \[0\]: "a" is not an? map\.$/],
    ["name: [\n", /^r\.yaml:\d+:\d+: /],
    [
      'name: x\ndataTypes: [a]\nwhere: equalz("a", 1)\n',
      /^r\.yaml:3:8: where: Unknown function "equalz".*"equals"/,
    ],
    ['name: x\ndataTypes: [a]\nwhere: |\n  exists("id") &&\n  equals("id"\n', /^r\.yaml:[56]:\d+: where: /],
    ['name: x\ndataTypes: [a]\nwhere: "a == "\n', /^r\.yaml:3:\d+: where: /],
    ["name: x\ndataTypes: []\nwhere: a\n", /dataTypes/],
  ])("%j", (yaml, expected) => {
    expect(problemsOf(yaml).join("\n")).toMatch(expected);
    expect(parseRules(yaml).rules).toEqual([]);
  });

  it("costs only the rule that holds it", () => {
    const { rules, problems } = parseRules(`- { name: a }\n- { name: b, dataTypes: [a], where: "true" }\n`);
    expect([rules.map((rule) => rule.name), problems.length > 0]).toEqual([["b"], true]);
  });

  it("names both places where two rules have one id", () => {
    const twice = (id: string) => `- { id: ${id}, name: n, dataTypes: [a], where: "true" }\n`;
    expect(problemsOf(twice("7") + twice('"7"'))[0]).toMatch(
      /^r\.yaml:2:9: \[1\]\.id: Two rules have the id "7"; the other is at r\.yaml:1\./,
    );
    expect(
      problemsOf(
        `- { name: A b, dataTypes: [a], where: "true" }\n- { name: a-b, dataTypes: [a], where: "true" }\n`,
      )[0],
    ).toMatch(/^r\.yaml:2:11: \[1\]\.name: Two rules have the derived id "a-b"/);
  });
});

describe("a doubtful rule is accepted with a warning:", () => {
  it.each([
    [history("within: now-12h"), /^r\.yaml:5:15: warning: afterEvents\[0\]\.within: .* 12h back/],
    [
      history('within: 1h, with: [{ field: a, operator: filter_term, value: "u-{{.origin.ip}}" }]'),
      /A placeholder must be the whole value/,
    ],
    [
      base.replace("origin.ip", "origin.hostname"),
      /Events have no "origin\.hostname", so it is always absent\./,
    ],
    [base.replace("origin.ip", "user"), /Events have no "user".*/],
    [base.replace('exists("origin.ip")', 'regexMatch("raw", "(")'), /never true here/],
  ])("%j", (yaml, expected) => {
    expect(problemsOf(yaml)).toEqual([]);
    expect(warningsOf(yaml).join("\n")).toMatch(expected);
    expect(parseRules(yaml).rules).toHaveLength(1);
  });

  it.each([
    "origin",
    "origin.geolocation",
    "log",
    "log.x.y",
    "errors.0",
    "errors.#",
    "compliance.gdpr",
    "target.disks.0.name",
  ])("but not for the path %s", (path) => {
    expect(warningsOf(base.replace("origin.ip", path))).toEqual([]);
  });
});

describe("rule folders", () => {
  const folder = mkdtempSync(join(tmpdir(), "vedette-rules-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are read recursively, numbers by value; a bad file costs only itself", () => {
    mkdirSync(join(folder, "deep/er"), { recursive: true });
    const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
    write("10-b.yaml", base.replace("name: x", "name: ten"));
    write("deep/er/2-a.yml", base.replace("name: x", "name: two"));
    write("broken.yaml", "a: [\n");
    write("notes.txt", "not a rule");
    const { rules, problems } = loadRules([folder]);
    expect(rules.map((rule) => rule.name)).toEqual(["two", "ten"]);
    expect(problems.map((problem) => problem.file)).toEqual([join(folder, "broken.yaml")]);
  });

  it("that do not exist are a problem, not a crash", () => {
    expect(loadRules([join(folder, "nowhere")]).problems[0]?.message).toMatch(/Cannot be read/);
  });
});
