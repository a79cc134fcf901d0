import type { Log } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { parseSource } from "../../config/index.ts";
import { compilePipelines } from "../load.ts";
import { stepKinds } from "../steps/index.ts";
import { compiled, interpreted } from "./testing/twins.ts";

/** A pipeline for each kind that only the interpreter knows, mixed with steps that are compiled. */
const pipelines: Readonly<Record<string, string>> = {
  xml: "{xml: {source: raw}}, {rename: {from: [log.Event.System.EventID], to: log.id}}",
  syslog:
    "{syslog: {side: target}}, {grok: {source: log.message, patterns: [{fieldName: log.first, pattern: '\\S+'}]}}",
  cef: "{cef: {}}, {add: {function: string, params: {key: eventType, value: a.b}, where: 'exists(\"origin.ip\")'}}",
  leef: "{leef: {map: false}}, {cast: {fields: [log.srcPort], to: int}}",
  date: "{grok: {patterns: [{fieldName: deviceTime, pattern: '\\S+'}]}}, {date: {layouts: [ISO8601, UNIX]}}",
  lookup:
    "{json: {source: raw}}, {lookup: {source: log.a, table: {'1': {severity: high, log.l: [1]}}, default: {action: none}}}",
  set: "{json: {source: raw}}, {set: {fields: {action: '{{log.a}}', log.copy: '{{log.o}}', 'log.x.{{log.a}}': 1}}}, {delete: {fields: [log.o]}}",
  switch:
    "{json: {source: raw}}, {switch: {cases: [{where: log.a == 1, steps: [{drop: {where: 'true'}}]}, {set: {action: other}}]}}",
  split:
    "{json: {source: raw}}, {split: {source: log.s, separator: ','}}, {trim: {function: space, fields: [log.a]}}",
  foreach:
    "{json: {source: raw}}, {foreach: {source: log.l, steps: [{cast: {fields: [log.item], to: string}}]}}, {foreach: {source: log.o, key: log.k, steps: [{delete: {fields: [log.item]}}]}}",
  expand:
    "{json: {source: raw}}, {expand: {source: log.s, to: log.inner.0.x}}, {add: {function: join, params: {key: log.j, fields: [log.a, log.s]}}}",
  dynamic: "{dynamic: {plugin: none}}, {add: {function: uuid, params: {key: log.u}}}",
  ownStep:
    "{json: {source: raw}}, {dynamic: {plugin: own.step, params: {to: log.made}}}, {add: {function: string, params: {key: protocol, value: tcp}}}",
  onError:
    "{json: {source: raw, onError: tag}}, {cast: {fields: [log.a], to: int, onError: drop}}, {expand: {source: log.s, to: log.t, onError: [{set: {fields: {action: failed}}}]}}",
  dropOnError:
    "{add: {function: string, params: {key: action, value: x}}}, {json: {source: raw, onError: drop}}",
  query:
    "{json: {source: raw}}, {set: {fields: {action: '{{log.l.#(>1)}}'}, where: 'equals(\"log.l.#(==2)\", 2)'}}, {grok: {source: 'log.o|a', patterns: [{fieldName: protocol, pattern: '\\S+'}]}}",
};

/** Writes what is its own and what is not, and fails at times. */
const ownStep = (draft: Record<string, unknown>, params: unknown): void => {
  const { raw } = draft as { raw: string };
  draft["action"] = `length ${raw.length}`;
  draft["id"] = "forged";
  draft["unheardOf"] = params;
  if (raw === "") throw new Error("nothing to read");
  draft["raw"] = "forged";
  delete draft["dataType"];
};

const lines = [
  '{"a":1,"s":"x,y","l":[1,2,3],"o":{"a":"b"}}',
  '{"a":"2","s":"{\\"k\\":[1]}","l":["x"],"item":5,"o":{}}',
  "{",
  "",
  "<34>Oct  9 22:14:15 web-1 su[77]: text",
  "CEF:0|v|p|1|100|name|7|src=192.0.2.1 rt=1791640536120 cs1=x cs1Label=Policy suser=a suser=b",
  "LEEF:2.0|v|p|1|e|^|src=192.0.2.1^srcPort=22",
  "<Event><System><EventID Qualifiers='1'>4625</EventID></System></Event>",
  "2026-10-09T22:14:15+02:00 rest",
  "1791640536 rest",
  `{"a":1,"s":"${"x,".repeat(5000)}"}`,
  "x".repeat(10_000),
];

describe("a step that is not compiled says the same in a compiled pipeline", () => {
  it("for every kind there is", () => {
    const native = [
      "json",
      "grok",
      "kv",
      "csv",
      "rename",
      "cast",
      "trim",
      "add",
      "delete",
      "drop",
      "reformat",
    ];
    expect(stepKinds.filter((kind) => !native.includes(kind) && !Object.hasOwn(pipelines, kind))).toEqual([]);
  });

  it.each(
    Object.entries(pipelines).flatMap(([name, steps]) =>
      [false, true].map((strict) => [name, strict, steps] as const),
    ),
  )("%s, strict %s", (_name, strict, steps) => {
    const load = () =>
      compilePipelines(
        [parseSource(`strict: ${strict}\npipeline: [{dataTypes: [test], steps: [${steps}]}]`, "kinds.yaml")],
        { parsers: new Map([["own.step", ownStep]]) },
      );
    const slow = load();
    const fast = load();
    const logs = lines.map(
      (raw, index): Log => ({
        id: `id-${index}`,
        dataType: "test",
        dataSource: "host-1",
        "@timestamp": "2026-10-10T12:00:00.000Z",
        raw,
      }),
    );
    expect(compiled(fast, logs)).toEqual(interpreted(slow, logs));
    expect(fast.steps.map(({ counters }) => counters)).toEqual(slow.steps.map(({ counters }) => counters));
    expect(fast.conversion).toEqual(slow.conversion);
  });
});
