import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PipelineSet } from "../../runner.ts";
import { load, logsOf } from "../testing/steps.ts";
import { compiled, inBlocks, interpreted } from "../testing/twins.ts";

/** Cases of each property; many more are run by hand after a change. */
const runs = Number(process.env.VEDETTE_TWINS ?? 100);

const counters = (set: PipelineSet) => set.steps.map((step) => step.counters);

/** Says that a pipeline has a form for blocks, and that this says what the interpreter says, with every counter, also of steps inside others. */
function sameFor(steps: fc.Arbitrary<string>, line: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(steps, fc.array(line, { minLength: 4, maxLength: 40 }), (text, lines) => {
      const logs = logsOf(lines);
      const [slow, plain, block] = [load(text), load(text), load(text)];
      expect(block.columns("test").noBlock).toBeUndefined();
      const wanted = interpreted(slow, logs);
      expect(compiled(plain, logs)).toEqual(wanted);
      expect(inBlocks(block, logs)).toEqual(wanted);
      expect(counters(block)).toEqual(counters(slow));
      expect(inBlocks(block, logs)).toEqual(wanted);
    }),
    { numRuns: runs },
  );
}

const pick = (...words: string[]): fc.Arbitrary<string> => fc.constantFrom(...words);
const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((list) => list.join(""));

const stamps = pick(
  "Feb 28 22:14:15",
  "Mar  1 00:00:01",
  "Mar 1 00:00:01",
  "Feb 30 22:14:15",
  "Foo 28 22:14:15",
  "2026-02-28T22:14:15Z",
  "2026-01-31T22:14:15.123+01:00",
  "2026-02-28 22:14:15",
  "2026-02-28T22:14:15+0100",
  "*Mar  1 00:00:01.5",
  "Feb 28 2026 22:14:15",
  "Feb 28 22:14:15 2026",
  "Feb 28 22:14:15 UTC",
  "Feb 28 22:14:15 CET:",
  "-",
);
const syslogLines = joined(
  pick("", "", "<34>", "<191>", "<192>", "<>", "<34", "<0>", "17 <34>", "<34>:", "<34>7: "),
  pick("", "", "1 ", "2 ", "1"),
  stamps,
  pick(" ", " ", " ", "  ", ": ", "", "\t"),
  pick(
    "web-1",
    "10.0.0.1",
    "2001",
    "UTC",
    "CET:",
    "::1",
    "h",
    "",
    "2026",
    "a".repeat(260),
    "[h]",
    "%ASA-6-1:",
    "-",
    "+01:00",
  ),
  pick(" ", " ", " ", "  ", "      ", " : ", "\t", ""),
  pick(
    "sshd[77]: ",
    "sshd: ",
    "sshd[77] ",
    "sshd[]: ",
    "sshd[7 7]: ",
    "sshd:",
    "cron[1234567890]: ",
    "a[x]:",
    "%ASA-6-302013: ",
    "-",
    "p 77 ID - ",
    "p - - - ",
    'p q r [a b="c"] ',
    "x".repeat(130),
    "",
  ),
  pick("text of it", "", " ", "Mar 1", "[x]", "a=b", "Ä", "\u0001"),
);

