import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CelError, compileCel, type Doc, docOf } from "./index.ts";

const doc = docOf({
  a: 1,
  b: "text",
  flag: true,
  code: 404,
  big: "12345678901234567890",
  nil: null,
  log: {
    user: "root",
    items: [1, 2, 3],
    names: ["x", "y"],
    map: { k: "v" },
    "user-agent": "curl",
    and: { deep: [{ n: 1 }, { n: 2 }] },
  },
});

describe("expressions", () => {
  it.each<[string, unknown]>([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["7 / 2", 3],
    ["-7 / 2", -3],
    ["7.0 / 2", 3.5],
    ["7 % 4", 3],
    ["code / 100 == 4", true],
    ["code / 100.0 == 4.04", true],
    ["0x1F + 1u", 32],
    ["1e3", 1000],
    [".5", 0.5],
    ["- a", -1],
    ["--1", 1],
    ["'a' + \"b\"", "ab"],
    ["[1, 2] + [3]", [1, 2, 3]],
    ['r"\\d"', "\\d"],
    ['"""a "quoted"\nline"""', 'a "quoted"\nline'],
    ['"\\x41\\u00e9\\U0001F600\\101\\n"', "Aé😀A\n"],
    ["true && false || true", true],
    ["!flag", false],
    ["!absent", true],
    ["a == 1 ? 'yes' : 'no'", "yes"],
    ["false ? 1 : true ? 2 : 3", 2],
    ["a == 1.0", true],
    ["b == 'text' && b != 'x'", true],
    ["absent == 1", false],
    ["absent != 1", false],
    ["absent.deep.er == 'x'", false],
    ["absent == null", true],
    ["absent != null", false],
    ["nil == null", true],
    ["a != null", true],
    ["absent > 1 || absent < 1", false],
    ["big == 12345678901234567890", true],
    ["big > 5", true],
    ["a < 2 && b < 'u' && false < true", true],
    ["b < 1", false],
    ["1 in [1.0, 2]", true],
    ["'k' in log.map", true],
    ["'z' in log.map", false],
    ["log.user in ['root', 'admin']", true],
    ["absent in [1]", false],
    ["log['user-agent'] == 'curl'", true],
    ["log.items[1]", 2],
    ["log.items[9]", undefined],
    ["[10, 20][a]", 20],
    ["{'x': 1, 'y': [2]}.y[0]", 2],
    ["log.and.deep[1].n", 2],
    ["has(log.user) && !has(log.none) && has(nil)", true],
    ["size(b) + b.size() + size(log.items) + size({'a': 1})", 12],
    ["size('😀')", 1],
    ["b.contains('ex') && b.startsWith('te') && b.endsWith('xt') && b.matches('^t.x')", true],
    ["matches(b, 't$')", true],
    ["a.contains('1')", undefined],
    ["'AbC'.lowerAscii() + 'x'.upperAscii()", "abcX"],
    ["int('12') + int(3.9) + uint('1')", 16],
    ["string(1) + string(true)", "1true"],
    ["double('1.5')", 1.5],
    ["bool('true')", true],
    ["log.items.all(i, i > 0)", true],
    ["log.items.exists(i, i == 2)", true],
    ["log.items.exists_one(i, i > 2)", true],
    ["log.items.filter(i, i > 1)", [2, 3]],
    ["log.items.map(i, i * 2)", [2, 4, 6]],
    ["log.items.map(i, i > 1, i * 2)", [4, 6]],
    ["log.map.exists(k, k == 'k')", true],
    ["log.items.exists(i, log.names.exists(n, n == 'y' && i == 3))", true],
    ["log.items.map(a, a)[0] + a", 2],
    ["absent.exists(x, x == 1)", false],
    ["true || 1 / 0 == 1", true],
    ["1 / 0 == 1 || true", true],
    ["false && 1 / 0 == 1", false],
    ["a == 1 // comment\n && true", true],
    ["{'__proto__': 1}.x", undefined],
    ["constructor", undefined],
    ["log.constructor.name", undefined],
  ])("%s", (source, expected) => {
    expect(compileCel(source).evaluate(doc)).toEqual(expected);
  });

  it("counts a result that is not boolean as false", () => {
    expect(compileCel("a").test(doc)).toBe(false);
    expect(compileCel("'true'").test(doc)).toBe(false);
  });

  it.each([
    ["1 / 0 == 1", "Division by zero."],
    ["a % 0 == 1", "Remainder of a division by zero."],
    ["a + b == 1", '"+" does not add a string to a number.'],
    ["!b", '"!" needs true or false, not a string.'],
    ["b && true", '"&&" needs true or false, not a string.'],
    ["1 in b", '"in" needs a list or a map, not a string.'],
    ["size(a) == 1", "size() does not take a number."],
    ["log.items.exists(i, i)", '"exists" needs true or false, not a number.'],
  ])("%s fails on a document", (source, message) => {
    const program = compileCel(source);
    expect(() => program.test(doc)).toThrow(message);
  });

  it.each([
    ["absent == 1", '"absent" is absent.'],
    ["a == 'x'", "compares a number with a string"],
    ["a < 'x'", "compares a number with a string"],
    ["a + 1", "neither true nor false"],
  ])("%s fails in strict mode", (source, message) => {
    const program = compileCel(source, { strict: true });
    expect(() => program.test(doc)).toThrow(message);
  });

  it("names the literal paths it reads", () => {
    expect(
      compileCel(
        'log.user == "x" && exists("origin.ip") && log["user-agent"] == b && log.items.all(i, i > a)',
      ).paths,
    ).toEqual(["log.user", "origin.ip", "log.user-agent", "b", "log.items", "a"]);
  });

  it("runs over rows that are no objects", () => {
    const row: Doc = {
      get: (path) => (path === "origin.ip" ? "10.0.0.1" : path === "statusCode" ? 403 : undefined),
    };
    expect(
      compileCel(
        'inCIDR("origin.ip", "10.0.0.0/8") && statusCode >= 400 && origin.ip != "x" && !has(log.user)',
      ).test(row),
    ).toBe(true);
  });
});

