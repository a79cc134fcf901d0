import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate, type Lookup, parseExpression, printAst, type Value, valueAt } from "./index.ts";

const document: Value = {
  Step: {
    count: 3,
    name: "Failed Login",
    list: ["a", "b"],
    empty: [],
    nothing: null,
    ok: true,
    map: { "a key": 1 },
    digits: "12",
    $success: false,
    $item: { ip: "203.0.113.7" },
  },
};
const lookup: Lookup = (path) => valueAt(document, path);
const value = (text: string): Value => evaluate(parseExpression(text), lookup);

describe("the tree of an expression", () => {
  it.each<[string, unknown]>([
    [
      "length({{[Step].[list]}}) > 0",
      {
        left: { args: [{ name: "Step.list", type: "variable" }], name: "length", type: "function" },
        op: ">",
        right: { type: "literal", value: 0 },
        type: "binary",
      },
    ],
    [
      "{{[Step].[name]}} =~ /.*(?i)login/",
      {
        left: { name: "Step.name", type: "variable" },
        op: "=~",
        right: { regexp: ".*(?i)login", type: "regexp" },
        type: "binary",
      },
    ],
    [
      "is_defined({{[Step].[ok]}}) AND {{[Step].[ok]}}\n",
      {
        left: { args: [{ name: "Step.ok", type: "variable" }], name: "is_defined", type: "function" },
        op: "AND",
        right: { name: "Step.ok", type: "variable" },
        type: "binary",
      },
    ],
    ["{{[Step].[$success]}}", { name: "Step.$success", type: "variable" }],
    [
      "not {{Step.count}} == 1",
      {
        op: "NOT",
        right: {
          left: { name: "Step.count", type: "variable" },
          op: "==",
          right: { type: "literal", value: 1 },
          type: "binary",
        },
        type: "unary",
      },
    ],
    [
      '["a", 1, null] contains {{[S p].[0]}} || true',
      {
        left: {
          left: {
            elements: [
              { type: "literal", value: "a" },
              { type: "literal", value: 1 },
              { type: "literal", value: null },
            ],
            type: "array",
          },
          op: "contains",
          right: { name: "S p.0", type: "variable" },
          type: "binary",
        },
        op: "OR",
        right: { type: "literal", value: true },
        type: "binary",
      },
    ],
  ])("%s", (text, tree) => {
    expect(printAst(parseExpression(text))).toEqual(tree);
  });

  it("binds AND tighter than OR and NOT looser than a comparison", () => {
    expect(value("true OR true AND false")).toBe(true);
    expect(value("(true OR true) AND false")).toBe(false);
    expect(value("NOT {{[Step].[count]}} > 1")).toBe(false);
    expect(value("NOT false AND false")).toBe(false);
  });
});

