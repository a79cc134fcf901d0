import { describe, expect, it } from "vitest";
import { compileCel, docOf } from "./index.ts";

const doc = docOf({
  "@timestamp": "2026-10-10T23:30:00+02:00",
  night: "2026-10-11T03:15:00Z",
  monday: "2026-10-12T09:00:00Z",
  noTime: "10/Oct/2026",
  statusCode: 200,
  ratio: 0.5,
  origin: {
    ip: "10.1.2.3",
    v6: "2001:db8::1",
    mapped: "::ffff:10.0.0.1",
    user: "Root",
    port: 22,
    asn: "18446744073709551615",
  },
  log: {
    text: "Failed password for root",
    number: "404",
    flag: true,
    yes: "true",
    empty: "",
    nothing: null,
    list: ["a", "b"],
    "dotted.key": 1,
    zeros: "0200",
  },
  action: "GET ",
});

describe.each<[string, readonly (readonly [string, boolean])[]]>([
  [
    "exists",
    [
      ['exists("origin.ip")', true],
      ['exists("origin.host")', false],
      ['exists("log.nothing")', true],
      ['exists("log.list.1")', true],
      ['exists("log.list.2")', false],
      ['exists("log.dotted\\\\.key")', true],
      ['exists("constructor")', false],
      ['exists("__proto__")', false],
      ['exists("origin.__proto__.x")', false],
      ['exists("@timestamp")', true],
    ],
  ],
  [
    "safe",
    [
      ['safe("origin.user", "") == "Root"', true],
      ['safe("origin.none", "x") == "x"', true],
      ['safe("statusCode", "x") == "x"', true],
      ['safe("log.number", 0) == 404', true],
      ['safe("log.text", 1.5) == 1.5', true],
      ['safe("log.flag", false)', true],
      ['safe("log.yes", false)', false],
    ],
  ],
  [
    "equals",
    [
      ['equals("statusCode", 200)', true],
      ['equals("statusCode", 200.0)', true],
      ['equals("statusCode", "200")', true],
      ['equals("log.number", 404)', true],
      ['equals("log.zeros", 200)', true],
      ['equals("origin.user", "root")', false],
      ['equals("log.flag", true)', true],
      ['equals("log.flag", "true")', true],
      ['equals("log.yes", true)', true],
      ['equals("log.empty", "")', true],
      ['equals("log.none", "")', false],
      ['equals("origin", "x")', false],
      ['equals("origin.asn", "18446744073709551615")', true],
      ['equals("origin.asn", "18446744073709551614")', false],
      ['equal("statusCode", 200)', true],
    ],
  ],
  [
    "oneOf",
    [
      ['oneOf("statusCode", [404, 200])', true],
      ['oneOf("statusCode", ["200"])', true],
      ['oneOf("origin.user", ["root", "Root"])', true],
      ['oneOf("origin.user", [])', false],
      ['oneOf("log.none", ["a"])', false],
      ['oneOf("log.flag", ["true", 1])', true],
      ['inList("origin.user", "admin, Root ,x")', true],
      ['inList("origin.user", "admin")', false],
    ],
  ],
  [
    "equalsIgnoreCase",
    [
      ['equalsIgnoreCase("origin.user", "rOOT")', true],
      ['lowerEqual("origin.user", "root")', true],
      ['equalsIgnoreCase("statusCode", "200")', false],
    ],
  ],
  [
    "contains",
    [
      ['contains("log.text", "password")', true],
      ['contains("log.text", [" password "])', true],
      ['contains("log.text", " password ")', true],
      ['contains("log.text", "Password")', false],
      ['contains("log.text", ["x", "root"])', true],
      ['contains("log.text", [])', false],
      ['contains("statusCode", "2")', false],
      ['contain("log.text", "root")', true],
    ],
  ],
  [
    "containsAll",
    [
      ['containsAll("log.text", ["root", " Failed "])', true],
      ['containsAll("log.text", ["root", "x"])', false],
      ['containsAll("log.none", ["root"])', false],
    ],
  ],
  [
    "startsWith",
    [
      ['startsWith("log.text", "Failed")', true],
      ['startsWith("log.text", ["x", " Failed "])', true],
      ['startsWith("log.text", "failed")', false],
      ['startWith("log.text", "Failed")', true],
    ],
  ],
  [
    "endsWith",
    [
      ['endsWith("log.text", "root")', true],
      ['endsWith("log.text", ["x"])', false],
      ['endWith("log.text", "root")', true],
    ],
  ],
  [
    "regexMatch",
    [
      ['regexMatch("log.text", "pass\\\\w+")', true],
      ['regexMatch("log.text", "^password")', false],
      ['regexMatch("origin.ip", "^{{.ipv4}}$")', true],
      ['regexMatch("log.text", "(?i)FAILED")', true],
      ['regexMatch("log.text", "(")', false],
      ['regexMatch("statusCode", "200")', false],
    ],
  ],
  [
    "inCIDR",
    [
      ['inCIDR("origin.ip", "10.0.0.0/8")', true],
      ['inCIDR("origin.ip", "10.1.2.3/32")', true],
      ['inCIDR("origin.ip", "10.1.2.4/31")', false],
      ['inCIDR("origin.ip", "0.0.0.0/0")', true],
      ['inCIDR("origin.ip", "::/0")', false],
      ['inCIDR("origin.v6", "2001:db8::/32")', true],
      ['inCIDR("origin.v6", "2001:db9::/32")', false],
      ['inCIDR("origin.mapped", "10.0.0.0/24")', true],
      ['inCIDR("origin.ip", "10.0.0.0")', false],
      ['inCIDR("origin.ip", "10.0.0.0/33")', false],
      ['inCIDR("origin.user", "10.0.0.0/8")', false],
    ],
  ],
  [
    "lessThan and its kin",
    [
      ['lessThan("statusCode", 201)', true],
      ['lessThan("statusCode", 200)', false],
      ['lessOrEqual("statusCode", "200")', true],
      ['greaterThan("log.number", 403.5)', true],
      ['greaterOrEqual("ratio", 0.5)', true],
      ['greaterThan("log.text", 0)', false],
      ['lessThan("log.none", 1)', false],
      ['greaterThan("origin.asn", "18446744073709551614")', true],
    ],
  ],
  [
    "times",
    [
      ['isHour("@timestamp", 23)', true],
      ['isHour("@timestamp", 21)', false],
      ['isMinute("@timestamp", 30)', true],
      ['isDayOfWeek("@timestamp", 6)', true],
      ['isDayOfWeek("night", 0)', true],
      ['isWeekend("night")', true],
      ['isWeekend("monday")', false],
      ['isWorkDay("monday")', true],
      ['isBetweenTime("@timestamp", "22:00", "06:00")', true],
      ['isBetweenTime("night", "22:00", "06:00")', true],
      ['isBetweenTime("night", "03:15", "03:15")', true],
      ['isBetweenTime("monday", "22:00", "06:00")', false],
      ['isBetweenTime("monday", "08:00", "17:00")', true],
      ['isHour("noTime", 10)', false],
      ['isWeekend("statusCode")', false],
    ],
  ],
])("%s", (_name, rows) => {
  it.each(rows)("%s is %s", (source, expected) => {
    expect(compileCel(source).test(doc)).toBe(expected);
  });
});

