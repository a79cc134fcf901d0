import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { defaultPatterns, prefixRegex, searchRegex } from "../patterns/index.ts";
import { compileRegex, fastAnywhere, fastAtOnePosition, hasPairs, joinRegexes } from "./index.ts";

const within = (milliseconds: number, work: () => void): void => {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(milliseconds);
};

/** Small alphabets and many operators, so that ambiguity is common. */
const atoms = fc.constantFrom(
  "a",
  "b",
  "x",
  ".",
  "[ab]",
  "[^a]",
  "\\d",
  "\\s",
  "\\S",
  "\\w",
  "1",
  " ",
  "-",
  "é",
  "😀",
  "$",
  "\\b",
);
const expressions = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    atoms,
    fc.array(tie("node"), { minLength: 1, maxLength: 4 }).map((items) => items.join("")),
    fc.array(tie("node"), { minLength: 2, maxLength: 3 }).map((items) => `(${items.join("|")})`),
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{2,}"))
      .map(([item, operator]) => `(?:${item})${operator}`),
    fc
      .tuple(fc.constantFrom("a", "[ab]", ".", "\\d", "[^a]"), fc.constantFrom("*", "+", "*?", "+?", "{0,2}"))
      .map((pair) => pair.join("")),
  ),
})).node;
const texts = fc
  .array(fc.constantFrom("a", "b", "x", "1", " ", "-", "\n", "\r", "é", "😀", "ab", "\u00a0"), {
    maxLength: 14,
  })
  .map((parts) => parts.join(""));

describe("native expressions mean the same as RE2", () => {
  it("at the start of a text", () => {
    let native = 0;
    fc.assert(
      fc.property(expressions, texts, (source, text) => {
        const regex = prefixRegex(source);
        if (!regex.native) return;
        native++;
        const matcher = RE2JS.compile(source).matcher(text);
        expect(regex.match(text)).toBe(matcher.lookingAt() ? matcher.end() : -1);
      }),
      { numRuns: 4000 },
    );
    expect(native).toBeGreaterThan(1000);
  });

  it("anywhere in a text", () => {
    fc.assert(
      fc.property(expressions, texts, (source, text) => {
        const regex = searchRegex(source);
        if (regex.native) expect(regex.test(text)).toBe(RE2JS.compile(source).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["(?i)select|k", ["SELECT", "ſelect", "\u212a", "x"]],
    ["(?m)^b$", ["a\nb\nc", "ab", "b"]],
    ["(?s)a.b", ["a\nb", "a b"]],
    ["a.b", ["a\rb", "a\nb", "a\u2028b"]],
    ["\\Qa.b\\E+", ["a.bbb", "aXb"]],
    ["[[:alpha:]]{2}[^[:digit:]]", ["ab1", "abc"]],
    ["\\x41\\x{1F600}?", ["A", "A😀"]],
    ["(?P<name>a)|b\\z", ["a", "b", "bc"]],
    ["[\\d\\-x]+$", ["1-x", "y"]],
    ["(?U)a+", ["aaa"]],
    ["\\pL+", ["é", "1"]],
  ] as const)("in syntax that JavaScript reads otherwise: %s", (source, samples) => {
    for (const text of samples) {
      const matcher = RE2JS.compile(source).matcher(text);
      expect(prefixRegex(source).match(text)).toBe(matcher.lookingAt() ? matcher.end() : -1);
      expect(searchRegex(source).test(text)).toBe(RE2JS.compile(source).test(text));
    }
  });

  it("joined, as one after the other", () => {
    const parts = fc.constantFrom(
      "a+",
      "[ab]*x",
      "\\S+",
      "(a|ab)",
      "\\d{1,3}",
      "-",
      "[^x]+",
      "(.*?)x",
      "^a",
      "b?",
      "x$",
      "\\s+",
      ".*",
      "a ?b",
      "[ab]+",
      "(?:ab)*x?",
      "-?[0-9]+",
      "x{1,2}?",
      "[^ ]*",
    );
    let joined = 0;
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 4 }), texts, (sources, raw) => {
        const text = raw.trim();
        if (text === "") return;
        const compiled = sources.map((source) => compileRegex(source));
        const whole = joinRegexes(
          compiled,
          sources.map(() => true),
        );
        if (!whole || (whole.basicPlaneOnly && hasPairs(text))) return;
        joined++;
        const turns: string[] | undefined = [];
        let rest = text;
        let matched = true;
        for (const source of sources) {
          if (rest === "") break;
          const length = prefixRegex(source).match(rest);
          if (length <= 0) {
            matched = false;
            break;
          }
          turns.push(rest.slice(0, length).trim());
          rest = rest.slice(length).trim();
        }
        const match = whole.regex.exec(text);
        const found = match !== null && whole.nonEmpty.every((group) => match[group] !== "");
        expect(found).toBe(matched);
        if (match && matched) {
          expect(
            whole.groups
              .map((group) => match[group])
              .filter((value) => value !== undefined)
              .map((value) => value.trim()),
          ).toEqual(turns);
        }
      }),
      { numRuns: 4000 },
    );
    expect(joined).toBeGreaterThan(1000);
  });
});

describe("no expression is slow", () => {
  const hostile = [
    "^(a+)+$",
    "(a|a)*b",
    "(a|aa)+$",
    "(.*?) - (.*?) x",
    "(x+x+)+y",
    "(?:\\w+\\.)*\\w+!",
    "(a*)*b",
    "a{1,50}{1,50}b",
  ];
  const lines = [
    "a".repeat(60_000),
    `${"a ".repeat(30_000)}!`,
    "x".repeat(60_000),
    " - ".repeat(20_000),
    "a.".repeat(30_000),
  ];

  it.each(hostile)("%s", (source) => {
    let prefix: ReturnType<typeof prefixRegex>;
    try {
      prefix = prefixRegex(source);
    } catch (error) {
      expect(String(error)).toMatch(/Wrong regular expression/);
      return;
    }
    const search = searchRegex(source);
    within(6000, () => {
      for (const line of lines) {
        prefix.match(line);
        search.test(line);
      }
    });
  });

  it("never takes an expression as safe that takes the native engine long", () => {
    const long = [
      "a".repeat(4000),
      "ab".repeat(2000),
      `${"a".repeat(3000)}x`,
      "a b".repeat(1000),
      "1".repeat(4000),
      "x-".repeat(2000),
    ];
    fc.assert(
      fc.property(expressions, (source) => {
        const compiled = compileRegex(source);
        const prefix = fastAtOnePosition(compiled) ? prefixRegex(source) : undefined;
        const search = fastAnywhere(compiled) ? searchRegex(source) : undefined;
        within(400, () => {
          for (const text of long) {
            prefix?.match(text);
            search?.test(text);
          }
        });
      }),
      { numRuns: 600 },
    );
  });

  it("takes every default pattern as safe at the start of a text", () => {
    for (const name of Object.keys(defaultPatterns))
      expect([name, prefixRegex(`{{.${name}}}`).native]).toEqual([name, true]);
  });

  it("refuses texts beyond its limit", () => {
    expect(() => prefixRegex("^(a+)+$").match("a".repeat(70_000))).toThrow("longer than 65536 characters");
  });
});
