import type { Alert } from "@vedette/sdk";
import { expect, it } from "vitest";
import { compileMatchers, type Matcher, matchersSchema } from "./matcher.ts";

const alert: Alert = {
  id: "a1",
  ruleId: "1001",
  name: "SSH brute force",
  severity: "medium",
  dataSource: "Web-1",
  adversary: { ip: "203.0.113.7", user: "root" },
  target: { host: "db-1" },
  lastEvent: { assetId: "asset-9", log: { app: "backup", tags: ["a", "b"] }, statusCode: 404 },
};

it.each<[boolean, Matcher[]]>([
  [true, [{ field: "rule", operator: "is", values: ["1001"] }]],
  [true, [{ field: "rule", operator: "is", values: ["ssh BRUTE force"] }]],
  [false, [{ field: "rule", operator: "is", values: ["brute"] }]],
  [true, [{ field: "rule", operator: "is", values: ["*brute*"] }]],
  [true, [{ field: "host", operator: "is", values: ["web-1"] }]],
  [true, [{ field: "host", operator: "is", values: ["other", "db-1"] }]],
  [false, [{ field: "host", operator: "isNot", values: ["db-1"] }]],
  [true, [{ field: "host", operator: "isNot", values: ["db-2"] }]],
  [true, [{ field: "asset", operator: "is", values: ["asset-9"] }]],
  [true, [{ field: "adversary.ip", operator: "cidr", values: ["10.0.0.0/8", "203.0.113.0/24"] }]],
  [false, [{ field: "adversary.ip", operator: "cidr", values: ["203.0.114.0/24"] }]],
  [false, [{ field: "adversary.user", operator: "cidr", values: ["203.0.113.0/24"] }]],
  [true, [{ field: "lastEvent.log.app", operator: "is", values: ["b*p"] }]],
  [true, [{ field: "lastEvent.log.tags", operator: "is", values: ["b"] }]],
  [true, [{ field: "lastEvent.statusCode", operator: "is", values: ["404"] }]],
  [false, [{ field: "target.user", operator: "is", values: ["*"] }]],
  [true, [{ field: "target.user", operator: "isNot", values: ["*"] }]],
  [
    false,
    [
      { field: "rule", operator: "is", values: ["1001"] },
      { field: "adversary.user", operator: "is", values: ["admin"] },
    ],
  ],
])("says %s for %j", (expected, matchers) => {
  expect(compileMatchers(matchersSchema.parse(matchers))(alert)).toBe(expected);
});

it.each([
  ["aba", "a*b*a", true],
  ["aa", "a*a*a", false],
  ["abcab", "ab*ab", true],
  ["ab", "ab*b", false],
  ["a*c", "a*c", true],
  ["", "*", false],
  ["x", "***", true],
])("finds %j by %j: %s", (user, value, expected) => {
  const test = compileMatchers([{ field: "adversary.user", operator: "is", values: [value] }]);
  expect(test({ adversary: { user } })).toBe(expected);
});

it("takes long patterns over long values in a moment", () => {
  const test = compileMatchers([{ field: "adversary.user", operator: "is", values: ["*a".repeat(250)] }]);
  const before = process.cpuUsage().user;
  expect(test({ adversary: { user: `${"a".repeat(200_000)}b` } })).toBe(false);
  expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
});

it.each([
  [[{ field: "adversary.ipp", values: ["x"] }], /no "adversary.ipp".*adversary\.ip/],
  [[{ field: "adversary.ip", operator: "cidr", values: ["10.0.0.0/33"] }], /networks/],
  [[{ field: "rule", values: [] }], /1 item|>=1/],
  [[], /1 item|>=1/],
  [[{ field: "rule", operator: "regex", values: ["a"] }], /Invalid option/],
])("refuses %j", (matchers, said) => {
  const { error } = matchersSchema.safeParse(matchers);
  expect(error?.issues.map(({ message }) => message).join()).toMatch(said);
});
