import { describe, expect, it } from "vitest";
import { parseSource } from "../../config/index.ts";
import { compilePipelines } from "../load.ts";
import { parsed, process, testLog } from "../testing/run.ts";

const json = "- json: {source: raw}\n";

describe("switch", () => {
  const steps = `${json}- switch:
    cases:
      - where: equals("log.a", 1)
        set: {action: one}
      - where: log.a > 1
        set: {action: many}
        steps:
          - rename: {from: [log.a], to: log.count}
          - json: {source: log.none}
      - set: {action: none}`;
  it.each<[string, string, object]>([
    ["the first that is true", '{"a":1}', { action: "one", log: { a: 1 } }],
    [
      "steps of a case, and their faults",
      '{"a":2}',
      { action: "many", log: { count: 2 }, errors: ['Step 2.2 (json): The source "log.none" is absent.'] },
    ],
    ["the last one without a condition", '{"b":2}', { action: "none", log: { b: 2 } }],
  ])("runs %s", (_name, raw, event) => {
    expect(parsed(steps, raw)).toEqual(event);
  });

  it("may find nothing, drop, and stand in itself", () => {
    const drop =
      '- switch: {cases: [{where: \'contains("raw", "x")\', steps: [{switch: {cases: [{steps: [{drop: {where: "true"}}, {json: {source: raw}}]}]}}]}]}';
    expect(process(drop, "axb")).toEqual({ kind: "dropped", reason: "pipeline_drop" });
    expect(parsed(drop, "ab")).toEqual({});
  });

  it("counts the steps inside", () => {
    const yaml =
      "pipeline: [{dataTypes: [test], steps: [{switch: {cases: [{steps: [{json: {source: raw}}]}]}}]}]";
    const set = compilePipelines([parseSource(yaml, "test.yaml")]);
    set.process({ ...testLog, raw: "{}" });
    expect(set.steps.map(({ label, counters }) => [label, counters.runs])).toEqual([
      ["Step 1 (switch)", 1],
      ["Step 1.1 (json)", 1],
    ]);
  });

  it.each([
    [
      "{cases: [{where: 'log.a =='}]}",
      "test.yaml:4:26: pipeline[0].steps[0].switch.cases[0]: A case needs `set` or `steps`.",
    ],
    ["{cases: [{set: {action: x}}, {where: 'true', set: {action: x}}]}", "never run"],
    ["{cases: [{where: 'equals(\"a\"', set: {action: x}}]}", "pipeline[0].steps[0].switch.cases[0].where"],
    ["{cases: [{steps: [{jsn: {}}]}]}", 'Did you mean "json"?'],
    ["{cases: [{steps: [{json: {source: raw}, delete: {fields: [a]}}]}]}", "A step has one kind"],
    [
      "{cases: [{steps: [{grok: {patterns: [{pattern: '(', fieldName: log.a}]}}]}]}",
      "switch.cases[0].steps[0].grok.patterns[0].pattern",
    ],
    ["{cases: [{steps: [{rename: {from: [raw], to: log.a}}]}]}", "switch.cases[0].steps[0].rename.from[0]"],
    ["{cases: [{steps: []}]}", "at least one"],
  ])("refuses %s", (options, message) => {
    expect(() => process(`- switch: ${options}`, "")).toThrow(message);
  });

  it("is not nested without end", () => {
    const nest = (depth: number): string =>
      depth === 0 ? "{json: {source: raw}}" : `{switch: {cases: [{steps: [${nest(depth - 1)}]}]}}`;
    expect(parsed(`- ${nest(4)}`, "{}")).toEqual({});
    expect(() => process(`- ${nest(5)}`, "{}")).toThrow("nested deeper than 4 levels");
  });
});

