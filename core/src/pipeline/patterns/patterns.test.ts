import { describe, expect, it } from "vitest";
import { defaultPatterns, expandPatterns, prefixRegex } from "./index.ts";

/** The part of a text that a pattern takes from its start; undefined when it does not match there. */
const taken = (name: string, text: string): string | undefined => {
  const length = prefixRegex(`{{.${name}}}`).match(text);
  return length < 0 ? undefined : text.slice(0, length);
};

describe("default patterns", () => {
  it.each<[name: string, text: string, expected: string | undefined]>([
    ["ipv4", "192.168.0.255:80", "192.168.0.255"],
    ["ipv4", "0.10.100.249", "0.10.100.249"],
    ["ipv4", "1.2.3.256", "1.2.3.25"],
    ["ipv4", "1.2.3", undefined],
    ["ipv4", "256.1.1.1", undefined],
    ["ipv6", "2001:db8::1 x", "2001:db8::1"],
    ["ipv6", "fe80::1%eth0", "fe80::1%eth0"],
    ["ipv6", "::", "::"],
    ["ipv6", "::1", "::1"],
    ["ipv6", "::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["ipv6", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    ["ipv6", "2001:DB8:0:0:8:800:200C:417A]", "2001:DB8:0:0:8:800:200C:417A"],
    ["ipv6", "12:34:56", undefined],
    ["hostname", "web-1.example.org: x", "web-1.example.org"],
    ["hostname", "web", "web"],
    ["hostname", "-x", undefined],
    ["domain", "example.org/", "example.org"],
    ["domain", "localhost", undefined],
    ["email", "a.b+c@example.org>", "a.b+c@example.org"],
    ["email", "a@", undefined],
    ["uuid", "ce66672c-e36d-4761-a8c8-90058fee1a24}", "ce66672c-e36d-4761-a8c8-90058fee1a24"],
    ["uuid", "ce66672c", undefined],
    ["integer", "-12.5", "-12"],
    ["integer", "x", undefined],
    ["word", "a_1-b", "a_1"],
    ["greedy", "a b\nc", "a b"],
    ["data", "abc", ""],
    ["space", " \t x", " \t "],
    ["notSpace", "a/b c", "a/b"],
    ["commonMacAddr", "00:1b:44:11:3A:B7", "00:1b:44:11:3A:B7"],
    ["winMacAddr", "00-1b-44-11-3A-B7", "00-1b-44-11-3A-B7"],
    ["ciscoMacAddr", "001b.4411.3ab7", "001b.4411.3ab7"],
    ["syslogDate", "Oct  9 03:04:05 host", "Oct  9 03:04:05"],
    ["syslogDate", "Oct 31 23:04:05.123 host", "Oct 31 23:04:05.123"],
    ["time", "23:59:60", "23:59:60"],
    ["time", "7:05", "7:05"],
    ["time", "24:00", undefined],
    ["hour", "23", "23"],
    ["hour", "7:", "7"],
    ["minute", "59", "59"],
    ["minute", "60", undefined],
    ["seconds", "05.123", "05.123"],
    ["seconds", "60", "60"],
    ["iso8601Timezone", "+02:00", "+02:00"],
    ["iso8601Timezone", "Z", "Z"],
    ["iso8601Timezone", "-0730", "-0730"],
    ["year", "2026-", "2026"],
    ["year", "26", "26"],
    ["monthName", "September", "September"],
    ["monthName", "Sep ", "Sep"],
    ["monthName", "may", undefined],
    ["monthNumber", "12", "12"],
    ["monthNumber", "9", "9"],
    ["monthDay", "31", "31"],
    ["monthDay", "32", "3"],
    ["day", "Wednesday", "Wednesday"],
    ["day", "Sat,", "Sat"],
  ])("%s takes of %j %j", (name, text, expected) => {
    expect(taken(name, text)).toBe(expected);
  });

  it("are the 26 of the EventProcessor", () => {
    expect(Object.keys(defaultPatterns)).toHaveLength(26);
  });
});

describe("expansion", () => {
  const chain = (levels: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: levels }, (_, index) => [
        `p${index}`,
        index === levels - 1 ? "x" : `a{{.p${index + 1}}}`,
      ]),
    );

  it("goes ten levels deep", () => {
    expect(expandPatterns("{{.p0}}", chain(10))).toBe("aaaaaaaaax");
    expect(() => expandPatterns("{{.p0}}", chain(11))).toThrow("nested deeper than 10 levels");
  });

  it("takes spaces and dashes inside the braces, and leaves other braces alone", () => {
    expect(expandPatterns("{{ .a }}{{- .a -}}{2}{{a}}", { a: "x" })).toBe("xx{2}{{a}}");
  });

  it.each<[string, Record<string, string>, string, string | undefined]>([
    ["{{.ip4}}", defaultPatterns, 'Unknown pattern "{{.ip4}}".', 'Did you mean "ipv4"?'],
    ["{{.constructor}}", {}, 'Unknown pattern "{{.constructor}}".', undefined],
    ["{{.a}}", { a: "{{.b}}", b: "{{.a}}" }, 'The pattern "a" uses itself: a → b → a.', undefined],
  ])("%s is refused", (source, patterns, message, suggestion) => {
    expect(() => expandPatterns(source, patterns)).toThrow(expect.objectContaining({ message, suggestion }));
  });

  it("bounds the result", () => {
    const bomb = {
      a: "{{.b}}".repeat(30),
      b: "{{.c}}".repeat(30),
      c: "{{.d}}".repeat(30),
      d: "x".repeat(30),
    };
    expect(() => expandPatterns("{{.a}}", bomb)).toThrow(/more than 16384 characters/);
  });
});
