import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSource } from "../../../config/index.ts";
import { loadPipelines } from "../../index.ts";
import { compilePipelines } from "../../load.ts";
import { parsed, process, testLog } from "../../testing/run.ts";

const json = "- json: {source: raw}\n";

describe("lookup", () => {
  it.each<[name: string, steps: string, raw: string, event: object]>([
    [
      "one value",
      `${json}- lookup: {source: log.a, table: {1: allow, 2: deny}, target: action}`,
      '{"a":2}',
      { log: { a: 2 }, action: "deny" },
    ],
    [
      "several fields, values as they are",
      `${json}- lookup: {source: log.a, table: {x: {severity: high, statusCode: 7, log.tags: [a, b]}}}`,
      '{"a":"x"}',
      { log: { a: "x", tags: ["a", "b"] }, severity: "high", statusCode: 7 },
    ],
    [
      "a default, also for what is absent",
      `${json}- lookup: {source: log.b, table: {}, default: {action: none}}`,
      '{"a":1}',
      { log: { a: 1 }, action: "none" },
    ],
    [
      "no default",
      `${json}- lookup: {source: log.a, table: {x: y}, target: action}`,
      '{"a":"constructor"}',
      { log: { a: "constructor" } },
    ],
    [
      "any case",
      `${json}- lookup: {source: log.a, ignoreCase: true, table: {Deny: denied}, target: actionResult}`,
      '{"a":"DENY"}',
      { log: { a: "DENY" }, actionResult: "denied" },
    ],
    [
      "null as a value",
      `${json}- lookup: {source: log.a, table: {x: null}, target: log.b}`,
      '{"a":"x"}',
      { log: { a: "x", b: null } },
    ],
  ])("%s", (_name, steps, raw, event) => {
    expect(parsed(steps, raw)).toEqual(event);
  });

  it("gives each event a value of its own", () => {
    const set = compilePipelines([
      parseSource(
        "pipeline: [{dataTypes: [test], steps: [{lookup: {source: raw, table: {a: {log.l: [1]}}}}, {rename: {from: [dataSource], to: log.l.0, where: 'false'}}, {delete: {fields: [log.l.0]}}]}]",
        "test.yaml",
      ),
    ]);
    const run = (): unknown => set.process({ ...testLog, raw: "a" });
    expect(run()).toEqual(run());
  });

  it.each([
    [
      "{source: log.a, table: {x: y}}",
      "test.yaml:4:44: pipeline[0].steps[0].lookup.table.x: A single value needs a target.",
    ],
    ["{source: log.a}", "A lookup needs `table` or `file`."],
    ["{source: log.a, table: {x: {raw: y}}}", '"raw" is reserved: steps cannot write it.'],
    ["{source: log.a, file: none.csv, target: action}", "The table cannot be read: ENOENT"],
    ["{source: log.a, file: a.csv, table: {}}", "Give `table` or `file`, not both."],
    ["{source: log.a, tables: {}}", 'Did you mean "table"?'],
  ])("refuses %s", (options, message) => {
    expect(() => process(`- lookup: ${options}`, "")).toThrow(message);
  });
});

describe("a table in a file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vedette-lookup-"));
    writeFileSync(
      join(folder, "ports.csv"),
      '\ufeffport,protocol,log.note\r\n22,ssh,"remote, secure"\r\n80,http,\r\n\r\n',
    );
    writeFileSync(join(folder, "ports.json"), '{"22":{"protocol":"ssh"},"80":{"protocol":"http"}}');
    writeFileSync(join(folder, "ports.yaml"), "22: {protocol: ssh}\n80: {protocol: http}\n");
    writeFileSync(join(folder, "list.json"), "[1]");
    writeFileSync(join(folder, "bad.yaml"), "a: [\n");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const load = (file: string) => {
    const path = join(folder, "pipeline-under-test.yml");
    writeFileSync(path, `pipeline: [{dataTypes: [test], steps: [{lookup: {source: raw, file: ${file}}}]}]`);
    return loadPipelines([path]);
  };

  it.each(["ports.csv", "ports.json", "ports.yaml"])("is read from %s beside the pipeline", (file) => {
    expect(load(file).process({ ...testLog, raw: "80" })).toMatchObject({ event: { protocol: "http" } });
  });

  it("may hold quotes and leave fields empty", () => {
    const set = load("ports.csv");
    expect(set.process({ ...testLog, raw: "22" })).toMatchObject({
      event: { log: { note: "remote, secure" } },
    });
    expect(set.process({ ...testLog, raw: "80" })).not.toHaveProperty("event.log");
  });

  it.each([
    ["list.json", "it holds no map"],
    ["bad.yaml", "The table cannot be read"],
  ])("is refused when it is %s", (file, message) => {
    expect(() => load(file)).toThrow(message);
  });
});