describe("foreach", () => {
  it.each<[name: string, steps: string, raw: string, event: object]>([
    [
      "changes the items of a list",
      `${json}- foreach: {source: log.l, steps: [{trim: {function: prefix, substring: x, fields: [log.item]}}]}`,
      '{"l":["xa","b"]}',
      { log: { l: ["a", "b"] } },
    ],
    [
      "takes items out, and gives back what it borrowed",
      `${json}- foreach: {source: log.l, key: log.i, steps: [{delete: {fields: [log.item], where: log.i == 0}}]}`,
      '{"l":[1,2,3],"item":"mine"}',
      { log: { l: [2, 3], item: "mine" } },
    ],
    [
      "names values by what stands beside them",
      `${json}- foreach: {source: log.props, steps: [{set: {fields: {'log.p.{{log.item.Name}}': '{{log.item.Value}}'}}}]}`,
      '{"props":[{"Name":"UserAgent","Value":"curl"},{"Name":"__proto__","Value":1}]}',
      {
        log: {
          props: [
            { Name: "UserAgent", Value: "curl" },
            { Name: "__proto__", Value: 1 },
          ],
          p: { UserAgent: "curl", proto: 1 },
        },
      },
    ],
    [
      "goes through an object",
      `${json}- foreach: {source: log.o, as: log.v, key: log.k, steps: [{set: {fields: {log.v: '{{log.k}}={{log.v}}'}}}, {delete: {fields: [log.v], where: log.k == "b"}}]}`,
      '{"o":{"a":1,"b":2}}',
      { log: { o: { a: "a=1" } } },
    ],
    [
      "finds no list",
      `${json}- foreach: {source: log.l, steps: [{set: {fields: {action: x}}}]}`,
      '{"l":"x"}',
      { log: { l: "x" } },
    ],
  ])("%s", (_name, steps, raw, event) => {
    expect(parsed(steps, raw)).toEqual(event);
  });

  it("is bounded for each log, however it is nested", () => {
    const steps = `${json}- foreach: {source: log.l, steps: [{foreach: {source: log.item, as: log.inner, steps: [{cast: {fields: [log.inner], to: string}}]}}]}`;
    const square = JSON.stringify({
      l: Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => 1)),
    });
    const event = parsed(steps, square);
    expect(event.errors?.[0]).toBe(
      "Step 2.1 (foreach): More than 4096 items for one log; the rest was left as it was.",
    );
    const items = (JSON.parse(String(event.log?.overflow)) as { l: unknown[][] }).l.flat();
    expect(items).toHaveLength(10_000);
    expect(items.filter((item) => item === "1").length).toBeLessThanOrEqual(4096);
  });

  it("stops where the log is dropped", () => {
    expect(
      process(`${json}- foreach: {source: log.l, steps: [{drop: {where: log.item == 2}}]}`, '{"l":[1,2,3]}'),
    ).toEqual({ kind: "dropped", reason: "pipeline_drop" });
  });
});

describe("onError", () => {
  it.each<[name: string, onError: string, event: object]>([
    ["continues", "continue", { errors: ['Step 1 (json): "raw" is not valid JSON.'], action: "next" }],
    [
      "tags",
      "tag",
      { errors: ['Step 1 (json): "raw" is not valid JSON.'], action: "next", log: { tags: ["jsonFailed"] } },
    ],
    [
      "runs other steps",
      "[{set: {fields: {eventType: app.unparsed}}}]",
      { errors: ['Step 1 (json): "raw" is not valid JSON.'], action: "next", eventType: "app.unparsed" },
    ],
  ])("%s", (_name, onError, event) => {
    expect(
      parsed(`- json: {source: raw, onError: ${onError}}\n- set: {fields: {action: next}}`, "x"),
    ).toEqual(event);
  });

  it("drops, and does nothing where all is well", () => {
    expect(process("- json: {source: raw, onError: drop}", "x")).toEqual({
      kind: "dropped",
      reason: "pipeline_drop",
    });
    expect(parsed("- json: {source: raw, onError: drop}", '{"a":1}')).toEqual({ log: { a: 1 } });
  });

  it.each([
    ["json: {source: raw, onError: skip}", "pipeline[0].steps[0].json.onError"],
    ["json: {source: raw, onErr: drop}", 'Did you mean "onError"?'],
    ["json: {source: raw, onError: [{kv: {source: raw}}]}", "onError[0].kv.fieldSplit: Missing"],
  ])("refuses %s", (step, message) => {
    expect(() => process(`- ${step}`, "")).toThrow(message);
  });
});

describe("strict", () => {
  const run = (where: string, raw: string, strict: boolean) =>
    compilePipelines([
      parseSource(
        `strict: ${strict}\npipeline:\n  - dataTypes: [test]\n    steps:\n      - json: {source: raw}\n      - set: {fields: {action: x}, where: '${where}'}`,
        "test.yaml",
      ),
    ]).process({ ...testLog, raw });

  it.each([
    ["log.none == 1", "{}", 'Step 2 (set): "log.none" is absent.'],
    ['log.a == "1"', '{"a":1}', 'Step 2 (set): "==" compares a number with a string.'],
    ['log.a > "x"', '{"a":1}', 'Step 2 (set): ">" compares a number with a string.'],
    ["log.a", '{"a":1}', "Step 2 (set): The result is neither true nor false."],
  ])("makes a fault of %s", (where, raw, error) => {
    expect(run(where, raw, true)).toMatchObject({ event: { errors: [error] } });
    expect(run(where, raw, false)).not.toHaveProperty("event.errors");
  });

  it("leaves functions of a path as they are", () => {
    expect(run('equals("log.none", 1) || log.a == 1', '{"a":1}', true)).toMatchObject({
      event: { action: "x" },
    });
  });
});