describe("a step in a block says what the interpreter says", { timeout: 600_000 }, () => {
  it("syslog, of lines of all kinds", () => {
    const steps = pick(
      "{syslog: {}}",
      "{syslog: {side: target, timezone: 'Europe/Zurich'}}, {lookup: {source: log.severity, target: severity, table: {emerg: critical, crit: high}, default: low}}",
      '{add: {function: string, params: {key: deviceTime, value: x}}}, {syslog: {where: \'contains("raw", "sshd")\'}}, {delete: {fields: [origin, log.pid]}}',
    );
    sameFor(steps, syslogLines);
  });

  const keys = pick("a", "b", "c", "statusCode", "x.y", "a b", "-", "k1", "k2", "A", "");
  const values = pick(
    "1",
    "x",
    "",
    '"q"',
    '"q r"',
    "'s t'",
    '"a\\"b"',
    '"open',
    "2f62696e",
    "a=b",
    "4294967296",
    " ",
  );
  const pairs = fc
    .array(joined(keys, pick("=", "=", "=", ":", ""), values), { maxLength: 7 })
    .chain((list) => pick(" ", " ", "  ", ", ").map((between) => list.join(between)));

  it("kv, with quotes and without", () => {
    const steps = fc
      .tuple(
        pick("", ", quotes: plain", ", quotes: escaped", ", quotes: plain, hex: 'k[12]'"),
        pick("' '", "', '", "','"),
        pick("raw", "log.a"),
        pick(
          "",
          "{set: {fields: {log.a: '{{raw}}'}}}, ",
          "{set: {fields: {log.a: '2', log.k1: 0}}}, {set: {fields: {action: old}, where: 'equals(\"log.a\", \"2\")'}}, ",
        ),
        pick(
          "",
          ', {set: {fields: {protocol: new}, where: \'equals("log.a", "2")\'}}',
          ", {rename: {from: [log.b, log.c], to: log.k1}}",
          ", {cast: {fields: [log.a], to: int}}",
        ),
      )
      .map(
        ([quotes, split, source, before, behind]) =>
          `${before}{kv: {source: ${source}, fieldSplit: ${split}, valueSplit: '='${quotes}}}${behind}`,
      );
    sameFor(steps, pairs);
  });

  it("csv and split", () => {
    const steps = pick(
      "{csv: {headers: [log.a, '', statusCode, log.b]}}",
      "{csv: {separator: ';', headers: [action]}}, {split: {source: action, separator: ', ', fields: [log.x, '', log.y]}}",
      "{split: {source: raw, separator: ',', fields: [action, log.rest]}}, {csv: {source: log.rest, headers: [log.rest, log.b]}}",
    );
    sameFor(
      steps,
      fc
        .array(pick("1", "x", "", '"q"', '"a,b"', '"a""b"', '"open', "\r", "z;y", " 7 ", "403"), {
          maxLength: 6,
        })
        .map((list) => list.join(",")),
    );
  });

  it("switch, set and lookup, with steps inside", () => {
    const grok =
      "{grok: {patterns: [{fieldName: log.a, pattern: '[a-z0-9]+'}, {fieldName: log.b, pattern: '.*'}]}}";
    const inner = pick(
      "{set: {fields: {action: '{{log.a}}', statusCode: 7, log.c: 'x {{log.b}} {{statusCode}}'}}}",
      "{set: {fields: {log.d: '{{log.none}}', log.e: true}, where: 'exists(\"log.b\")'}}",
      "{lookup: {source: log.b, table: {x: {action: looked, log.n: 5}, '12': {severity: high}}}}",
      "{rename: {from: [log.a], to: log.f}}",
      "{delete: {fields: [origin]}}",
      "{set: {fields: {origin.ip: '{{log.b}}'}}}",
      "{trim: {function: regex, substring: '[0-9]+', fields: [log.b], where: 'regexMatch(\"log.b\", \"[0-9]\")'}}",
      "{date: {source: log.b, layouts: [UNIX, RFC3339], target: deviceTime}}",
      "{add: {function: string, params: {key: action, value: added}, where: 'safe(\"statusCode\", 0) > 5'}}",
      '{switch: {cases: [{where: \'contains("log.b", "x")\', set: {log.g: inner}}, {steps: [{cast: {fields: [log.b], to: int}}]}]}}',
    );
    const list = fc.array(inner, { minLength: 1, maxLength: 4 }).map((all) => all.join(", "));
    const where = pick(
      'equals("log.a", "a")',
      'startsWith("log.b", ["x", "1"])',
      'exists("statusCode")',
      'log.b == "x"',
      "false",
    );
    const steps = fc
      .tuple(where, list, where, list, list, fc.boolean())
      .map(
        ([first, one, second, two, behind, always]) =>
          `${grok}, {switch: {cases: [{where: '${first}', set: {log.case: 1}, steps: [${one}]}, {where: '${second}', steps: [${two}]}${always ? ", {set: {log.case: 3}}" : ""}]}}, ${behind}`,
      );
    sameFor(
      steps,
      joined(
        pick("a", "b", "7"),
        pick(" ", "  "),
        pick("x", "12", "1791640536", "x1y2", "", "2026-01-01T00:00:00Z", "é"),
      ),
    );
  });

  it("CEF and LEEF", () => {
    const steps = pick("{cef: {}}", "{cef: {map: false}}, {delete: {fields: [log.name]}}", "{leef: {}}");
    const extension = fc
      .array(
        joined(
          pick("src", "spt", "rt", "cs1", "cs1Label", "act", "app", "proto", "x", "devTime", "sev"),
          pick("=", "=", " "),
          pick("1.2.3.4", "22", "Policy", "a\\=b", "1791640536120", "x y", ""),
        ),
        { maxLength: 6 },
      )
      .chain((parts) => pick(" ", "\t", "^").map((between) => parts.join(between)));
    const heads = pick(
      "CEF:0|v|p|1|100|name|7|",
      "<34>Oct  9 22:14:15 h CEF:0|v|p|1|100|n\\|m|High|",
      "CEF:0|v|p|",
      "LEEF:2.0|v|p|1|e|^|",
      "LEEF:1.0|v|p|1|e|",
      "",
    );
    sameFor(steps, joined(heads, extension));
  });
});