describe("arguments", () => {
  it.each([
    ["equals(origin.ip, 1)", /path in quotes/, 'Write "origin.ip".'],
    ['equls("a", 1)', /Unknown function "equls"/, 'Did you mean "equals"?'],
    ['contains("a")', /contains\("path", "text"\)/, undefined],
    ['equals(1, "a")', /path in quotes/, undefined],
    ['oneOf("a", "b")', /must be a list/, undefined],
    ['isHour("a", "b")', /must be a whole number/, undefined],
    ['log.a.startWiht("x")', /Unknown method/, 'Did you mean "startsWith"?'],
  ])("%s is refused", (source, message, suggestion) => {
    expect(() => compileCel(source)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message), suggestion }),
    );
  });

  it("warns of literals that can never be true", () => {
    expect(compileCel('inCIDR("a", "10.0.0.0/40")').warnings).toEqual([
      {
        message: 'inCIDR() is never true here: "10.0.0.0/40" is no network in CIDR notation.',
        line: 1,
        column: 13,
      },
    ]);
    for (const source of [
      'regexMatch("a", "(")',
      'isHour("a", 24)',
      'isDayOfWeek("a", 7)',
      'equals("a", null)',
    ]) {
      expect([source, compileCel(source).warnings.length]).toEqual([source, 1]);
      expect(compileCel(source).test(doc)).toBe(false);
    }
  });

  it("takes paths and values that are only known when it runs", () => {
    expect(compileCel('["origin.ip", "target.ip"].exists(p, inCIDR(p, "10.0.0.0/8"))').test(doc)).toBe(true);
    expect(compileCel('equals("origin.port", 20 + 2)').test(doc)).toBe(true);
    expect(compileCel('contains("log.text", log.none)').test(doc)).toBe(false);
  });
});