describe("mistakes", () => {
  const fault = (source: string): CelError => {
    try {
      compileCel(source);
    } catch (error) {
      return error as CelError;
    }
    throw new Error("The expression was accepted.");
  };

  it.each<[string, number, number, RegExp]>([
    ["", 1, 1, /ends too early/],
    ["a ==", 1, 5, /ends too early/],
    ["a == 1)", 1, 7, /Unexpected "\)" after the end/],
    ["a = 1", 1, 3, /Unexpected character "="/],
    ["a\n  == 'x", 2, 6, /not closed/],
    ["[1, 2", 1, 6, /Expected "]" to close the list/],
    ["{1 2}", 1, 4, /Expected ":" after a map key/],
    ["a ? 1", 1, 6, /Expected ":"/],
    ["a.1", 1, 2, /Unexpected "\.1"|Expected a field name/],
    ["a and b", 1, 3, /Unexpected "and"/],
    ["'\\q'", 1, 2, /Unknown escape/],
    ["b'abc'", 1, 1, /Byte strings/],
    ["x.all(1, true)", 1, 3, /takes a variable name/],
    ["has(1)", 1, 1, /has\(\) takes one field/],
    ["b.matches('(')", 1, 11, /Wrong regular expression/],
    ["for == 1", 1, 1, /reserved word/],
    ["a § b", 1, 3, /Unexpected character "§"/],
    [`${"(".repeat(200)}1`, 1, 129, /nested deeper than 128/],
    [`${"!".repeat(200)}a`, 1, 129, /nested deeper/],
    ["a".repeat(70_000), 1, 1, /longer than 65536/],
    [`[${"1,".repeat(10_001)}1]`, 1, 20_003, /more than 10000 elements/],
    [`a${".b".repeat(300)}`, 1, 516, /More than 256 fields/],
    [`1${"+1".repeat(300)}`, 1, 516, /More than 256 operators/],
  ])("mistake %#", (source, line, column, message) => {
    const error = fault(source);
    expect(error.message).toMatch(message);
    expect({ line: error.line, column: error.column }).toEqual({ line, column });
    expect(error.code).toBe("config.invalid");
  });

  it("takes long flat conditions", () => {
    const source = Array.from({ length: 5000 }, (_, index) => `a == ${index}`).join(" || ");
    expect(compileCel(source).test(doc)).toBe(true);
  });

  it("never crashes or hangs on any text", () => {
    const words = fc.constantFrom(
      "a",
      "log",
      ".",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      "&&",
      "||",
      "==",
      "!",
      "-",
      "?",
      ":",
      "'x'",
      '"',
      "1",
      "1.5",
      "in",
      "has(",
      "exists(",
      "contains(",
      ".all(",
      "x,",
      " ",
      "\\",
      "r'",
      "/",
      "%",
      "null",
    );
    const accepted = { count: 0 };
    const attempt = (source: string): void => {
      try {
        const program = compileCel(source);
        accepted.count++;
        program.test(doc);
      } catch (error) {
        expect((error as Error).name).toMatch(/^Cel(Runtime)?Error$/);
      }
    };
    fc.assert(fc.property(fc.string({ maxLength: 60 }), attempt), { numRuns: 2000 });
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 12 }).map((parts) => parts.join("")),
        attempt,
      ),
      { numRuns: 5000 },
    );
    expect(accepted.count).toBeGreaterThan(50);
  });

  it("bounds the work of nested macros", () => {
    const program = compileCel("log.l.exists(a, log.l.exists(b, log.l.exists(c, a + b + c == 0)))");
    const log = { l: Array.from({ length: 200 }, () => 1) };
    expect(() => program.test(docOf({ log }))).toThrow("visits more than 100000 elements");
    expect(compileCel("log.l.all(a, a == 1)").test(docOf({ log }))).toBe(true);
  });
});
