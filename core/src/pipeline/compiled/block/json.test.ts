import type { Log } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSource } from "../../../config/index.ts";
import { compilePipelines } from "../../load.ts";
import type { PipelineSet } from "../../runner.ts";
import { inBlocks, interpreted } from "../testing/twins.ts";

/** Cases of each property; many more are run by hand after a change. */
const runs = Number(process.env.VEDETTE_TWINS ?? 200);

const logsOf = (lines: readonly string[]): Log[] =>
  lines.map((raw, index) => ({
    id: `id-${index}`,
    dataType: "test",
    dataSource: "host-1",
    "@timestamp": "2026-10-10T12:00:00.000Z",
    raw,
  }));

const load = (steps: readonly string[]): PipelineSet =>
  compilePipelines([parseSource(`pipeline: [{dataTypes: [test], steps: [${steps.join(", ")}]}]`, "p.yaml")]);

const counters = (set: PipelineSet) => set.steps.map((step) => step.counters);

/** Lines that were left to the plain program, when blocks had seen all of them once; what they say is what the interpreter says. */
function leftOf(steps: readonly string[], lines: readonly string[]): string[] {
  const logs = logsOf(lines);
  const [slow, fast] = [load(steps), load(steps)];
  const expected = interpreted(slow, logs);
  expect(inBlocks(fast, logs)).toEqual(expected);
  expect(counters(fast)).toEqual(counters(slow));
  // Keys that were learned meanwhile make other rows simple; one line alone shows which.
  const left: string[] = [];
  for (const [index, log] of logs.entries())
    expect(inBlocks(fast, [log], () => left.push(lines[index]!))).toEqual([expected[index]]);
  return left;
}

const steps = [
  "{json: {source: raw}}",
  "{rename: {from: [log.a], to: action}}",
  "{rename: {from: [log.list, log.deep], to: log.moved}}",
  "{cast: {fields: [log.b, statusCode], to: int}}",
  "{rename: {from: [log.b, log.statusCode], to: statusCode}}",
  "{cast: {fields: [log.c], to: float}}",
  "{cast: {fields: [log.flag], to: bool}}",
  "{rename: {from: [log.c], to: origin.bytesSent}}",
  "{trim: {function: space, fields: [log.msg]}}",
  "{delete: {fields: [log.gone, log.list]}}",
  '{set: {fields: {log.copy: "{{log.a}}"}}}',
  '{set: {fields: {log.joined: "<{{log.deep}}>"}}}',
  "{lookup: {source: log.a, target: log.found, table: {x: 1, y: two}, default: none}}",
  "{grok: {source: log.msg, patterns: [{fieldName: log.word, pattern: '[a-z]+ '}, {fieldName: log.rest, pattern: '.*'}]}}",
  '{add: {function: string, params: {key: log.there, value: "1"}, where: \'exists("log.a") && !exists("log.deep")\'}}',
  "{add: {function: string, params: {key: severity, value: low}, where: 'exists(\"log\")'}}",
  '{add: {function: string, params: {key: log.eq, value: "1"}, where: \'oneOf("log.a", ["x", "", "null", 1, true]) || equals("log.list", "[1]")\'}}',
  '{add: {function: string, params: {key: log.re, value: "1"}, where: \'regexMatch("log.c", "^[0-9.]+$") || contains("log.deep", "x")\'}}',
];

