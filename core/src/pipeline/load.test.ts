import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, formatProblem, parseSource } from "../config/index.ts";
import { compilePipelines, loadPipelines } from "./index.ts";
import { testLog } from "./testing/run.ts";

/** What an author is told of a file, one line a mistake. */
function told(yaml: string): string[] {
  try {
    return compilePipelines([parseSource(yaml, "p.yaml")]).plan.warnings.map(formatProblem);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(formatProblem);
    throw error;
  }
}

const steps = (...lines: readonly string[]): string =>
  `pipeline:\n  - dataTypes: [x]\n    steps:\n${lines.map((line) => `      ${line}\n`).join("")}`;

describe("mistakes are told with their place and cure", () => {
  it.each<[name: string, yaml: string, expected: string]>([
    [
      "unknown key of a step, in proto spelling",
      steps("- grok:", "    patterns:", "      - { field_name: a, pattern: b }"),
      'p.yaml:6:17: pipeline[0].steps[0].grok.patterns[0].field_name: Unknown key "field_name". Did you mean "fieldName"?',
    ],
    [
      "unknown step",
      steps("- grook: {}"),
      'p.yaml:4:9: pipeline[0].steps[0].grook: Unknown key "grook". Did you mean "grok"?',
    ],
    [
      "unknown section",
      "pipelines: []",
      'p.yaml:1:1: pipelines: Unknown key "pipelines". Did you mean "pipeline"?',
    ],
    [
      "plugin step",
      steps("- dynamic: {plugin: x, prams: 1}"),
      'p.yaml:4:30: pipeline[0].steps[0].dynamic.prams: Unknown key "prams". Did you mean "params"?',
    ],
    [
      "two kinds in one step",
      steps("- json: {source: raw}", "  drop: {where: 'true'}"),
      "p.yaml:4:9: pipeline[0].steps[0]: A step has one kind, this one has json and drop; write them as list items of their own.",
    ],
    [
      "no kind",
      steps("- {}"),
      "p.yaml:4:9: pipeline[0].steps[0]: A step needs one kind: json, grok, kv, csv, rename, cast, trim, add, delete, drop, reformat,",
    ],
    [
      "missing option",
      steps("- json: {}"),
      "p.yaml:4:15: pipeline[0].steps[0].json.source: Missing; text is needed.",
    ],
    [
      "drop without condition",
      steps("- drop: {}"),
      "p.yaml:4:15: pipeline[0].steps[0].drop.where: Missing; text is needed.",
    ],
    [
      "number for text",
      steps("- trim: {function: prefix, substring: 5, fields: [a]}"),
      "p.yaml:4:45: pipeline[0].steps[0].trim.substring: 5 is not text.",
    ],
    [
      "unknown type",
      steps("- cast: {fields: [a], to: integer}"),
      'p.yaml:4:33: pipeline[0].steps[0].cast.to: "integer" is not one of int, int64, float, float64, string, bool, []string.',
    ],
    [
      "reserved target",
      steps("- add: {function: string, params: {key: raw, value: x}}"),
      'p.yaml:4:47: pipeline[0].steps[0].add.params.key: "raw" is reserved: steps cannot write it.',
    ],
    [
      "reserved time",
      steps("- rename: {from: [a], to: '@timestamp'}"),
      'p.yaml:4:33: pipeline[0].steps[0].rename.to: "@timestamp" is reserved: steps cannot write it.',
    ],
    [
      "reserved delete",
      steps("- delete: {fields: [a, raw]}"),
      'p.yaml:4:30: pipeline[0].steps[0].delete.fields[1]: "raw" is reserved: steps cannot remove it.',
    ],
    [
      "unknown pattern",
      steps("- grok: {patterns: [{fieldName: a, pattern: '{{.ipv5}}'}]}"),
      'p.yaml:4:51: pipeline[0].steps[0].grok.patterns[0].pattern: Unknown pattern "{{.ipv5}}". Did you mean "ipv4"?',
    ],
    [
      "unknown pattern that is near none",
      steps("- grok: {patterns: [{fieldName: a, pattern: '{{.address}}'}]}"),
      'p.yaml:4:51: pipeline[0].steps[0].grok.patterns[0].pattern: Unknown pattern "{{.address}}". Known: ipv4, ipv6, hostname',
    ],
    [
      "pattern as Logstash writes it",
      steps("- grok: {patterns: [{fieldName: a, pattern: '%{WORD:x} '}]}"),
      'p.yaml:4:51: pipeline[0].steps[0].grok.patterns[0].pattern: "%{WORD:x}" is how Logstash writes a named pattern, not the EventProcessor. Write "{{.word}}".',
    ],
    [
      "empty condition of a drop",
      steps("- drop: {where: ''}"),
      "p.yaml:4:23: pipeline[0].steps[0].drop.where: Empty; text is needed.",
    ],
    [
      "missing value",
      steps("- add: {function: string, params: {key: a}}"),
      'p.yaml:4:41: pipeline[0].steps[0].add.params: The function "string" needs `value`.',
    ],
    [
      "rule file",
      "- {name: x, dataTypes: [a], where: 'true'}",
      'p.yaml:1:1: This is a rule file; a pipeline file holds "pipeline", "patterns" and the like. Give it with --rules.',
    ],
    [
      "English for operators",
      steps('- drop: {where: \'exists("a") and not exists("b")\'}'),
      'p.yaml:4:36: pipeline[0].steps[0].drop.where: Unexpected "and" after the end of the expression. Write && instead of and.',
    ],
    [
      "wrong regular expression",
      steps("- grok: {patterns: [{fieldName: a, pattern: '('}]}"),
      "p.yaml:4:51: pipeline[0].steps[0].grok.patterns[0].pattern: Wrong regular expression: ",
    ],
    [
      "name of a pattern",
      "patterns: {1b: x}",
      "p.yaml:1:16: patterns.1b: The name of a pattern has letters, digits and underscores, and begins with no digit.",
    ],
    [
      "no data type",
      "pipeline: [{dataTypes: [], steps: []}]",
      "p.yaml:1:24: pipeline[0].dataTypes: Empty; the list needs at least one element.",
    ],
    [
      "pattern that uses itself",
      "patterns: {a: '{{.b}}', b: '{{.a}}'}",
      'p.yaml:1:15: patterns.a: The pattern "b" uses itself: ',
    ],
    [
      "time layout",
      steps("- reformat: {function: time, fields: [a], fromFormat: RFC333, toFormat: Unix}"),
      'p.yaml:4:61: pipeline[0].steps[0].reformat.fromFormat: "RFC333" is no Go time layout',
    ],
    [
      "expression in plain text",
      steps("- json: {source: raw, where: log.a = 1}"),
      'p.yaml:4:42: pipeline[0].steps[0].json.where: Unexpected character "=". Write ==.',
    ],
    [
      "expression in quotes",
      steps("- json: {source: raw, where: 'exist(\"a\")'}"),
      'p.yaml:4:37: pipeline[0].steps[0].json.where: Unknown function "exist". Did you mean "exists"?',
    ],
    [
      "expression in a block",
      steps("- json:", "    source: raw", "    where: |", "      a == 1 &&", "        eqals('b', 2)"),
      'p.yaml:8:15: pipeline[0].steps[0].json.where: Unknown function "eqals". Did you mean "equals"?',
    ],
    [
      "condition that is never true",
      steps('- json: {source: raw, where: \'inCIDR("a", "1.2.3.4")\'}'),
      'p.yaml:4:49: warning: pipeline[0].steps[0].json.where: inCIDR() is never true here: "1.2.3.4" is no network in CIDR notation.',
    ],
  ])("%s", (_name, yaml, expected) => {
    const [first = ""] = told(yaml);
    expect(first.slice(0, expected.length)).toBe(expected);
  });

  it("all at once", () => {
    expect(
      told(
        steps(
          "- json: {source: raw, where: 'a =='}",
          "- delete: {fields: [raw]}",
          "- grok: {patterns: [{pattern: '['}]}",
        ),
      ),
    ).toHaveLength(3);
  });
});