describe("evaluation", () => {
  it.each<[string, Value]>([
    ["{{[Step].[count]}} = 3", true],
    ["{{[Step].[count]}} == 3.0", true],
    ['{{[Step].[count]}} = "3"', false],
    ['{{[Step].[count]}} != ""', true],
    ["{{[Step].[count]}} >= 3 && {{[Step].[count]}} <= 3", true],
    ["{{[Step].[count]}} < -1", false],
    ["{{[Step].[digits]}} > 5", true],
    ['"b" > "a"', true],
    ["{{[Step].[name]}} =~ /^failed/", false],
    ["{{[Step].[name]}} matches /(?i)^failed/", true],
    ["{{[Step].[name]}} !~ /a\\/b/", true],
    ["{{[Step].[list]}} =~ /^b$/", true],
    ["{{[Step].[nothing]}} =~ /x/", false],
    ["{{[Step].[list]}} contains 'b'", true],
    ["{{[Step].[map]}} contains 'a key'", true],
    ['{{[Step].[name]}} contains "Log"', true],
    ["{{[Step].[name]}} like '%Login'", true],
    ["{{[Step].[name]}} like 'Failed%in'", true],
    ["{{[Step].[name]}} like 'Failed'", false],
    ["{{[Step].[name]}} like '%login'", false],
    ["{{[Step].[name]}} ilike 'FAILED%'", true],
    ["'aXbXa' like 'a%b%a'", true],
    ["'aba' like 'ab%ba'", false],
    ["'50%' like '50\\\\%'", true],
    ["{{[Step].[name]}} starts_with 'Failed'", true],
    ["{{[Step].[name]}} ends_with 'Failed'", false],
    ["{{[Step].[list]}} = ['a', 'b']", true],
    ["{{[Step].[list].[1]}} = 'b'", true],
    ["{{Step.list[0]}} = 'a'", true],
    ["{{[Step].[map].[a key]}} = 1", true],
    ["{{[Step].[$item].[ip]}} = '203.0.113.7'", true],
    ["length({{[Step].[name]}})", 12],
    ["length({{[Step].[nothing]}}) = 0", true],
    ["length({{[Step].[map]}})", 1],
    ["is_defined({{[Step].[nothing]}})", true],
    ["is_defined({{[Step].[gone]}})", false],
    ["is_defined({{[Step].[gone]}}) AND {{[Step].[gone]}} > 1", false],
    ["if_error({{[Step].[gone]}} > 1, 'no')", "no"],
    ["if_error({{[Step].[gone]}})", null],
    ["if_error({{[Step].[count]}}, 0)", 3],
    ["'\\u0041\\n' = \"A\n\"", true],
  ])("%s is %j", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it.each<[string, string]>([
    ["{{[Step].[gone]}} > 1", "{{[Step].[gone]}} is not defined."],
    ["{{[Step].[constructor]}}", "{{[Step].[constructor]}} is not defined."],
    ["{{[Step].[list].[length]}}", "{{[Step].[list].[length]}} is not defined."],
    ["{{[Step].[list]}} > 1", "> cannot compare a list with a number."],
    ["{{[Step].[map]}} starts_with 'a'", "starts_with takes text, not a map."],
    ["length({{[Step].[count]}})", "length takes text, a list or a map, not a number."],
    ["'a' =~ '('", "Wrong regular expression: error parsing regexp: missing closing ): `(`."],
  ])("%s fails: %s", (text, message) => {
    expect(() => value(text)).toThrow(expect.objectContaining({ message, code: "expression.failed" }));
  });

  it.each<[string, boolean]>([
    ["{{[Step].[empty]}}", false],
    ["{{[Step].[nothing]}}", false],
    ["{{[Step].[count]}}", true],
    ["''", false],
    ["0", false],
    ["{{[Step].[map]}}", true],
  ])("%s as a condition is %s", (text, expected) => {
    expect(value(`${text} AND true`)).toBe(expected);
  });
});

describe("mistakes", () => {
  it.each<[string, string, [number, number], string | undefined]>([
    ["", "The expression ends too early.", [1, 1], undefined],
    ["{{[Step].[a]}} >", "The expression ends too early.", [1, 17], undefined],
    ["{{Step One.a}} = 1", "A reference holds one path only.", [1, 8], undefined],
    ["{{[Step].[a] = 1", "The reference is not closed.", [1, 1], "Write }} after it."],
    ["Step = 1", 'Unknown word "Step".', [1, 1], 'A variable is written {{[Step].[field]}}, a text "Step".'],
    ["len({{a}}) > 1", 'Unknown function "len".', [1, 1], undefined],
    ["true AND\n lenght({{a}})", 'Unknown function "lenght".', [2, 2], 'Did you mean "length"?'],
    ["{{a}} contians 1", '"contians" is not expected here.', [1, 7], 'Did you mean "contains"?'],
    ["{{a}} = “x”", 'Unexpected character "“".', [1, 9], 'Write straight quotes: "text".'],
    [
      "{{a}} =~ /(/",
      "Wrong regular expression: error parsing regexp: missing closing ): `(`.",
      [1, 10],
      undefined,
    ],
    ["{{a}} =~ /x", "The regular expression is not closed.", [1, 10], "Write / after it."],
    ["{{a}} = 'x", "The text is not closed.", [1, 9], "Write ' after it."],
    ["is_defined(1)", "is_defined takes a variable.", [1, 12], undefined],
    ["length()", "length takes 1 values, here are 0.", [1, 1], undefined],
    ["(true", ") is missing.", [1, 6], undefined],
    ["{{a}} = /x/", "A regular expression stands right of =~ or !~ only.", [1, 9], undefined],
    ["{{.a}}", "A reference names a step and a field.", [1, 3], "Write {{[Step].[field]}}."],
  ])("%j: %s", (text, message, [line, column], suggestion) => {
    expect(() => parseExpression(text)).toThrow(
      expect.objectContaining({
        message,
        place: { line, column },
        ...(suggestion === undefined ? {} : { suggestion }),
      }),
    );
  });

  it("bounds length and depth", () => {
    expect(() => parseExpression(`${"(".repeat(101)}1${")".repeat(101)}`)).toThrow("at most 100 deep");
    expect(() => parseExpression(`${"NOT ".repeat(5_000)}true`)).toThrow("at most 100 deep");
    expect(() => parseExpression(" ".repeat(70_000))).toThrow("at most 65536 characters");
    const wide = Array.from({ length: 2_001 }, () => "true").join(" AND ");
    expect(value(wide)).toBe(true);
    expect(() => parseExpression(`${wide} AND true`)).toThrow("at most 2000 times AND and OR");
  });

  it("never throws anything but its own errors", () => {
    const words = fc.constantFrom(
      "{{[Step].[count]}}",
      "{{",
      "}}",
      "(",
      ")",
      "[",
      "]",
      ",",
      "AND",
      "not",
      "=",
      "=~",
      "/x/",
      "'a'",
      '"',
      "1",
      "length",
      "if_error(",
      "\\",
      ".",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 14 }), (parts) => {
        try {
          value(parts.join(" "));
        } catch (error) {
          expect(error).toMatchObject({ name: expect.stringMatching(/^(SyntaxFault|EvaluationFault)$/) });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
