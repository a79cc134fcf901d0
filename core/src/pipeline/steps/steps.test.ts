import { cpuUsage } from "node:process";
import { describe, expect, it } from "vitest";
import { parsed, process } from "../testing/run.ts";

/** CPU time of this process, which a busy machine does not stretch. Milliseconds. */
const cpu = (): number => (cpuUsage().user + cpuUsage().system) / 1000;

type Row = readonly [name: string, steps: string, raw: string, event: object];

const table = (rows: readonly Row[]): void => {
  it.each(rows)("%s", (_name, steps, raw, event) => {
    expect(parsed(steps, raw)).toEqual(event);
  });
};

describe("json", () => {
  table([
    [
      "puts keys under log",
      "- json: {source: raw}",
      '{"a":1,"b":{"c":[true,null]}}',
      { log: { a: 1, b: { c: [true, null] } } },
    ],
    [
      "sanitizes names",
      "- json: {source: raw}",
      '{"user-agent":"x","a b":{"c-d":1},"l":[{"e f":2}],"x_y":3}',
      { log: { useragent: "x", ab: { cd: 1 }, l: [{ ef: 2 }], x_y: 3 } },
    ],
    [
      "nests dots",
      "- json: {source: raw}",
      '{"a.b":1,"a.c":2,"n":{"x.y":3}}',
      { log: { a: { b: 1, c: 2 }, n: { x: { y: 3 } } } },
    ],
    [
      "reads any text field",
      "- json: {source: raw}\n- json: {source: log.inner}",
      '{"inner":"{\\"z\\":1}"}',
      { log: { inner: '{"z":1}', z: 1 } },
    ],
    [
      "keeps big whole numbers",
      "- json: {source: raw}",
      '{"n":12345678901234567890,"f":1.5,"m":9007199254740991}',
      { log: { n: "12345678901234567890", f: 1.5, m: 9007199254740991 } },
    ],
    [
      "harmless keys",
      "- json: {source: raw}",
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      { log: { proto: { polluted: 1 }, constructor: { prototype: { polluted: 1 } } } },
    ],
    [
      "no object",
      "- json: {source: raw}",
      "[1]",
      { errors: ['Step 1 (json): "raw" is JSON, but not an object.'] },
    ],
    ["a byte order mark", "- json: {source: raw}", '\ufeff{"a":1}', { log: { a: 1 } }],
    ["no JSON", "- json: {source: raw}", "{", { errors: ['Step 1 (json): "raw" is not valid JSON.'] }],
    [
      "no source",
      "- json: {source: log.x}",
      "",
      { errors: ['Step 1 (json): The source "log.x" is absent.'] },
    ],
    [
      "nameless key",
      "- json: {source: raw}",
      '{"--":1,"a":2}',
      { log: { a: 2 }, errors: ["Step 1 (json): 1 keys have no letter or digit and were left out."] },
    ],
  ]);

  it("bounds depth and pollutes nothing", () => {
    const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    const event = parsed("- json: {source: raw}", deep(500));
    expect(JSON.stringify(event.log)).toContain(JSON.stringify(deep(400)).slice(1, -1));
    expect(parsed("- json: {source: raw}", deep(100_000)).errors).toEqual([
      "Step 1 (json): The value is nested too deep.",
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("kv", () => {
  const kv = "- kv: {source: raw, fieldSplit: ' ', valueSplit: '='}";
  table([
    ["splits at the first separator", kv, "a=1 b=x=y  c= d", { log: { a: "1", b: "x=y", c: "" } }],
    ["last copy wins", kv, "a=1 a=2", { log: { a: "2" } }],
    ["does not know quotes", kv, 'a="x y" b=1', { log: { a: '"x', b: "1" } }],
    [
      "longer separators, sanitized names",
      "- kv: {source: raw, fieldSplit: ', ', valueSplit: ': '}",
      "User-Name: root, a.b: 1",
      { log: { UserName: "root", a: { b: "1" } } },
    ],
    ["__proto__", kv, "__proto__=1 __proto__.x=2", { log: { proto: { x: "2" } } }],
    [
      "missing source",
      "- kv: {source: log.x, fieldSplit: ' ', valueSplit: '='}",
      "",
      { errors: ['Step 1 (kv): The source "log.x" is absent.'] },
    ],
    ["nothing to find", kv, "no pairs", {}],
  ]);

  const quoted = (quotes: string, hex = ""): string =>
    `- kv: {source: raw, fieldSplit: ' ', valueSplit: '=', quotes: ${quotes}${hex && `, hex: '${hex}'`}}`;
  table([
    [
      "plain quotes, words and pairs without a gap",
      quoted("plain"),
      `a="x y" word b='c="d" e=f' g="h\\"i=1  k= l=2`,
      { log: { a: "x y", b: 'c="d" e=f', g: "h\\", i: "1", k: "", l: "2" } },
    ],
    [
      "escaped quotes",
      quoted("escaped"),
      String.raw`a="x \" b=1 \\" c='d e=f`,
      { log: { a: 'x " b=1 \\', c: "'d", e: "f" } },
    ],
    ["with quotes the first copy counts", quoted("plain"), 'a=1 a="2"', { log: { a: "1" } }],
    ["a quote that is not closed", quoted("escaped"), 'a="x b=1', { log: { a: "x b=1" } }],
    [
      "hexadecimal text of some keys, without quotes",
      quoted("plain", "a[0-9]+|acct"),
      'a0=6C73002D6C acct=726F6F74 ses=6C73 acct2=6C73 a1="6C73" a2=6C7 a3=ls',
      { log: { a0: "ls -l", acct: "root", ses: "6C73", acct2: "6C73", a1: "6C73", a2: "6C7", a3: "ls" } },
    ],
    ["nothing but splits", quoted("plain"), " = =x ", {}],
  ]);
});

describe("grok", () => {
  const grok = (...patterns: readonly string[]): string =>
    `- grok:\n    patterns:\n${patterns
      .map((entry) => {
        const [name, pattern] = entry.split(" <- ") as [string, string];
        return `      - {fieldName: '${name}', pattern: '${pattern}'}`;
      })
      .join("\n")}`;
  table([
    [
      "cuts in order",
      grok("origin.ip <- {{.ipv4}}", " <- -", "log.rest <- {{.greedy}}"),
      " 10.0.0.1 - hello world ",
      { origin: { ip: "10.0.0.1" }, log: { rest: "hello world" } },
    ],
    [
      "writes nothing unless all match",
      grok("origin.ip <- {{.ipv4}}", "statusCode <- {{.integer}}"),
      "10.0.0.1 x",
      {},
    ],
    [
      "stops where the text ends",
      grok("origin.ip <- {{.ipv4}}", "log.rest <- {{.greedy}}"),
      "10.0.0.1",
      { origin: { ip: "10.0.0.1" } },
    ],
    ["an empty match is none", grok("log.a <- x*", "log.b <- .*"), "abc", {}],
    ["must match at the start", grok("log.a <- b"), "abc", {}],
    ["never revises a match", grok("log.a <- .*", "log.b <- c"), "abc", { log: { a: "abc" } }],
    [
      "takes the first alternative, as Go",
      grok("log.a <- a|ab", "log.b <- .*"),
      "abc",
      { log: { a: "a", b: "bc" } },
    ],
    ["trims values", grok("log.a <- [^;]*;", "log.b <- .*"), "x ; y", { log: { a: "x ;", b: "y" } }],
    [
      "word boundaries see the cut text",
      grok("log.a <- a", "log.b <- \\bb"),
      "ab",
      { log: { a: "a", b: "b" } },
    ],
    [
      "start anchors hold at each cut",
      grok("log.a <- ^a", "log.b <- ^b"),
      "a b",
      { log: { a: "a", b: "b" } },
    ],
    ["wide characters", grok("log.a <- .{2}", "log.b <- .*"), "😀é!", { log: { a: "😀é", b: "!" } }],
    [
      "expressions for the linear engine",
      grok("log.a <- (?:\\w+\\.)*\\w+", "log.b <- .*"),
      "a.b.c d",
      { log: { a: "a.b.c", b: "d" } },
    ],
    [
      "named groups and flags",
      grok("log.a <- (?P<verb>(?i)get)", "log.b <- .*"),
      "GeT /x",
      { log: { a: "GeT", b: "/x" } },
    ],
    [
      "another source",
      `- json: {source: raw}\n${grok("log.a <- \\w+").replace("patterns", "source: log.m\n    patterns")}`,
      '{"m":"one two"}',
      { log: { m: "one two", a: "one" } },
    ],
    [
      "missing source",
      grok("log.a <- \\w+").replace("patterns", "source: log.m\n    patterns"),
      "",
      { errors: ['Step 1 (grok): The source "log.m" is absent.'] },
    ],
    ["sanitized target", grok("log.user-name <- \\w+"), "root", { log: { username: "root" } }],
    ["empty text", grok("log.a <- .*"), "   ", {}],
  ]);

  it.each([
    ["truncated access log", `1.2.3.4 - - [10/Oct/2026:13:55:36 +0000] "GET /${"a".repeat(5000)}`],
    ["100 KB of quotes", '"\\'.repeat(50_000)],
    ["100 KB of one letter", "a".repeat(100_000)],
    [
      "binary junk",
      Array.from({ length: 20_000 }, (_, index) => String.fromCharCode((index * 7919) % 65_536)).join(""),
    ],
  ])("is fast on a hostile line: %s", (_name, raw) => {
    const steps = `${grok("origin.ip <- {{.ipv4}}|{{.ipv6}}|{{.hostname}}", " <- .*\\[", "log.time <- [^\\]]+", " <- \\]", 'log.request <- "(?:[^"\\\\]|\\\\.)*"', "statusCode <- {{.integer}}")}\n${grok("log.a <- (.*?)x", "log.b <- .*")}`;
    const start = cpu();
    process(steps, raw);
    expect(cpu() - start).toBeLessThan(1500);
  });
});

describe("csv", () => {
  const csv = "- csv: {source: raw, separator: ',', headers: [log.a, '', origin.ip, log.d]}";
  table([
    [
      "columns by header, one skipped",
      csv,
      "1,2,10.0.0.1,4",
      { log: { a: "1", d: "4" }, origin: { ip: "10.0.0.1" } },
    ],
    ["fewer and more columns", csv, "1", { log: { a: "1" } }],
    ["more columns", csv, "1,2,3,4,5,6", { log: { a: "1", d: "4" }, origin: { ip: "3" } }],
    ["quotes", csv, '"a ""q"", b",,"x",  y ', { log: { a: 'a "q", b', d: "  y " }, origin: { ip: "x" } }],
    ["a quote inside plain text", csv, 'a"b,2', { log: { a: 'a"b' } }],
    ["first record only", csv, "1,2\n3,4", { log: { a: "1" } }],
    [
      "other separator",
      "- csv: {source: raw, separator: '|', headers: [log.a, log.b]}",
      "x,y|z",
      { log: { a: "x,y", b: "z" } },
    ],
    ["open quote", csv, '"abc', { errors: ["Step 1 (csv): A quoted column is not closed."] }],
  ]);
});

describe("rename", () => {
  const json = "- json: {source: raw}\n";
  table([
    [
      "moves",
      `${json}- rename: {from: [log.a], to: origin.user}`,
      '{"a":"x","b":1}',
      { origin: { user: "x" }, log: { b: 1 } },
    ],
    [
      "last one wins",
      `${json}- rename: {from: [log.a, log.b], to: origin.user}`,
      '{"a":"x","b":"y"}',
      { origin: { user: "y" } },
    ],
    ["only what exists", `${json}- rename: {from: [log.a, log.zz], to: log.c}`, '{"a":1}', { log: { c: 1 } }],
    [
      "objects become text, null empty",
      `${json}- rename: {from: [log.o], to: log.x}\n- rename: {from: [log.n], to: log.y}`,
      '{"o":{"k":[1]},"n":null}',
      { log: { x: '{"k":[1]}', y: "" } },
    ],
    ["onto itself", `${json}- rename: {from: [log.a], to: log.a}`, '{"a":1}', { log: { a: 1 } }],
    [
      "scalar parent gives way",
      `${json}- rename: {from: [log.a], to: log.b.c}`,
      '{"a":1,"b":2}',
      { log: { b: { c: 1 } } },
    ],
    [
      "out of a list",
      `${json}- rename: {from: [log.l.0], to: log.first}`,
      '{"l":["x","y"]}',
      { log: { l: ["y"], first: "x" } },
    ],
  ]);
});

describe("cast", () => {
  const cast = (to: string): string =>
    `- json: {source: raw}\n- cast: {fields: [log.a, log.none], to: '${to}'}`;
  const cases: readonly (readonly [string, string, unknown])[] = [
    ["int", '"12"', 12],
    ["int", '" -3.9 "', -3],
    ["int", '"12abc"', 0],
    ["int64", '"9223372036854775807"', "9223372036854775807"],
    ["int", "true", 1],
    ["float", '"1.5e2"', 150],
    ["float64", '"x"', 0],
    ["string", "12", "12"],
    ["string", '{"b":1}', '{"b":1}'],
    ["string", "null", ""],
    ["bool", '"true"', true],
    ["bool", '"T"', true],
    ["bool", '"yes"', false],
    ["bool", "1", true],
    ["[]string", '"x"', ["x"]],
    ["[]string", "[1,true]", ["1", "true"]],
  ];
  it.each(cases)("to %s: %s", (to, value, expected) => {
    expect(parsed(cast(to), `{"a":${value}}`)).toEqual({ log: { a: expected } });
  });
});

describe("trim, add, delete, drop", () => {
  const json = "- json: {source: raw}\n";
  table([
    [
      "prefix once",
      `${json}- trim: {function: prefix, substring: 'a', fields: [log.x]}`,
      '{"x":" aab "}',
      { log: { x: "ab" } },
    ],
    [
      "suffix",
      `${json}- trim: {function: suffix, substring: ';', fields: [log.x, log.none]}`,
      '{"x":"ab ;"}',
      { log: { x: "ab" } },
    ],
    [
      "substring everywhere",
      `${json}- trim: {function: substring, substring: '"', fields: [log.x]}`,
      '{"x":"\\"a\\"b"}',
      { log: { x: "ab" } },
    ],
    [
      "regex everywhere",
      `${json}- trim: {function: regex, substring: '[0-9]+', fields: [log.x]}`,
      '{"x":"1a22b333"}',
      { log: { x: "ab" } },
    ],
    [
      "regex with a pattern",
      `${json}- trim: {function: regex, substring: '^{{.space}}|({{.word}},)+', fields: [log.x]}`,
      '{"x":"a,b,c"}',
      { log: { x: "c" } },
    ],
    [
      "space, result is text",
      `${json}- trim: {function: space, fields: [log.x, log.n]}`,
      '{"x":" a ","n":5}',
      { log: { x: "a", n: "5" } },
    ],
    [
      "add makes text",
      "- add: {function: string, params: {key: log.a.b, value: 5}}\n- add: {function: set, params: {key: action, value: true}}",
      "",
      { log: { a: { b: "5" } }, action: "true" },
    ],
    [
      "delete",
      `${json}- delete: {fields: [log.a, log.o.k, log.none]}`,
      '{"a":1,"o":{"k":1}}',
      { log: { o: {} } },
    ],
    ["delete everything", `${json}- delete: {fields: [log]}`, '{"a":1}', {}],
    ["delete in a list", `${json}- delete: {fields: [log.l.1]}`, '{"l":[1,2,3]}', { log: { l: [1, 3] } }],
    [
      "drop not",
      `${json}- drop: {where: log.level == "debug"}`,
      '{"level":"info"}',
      { log: { level: "info" } },
    ],
  ]);

  it("drop discards the log", () => {
    expect(
      process('- drop: {where: \'contains("raw", "health")\'}\n- json: {source: raw}', "GET /health"),
    ).toEqual({ kind: "dropped", reason: "pipeline_drop" });
  });
});

describe("reformat", () => {
  const reformat = (from: string, to = "RFC3339"): string =>
    `- json: {source: raw}\n- rename: {from: [log.t], to: deviceTime}\n- reformat: {fields: [deviceTime], function: time, fromFormat: '${from}', toFormat: '${to}'}`;
  table([
    [
      "access log",
      reformat("02/Jan/2006:15:04:05 -0700"),
      '{"t":"10/Oct/2026:13:55:36 +0200"}',
      { deviceTime: "2026-10-10T13:55:36+02:00" },
    ],
    [
      "by name",
      reformat("RFC1123"),
      '{"t":"Sat, 10 Oct 2026 13:55:36 GMT"}',
      { deviceTime: "2026-10-10T13:55:36Z" },
    ],
    [
      "epoch",
      reformat("UnixMilli", "RFC3339Nano"),
      '{"t":1791640536120}',
      { deviceTime: "2026-10-10T13:55:36.12Z" },
    ],
    [
      "no year: that of the reading",
      reformat("Stamp"),
      '{"t":"Oct  9 03:04:05"}',
      { deviceTime: "2026-10-09T03:04:05Z" },
    ],
    [
      "no year: the one before",
      reformat("Stamp"),
      '{"t":"Dec 31 23:59:59"}',
      { deviceTime: "2025-12-31T23:59:59Z" },
    ],
    [
      "an example in place of a layout",
      "- json: {source: raw}\n- reformat: {fields: [log.t], function: time, fromFormat: '2024-05-06', toFormat: RFC3339}",
      '{"t":"2024-02-29"}',
      {
        log: { t: "2024-02-29" },
        errors: [
          'Step 2 (reformat): "log.t" does not have the form "2024-05-06". A layout shows the time Mon Jan 2 15:04:05 MST 2006, not any other.',
        ],
      },
    ],
    [
      "unreadable stays, then leaves the schema field",
      reformat("RFC3339"),
      '{"t":"yesterday"}',
      {
        log: { deviceTime: "yesterday" },
        errors: [
          'Step 3 (reformat): "deviceTime" does not have the form "RFC3339".',
          'The value of "deviceTime" is no time; it was kept as "log.deviceTime".',
        ],
      },
    ],
  ]);
});

describe("where", () => {
  table([
    [
      "runs where true",
      "- json: {source: raw}\n- add: {function: string, params: {key: action, value: x}, where: log.a > 1}",
      '{"a":2}',
      { log: { a: 2 }, action: "x" },
    ],
    [
      "skips elsewhere",
      "- json: {source: raw}\n- add: {function: string, params: {key: action, value: x}, where: log.a > 1}",
      '{"a":1}',
      { log: { a: 1 } },
    ],
    [
      "empty or null is none",
      "- json: {source: raw, where: ''}\n- delete: {fields: [log.a], where: }",
      '{"a":2,"b":1}',
      { log: { b: 1 } },
    ],
    [
      "a fault is an error and skips",
      "- json: {source: raw}\n- add: {function: string, params: {key: action, value: x}, where: log.a / 0 == 1}",
      '{"a":1}',
      { log: { a: 1 }, errors: ["Step 2 (add): Division by zero."] },
    ],
    [
      "sees what steps removed as absent",
      "- json: {source: raw}\n- delete: {fields: [log.a]}\n- add: {function: string, params: {key: action, value: x}, where: '!exists(\"log.a\") && size(log) == 1'}",
      '{"a":1,"b":2}',
      { log: { b: 2 }, action: "x" },
    ],
  ]);
});