const names = ["a", "b", "c", "list", "deep", "flag", "msg", "gone", "statusCode", "k1", "k2", "user-agent"];
const odd = [
  "useragent",
  "k1.x",
  "k2",
  "deep.x",
  "10",
  "2",
  "-",
  "__proto__",
  "constructor",
  "",
  "caf\u00e9",
  'q"',
  "s p",
];
const number = fc.oneof(
  fc.constantFrom("0", "-0", "7", "-12", "1.5", "0.1", "-0.25", "123456789012345", "1234567890123456"),
  fc.constantFrom("9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "1e21"),
  fc.constantFrom(
    "1E-7",
    "0.1e2",
    "123456.123456789",
    "1234567890.1234567",
    "9007199254.740993",
    "1.000000000000000111",
    "9999999999999999.9",
    "4503599627370497.5",
    "12345678901234567890",
    "01",
    "1.",
  ),
  fc.constantFrom("-", "+1", ".5", "1e", "0x1", "NaN", "4294967296", "2.0", "-3", "1e400"),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const text = fc.oneof(
  fc.constantFrom(
    '""',
    '"x"',
    '" hello  world "',
    '"192.0.2.1"',
    '"null"',
    '"12"',
    '"1.5"',
    '"a\tb"',
    '"open',
  ),
  fc.constantFrom(
    '"a\\nb"',
    '"\\"q\\""',
    '"\\u0041\\u00e9"',
    '"\\ud83d\\ude00"',
    '"\\u0000"',
    '"\\x"',
    '"\\u12"',
  ),
  fc.constantFrom(
    '"\\/\\b\\f\\r\\t\\\\"',
    '"\u00e9"',
    '"\\',
    '"a long text that goes on for more than sixteen bytes\\n"',
  ),
  fc.string({ maxLength: 40 }).map((value) => JSON.stringify(value)),
);
const space = fc.constantFrom("", "", "", " ", "\t", "\n ", "\r", "\v");
const { value } = fc.letrec<{ value: string; members: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    number,
    fc.constantFrom(
      "true",
      "false",
      "null",
      "tru",
      "nul",
      "truefalse",
      "[]",
      "{}",
      "[1]",
      '["x"]',
      "[1,]",
      "{,}",
    ),
    fc.array(tie("value"), { maxLength: 3 }).map((list) => `[${list.join(",")}]`),
    tie("members"),
  ),
  members: fc
    .array(
      fc.tuple(
        fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom(...names) },
          { weight: 1, arbitrary: fc.constantFrom(...odd) },
        ),
        tie("value"),
        space,
      ),
      { maxLength: 5 },
    )
    .map(
      (list) =>
        `{${list.map(([key, item, gap]) => `${gap}${JSON.stringify(key)}${gap}:${gap}${item}${gap}`).join(",")}}`,
    ),
}));
/** Objects, mostly right, whose keys come again in nearly the same order. */
const lines = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.constantFrom(...names, ...odd.slice(0, 4)),
        fc.array(value, { minLength: 4, maxLength: 4 }),
      ),
      {
        maxLength: 8,
      },
    ),
    fc.constantFrom("", "", "", "}", ",", " ", "x", '"', "\u00e9"),
    fc.nat(60),
  )
  .map(([members, extra, at]) => {
    const made = [0, 1, 2, 3].map(
      (which) => `{${members.map(([key, values]) => `"${key}":${values[which]}`).join(",")}}`,
    );
    const [first = "", second = ""] = made;
    return [...made, first.slice(0, at) + extra + first.slice(at), second.slice(0, at)];
  });

describe("a json step for blocks", { timeout: 600_000 }, () => {
  it("says what the interpreter says", () => {
    fc.assert(
      fc.property(
        fc.subarray(steps.slice(1)),
        fc.array(lines, { minLength: 1, maxLength: 3 }),
        (some, given) => {
          leftOf([steps[0]!, ...some], given.flat());
        },
      ),
      { numRuns: runs },
    );
  });

  it("leaves no ordinary object to the plain program", () => {
    const ordinary = [
      '{"a":"x","b":200,"c":0.25,"msg":"hello world","k1":true,"k2":null,"user-agent":"curl/8"}',
      '{ "a": "x", "b": -5, "c": 12345.678901, "flag": false, "msg": "say \\"hi\\"\\n", "k1": [1, "two", null] }',
      '{"msg":"a","gone":{"x":[{"y":1}]},"deep":{"x":"y"},"k3":{"k4":{"k5":[],"k6":1e5},"k7":"\\u0041"}}',
      '{"b":12345678901234567890,"a":"","k1":[{"a":1},{"a":2}],"k3":{"k4":{},"k7":"z"},"x.y":1}',
      "{}",
    ];
    expect(leftOf(steps.slice(0, 1), ordinary)).toEqual([
      '{"msg":"a","gone":{"x":[{"y":1}]},"deep":{"x":"y"},"k3":{"k4":{"k5":[],"k6":1e5},"k7":"\\u0041"}}',
    ]);
    expect(leftOf(steps.slice(0, 3), ordinary.slice(0, 2))).toEqual([]);
    const named = '{"a":"x","deep":{"x":[1,{"y":"z"}]},"list":[1,2],"gone":[{}]}';
    expect(leftOf([steps[0]!, steps[2]!, steps[9]!], [named])).toEqual([]);
  });

  it("leaves what it cannot say to the plain program", () => {
    const hard = [
      '{"a":1,"a":2}',
      '{"user-agent":"x","useragent":null}',
      '{"a":1e3}',
      '{"a":-0}',
      '{"a":"caf\\u00e9"}',
      '{"a":"x"',
      '{"a":"x"}}',
      '{"a":01}',
      '{"a":"\t"}',
      '{"\\u0061":1}',
      `{"k1":${"[".repeat(9)}${"]".repeat(9)}}`,
      `{"k1":[${"1,".repeat(1_100)}1]}`,
    ];
    expect(leftOf(steps.slice(0, 2), hard)).toEqual(hard);
    // An object that a step names, and that is still there at the end, is taken apart then.
    const objects = ['{"a":{"x":1}}', '{"a":{}}', '{"a":[1]}', '{"a":{"y":{"z":null},"x":[{"q":"\\n"}]}}'];
    expect(leftOf([steps[0]!, steps[16]!], ['{"a":{"constructor":1e400}}', ...objects])).toEqual([
      '{"a":{"constructor":1e400}}',
    ]);
  });

  it("forgets no key for others that come later", () => {
    const many = Array.from({ length: 300 }, (_, index) => `{"key${index}":${index},"a":"x"}`);
    const left = leftOf(steps.slice(0, 2), many);
    expect(left.length).toBeGreaterThan(100);
    expect(left.length).toBeLessThan(250);
  });
});
