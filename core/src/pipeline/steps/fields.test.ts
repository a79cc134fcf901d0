import { describe, expect, it } from "vitest";
import { parsed, process } from "../testing/run.ts";

const json = "- json: {source: raw}\n";

describe("set, split, expand, add", () => {
  it.each<[name: string, steps: string, raw: string, event: object]>([
    [
      "set: values as they are",
      `${json}- set: {fields: {severity: high, statusCode: 7, log.list: [1, {a: b}], log.flag: true, log.none: null}}`,
      "{}",
      { severity: "high", statusCode: 7, log: { list: [1, { a: "b" }], flag: true, none: null } },
    ],
    [
      "set: copies with their type, and texts",
      `${json}- set: {fields: {origin.user: '{{log.u}}', log.copy: '{{ .log.o }}', log.text: '{{log.u}}@{{log.n}}'}}`,
      '{"u":"alice","n":5,"o":{"a":[1]}}',
      {
        origin: { user: "alice" },
        log: { u: "alice", n: 5, o: { a: [1] }, copy: { a: [1] }, text: "alice@5" },
      },
    ],
    [
      "set: a copy is a copy",
      `${json}- set: {fields: {log.p: '{{log.o}}'}}\n- delete: {fields: [log.o.a]}`,
      '{"o":{"a":1,"b":2}}',
      { log: { o: { b: 2 }, p: { a: 1, b: 2 } } },
    ],
    [
      "set: leaves out what is absent",
      `${json}- set: {fields: {action: '{{log.x}}', log.t: 'a {{log.x}}', severity: low}}`,
      '{"u":1}',
      { severity: "low", log: { u: 1 } },
    ],
    [
      "set: a name from the log, below log only",
      `${json}- set: {fields: {'log.data.{{log.name}}': '{{log.value}}'}}`,
      '{"name":"raw.x-y","value":1}',
      { log: { name: "raw.x-y", value: 1, data: { raw: { xy: 1 } } } },
    ],
    [
      "split: into a list",
      `${json}- split: {source: log.a, separator: ','}`,
      '{"a":" x, y,,z "}',
      { log: { a: ["x", "y", "z"] } },
    ],
    [
      "split: into fields, the last one takes the rest",
      `${json}- split: {source: log.a, separator: ' ', fields: [log.method, '', log.rest]}`,
      '{"a":"GET / x y"}',
      { log: { a: "GET / x y", method: "GET", rest: "x y" } },
    ],
    [
      "split: fewer items than fields",
      `${json}- split: {source: log.a, separator: ':', fields: [origin.ip, log.port]}`,
      '{"a":"192.0.2.1:"}',
      { origin: { ip: "192.0.2.1" }, log: { a: "192.0.2.1:" } },
    ],
    [
      "split: too many",
      "- split: {source: raw, separator: ',', target: log.l}",
      ",".repeat(5000),
      { errors: ['Step 1 (split): "raw" has more than 4096 items.'] },
    ],
    [
      "expand: text, names sanitized",
      `${json}- expand: {source: log.m, to: log.inner}`,
      '{"m":"{\\"a-b\\":[1]}"}',
      { log: { m: '{"a-b":[1]}', inner: { ab: [1] } } },
    ],
    [
      "expand: a list, and a copy of an object",
      `${json}- expand: {source: log.m, to: log.n}\n- expand: {source: log.o, to: log.p}`,
      '{"m":"[1,2]","o":{"a":1}}',
      { log: { m: "[1,2]", n: [1, 2], o: { a: 1 }, p: { a: 1 } } },
    ],
    [
      "expand: no JSON, and nothing",
      `${json}- expand: {source: log.m, to: log.n}\n- expand: {source: log.x, to: log.n}`,
      '{"m":"{"}',
      {
        log: { m: "{" },
        errors: [
          'Step 2 (expand): "log.m" is not valid JSON.',
          'Step 3 (expand): The source "log.x" is absent.',
        ],
      },
    ],
    [
      "add: join, time",
      `${json}- add: {function: join, params: {key: log.j, fields: [log.a, log.none, log.b], separator: '-'}}\n- add: {function: time, params: {key: log.t, format: DateOnly}}\n- add: {function: time, params: {key: log.u}}`,
      '{"a":"x","b":2}',
      { log: { a: "x", b: 2, j: "x-2", t: "2026-10-10", u: "2026-10-10T12:00:00Z" } },
    ],
    [
      "add: join of nothing",
      `${json}- add: {function: join, params: {key: log.j, fields: [log.x]}}`,
      '{"a":1}',
      { log: { a: 1 } },
    ],
  ])("%s", (_name, steps, raw, event) => {
    expect(parsed(steps, raw)).toEqual(event);
  });

  it("add: the identifier of a log and field is always the same", () => {
    const steps =
      "- add: {function: uuid, params: {key: log.a}}\n- add: {function: uuid, params: {key: log.b}}";
    const { log } = parsed(steps, "x");
    expect(log?.a).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(log?.b).not.toBe(log?.a);
    expect(parsed(steps, "y").log).toEqual(log);
    expect(parsed(steps, "x", { id: "id-2" }).log?.a).not.toBe(log?.a);
  });

  it.each([
    ["set: {fields: {raw: x}}", 'test.yaml:4:29: pipeline[0].steps[0].set.fields.raw: "raw" is reserved'],
    ["set: {fields: {'origin.{{log.a}}': x}}", 'must begin with "log."'],
    ["set: {fields: {log.a: '{{log.#(x}}'}}", "is not closed"],
    ["set: {field: {}}", 'Did you mean "fields"?'],
    ["split: {source: raw, separator: ','}", '"raw" is reserved'],
    [
      "split: {source: raw, separator: ',', target: log.a, fields: [log.b]}",
      "Give `target` or `fields`, not both.",
    ],
    ["expand: {source: raw, to: '@timestamp'}", "is reserved"],
    ["add: {function: string, params: {key: log.a}}", 'The function "string" needs `value`.'],
    ["add: {function: uuid, params: {key: log.a, value: x}}", 'The function "uuid" takes no `value`.'],
    ["add: {function: time, params: {key: log.a, format: RFC339}}", 'Did you mean "RFC3339"?'],
    ["add: {function: uid, params: {key: log.a}}", 'Did you mean "uuid"?'],
    ["delete: {fields: ['log.#.a']}", "can only be read"],
    ["rename: {from: ['log.*'], to: log.a}", "can only be read"],
  ])("refuses %s", (step, message) => {
    expect(() => process(`- ${step}`, "")).toThrow(message);
  });
});