describe("files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pipelines-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const add = (value: string): string =>
    `pipeline: [{dataTypes: [test], steps: [{rename: {from: [log.order], to: log.before}}, {add: {function: string, params: {key: log.order, value: ${value}}}}]}]\n`;
  const write = (name: string, text: string): void => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  };

  it("are read recursively, in the natural order of their base names", () => {
    write("a/10-last.yaml", add("ten"));
    write("b/c/2-first.yml", add("two"));
    write("z/notes.txt", "not: [yaml");
    // A file that is named twice is read once.
    const outcome = loadPipelines([folder, join(folder, "b/c/2-first.yml")]).process(testLog);
    expect(outcome.kind === "event" && outcome.event.log).toEqual({ before: "two", order: "ten" });
  });

  it("add up: patterns and plugins of the last file win", () => {
    write(
      "1.yaml",
      "patterns: {p: a}\nplugins: {x: {port: 1}}\ndisabledRules: [12, '13', 18446744073709551615]\ntenants: [{name: A, id: a, assets: [{name: web, ips: [10.0.0.1], confidentiality: '3'}]}]\n",
    );
    write(
      "2.yaml",
      "patterns: {p: b}\nplugins: {x: {port: 2}}\npipeline: [{dataTypes: [test], steps: [{grok: {patterns: [{fieldName: log.b, pattern: '{{.p}}'}]}}]}]\n",
    );
    const pipelines = loadPipelines([folder]);
    const outcome = pipelines.process({ ...testLog, raw: "b" });
    expect(outcome.kind === "event" && outcome.event.log).toEqual({ b: "b" });
    expect(pipelines.plan.patterns).toMatchObject({ p: "b" });
    expect(pipelines.plan.plugins).toEqual({ x: { port: 2 } });
    expect(pipelines.plan.disabledRules).toEqual(["12", "13", "18446744073709551615"]);
    expect(pipelines.plan.tenants[0]?.assets[0]).toMatchObject({
      name: "web",
      confidentiality: 3,
      integrity: 0,
    });
  });

  it("that cannot be read or parsed are told together", () => {
    write("1.yaml", "pipeline: [");
    write("2.yaml", "pipelin: []");
    expect(() => loadPipelines([folder])).toThrow(/1\.yaml:1:\d+/);
    expect(() => loadPipelines([join(folder, "none")])).toThrow(
      expect.objectContaining({ code: "config.unreadable" }),
    );
  });
});
