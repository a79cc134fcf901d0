import { describe, expect, it } from "vitest";
import { goDuration, nowMinus } from "./duration.ts";
import { keyOf, placeholderOf } from "./search.ts";
import { covers, targetOf } from "./target.ts";
import { termTest } from "./terms.ts";

describe("a duration", () => {
  it.each([
    ["15m", 900_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["90s", 90_000],
    ["500ms", 500],
    ["+2s", 2_000],
    [".5s", 500],
    ["1h1m1s1ms", 3_661_001],
    ["2000000ns", 2],
    ["3µs", 0.003],
    ["0s", undefined],
    ["", undefined],
    ["15", undefined],
    ["-5m", undefined],
    ["1d", undefined],
    ["5 m", undefined],
    ["m", undefined],
    ["1h30", undefined],
    ["now-12h", undefined],
    ["1m".repeat(50), undefined],
  ])("%j is %s ms", (text, expected) => {
    expect(goDuration(text)).toBe(expected);
  });

  it.each([
    ["now-12h", 43_200_000],
    ["now-7d", 604_800_000],
    ["now", undefined],
    ["now+1h", undefined],
    ["12h", undefined],
  ])("in date math, %j is %s ms", (text, expected) => {
    expect(nowMinus(text)).toBe(expected);
  });
});

describe("an index pattern", () => {
  it.each([
    ["v11-log-sshd-*", ["sshd"], ["nginx", "ssh"]],
    ["v11-log-*", ["sshd", "nginx"], []],
    ["v11-log-firewall-*", ["firewall", "firewall-cisco-asa"], ["firewal", "my-firewall"]],
    ["v11-log-wineventlog-2026.*", ["wineventlog"], ["wineventlog-2026"]],
    ["v11-log-nginx-*, v11-log-apache-*", ["nginx", "apache"], ["iis"]],
    ["log-sshd", ["sshd"], ["nginx"]],
    ["", ["own-type"], ["sshd"]],
    [undefined, ["own-type"], ["sshd"]],
  ])("%s", (indexPattern, inside, outside) => {
    const target = targetOf({ indexPattern }, ["own-type"]);
    const test = covers(target?.dataTypes ?? []);
    expect(target?.alerts).toBe(false);
    expect(inside.filter((each) => !test(each))).toEqual([]);
    expect(outside.filter(test)).toEqual([]);
  });

  it("names alerts, logs and alerts, or nothing we store", () => {
    expect(targetOf({ indexPattern: "v11-alert-*" }, ["x"])).toEqual({ dataTypes: [], alerts: true });
    expect(targetOf({ indexPattern: "v11-alert-*,v11-log-a-*" }, ["x"])).toMatchObject({ alerts: true });
    expect(targetOf({ indexPattern: "logstash-*" }, ["x"])).toBeUndefined();
    expect(targetOf({ dataType: "sshd" }, ["x"])).toEqual({ dataTypes: ["sshd"], alerts: false });
  });
});

describe("an operator", () => {
  it.each([
    ["filter_term", "failed", "failed", true],
    ["filter_term", "failed", "Failed", false],
    ["filter_term", "failed", "login failed", false],
    ["filter_term", "404", 404, true],
    ["filter_term", "404", "404", true],
    ["filter_term", "true", true, true],
    ["filter_term", "b", ["a", "b"], true],
    ["filter_term", "7", ["a", 7], true],
    ["filter_term", "a", undefined, false],
    ["filter_term", "a", { a: 1 }, false],
    ["must_not_term", "a", undefined, true],
    ["must_not_term", "a", "a", false],
    ["must_not_term", "a", ["b", "a"], false],
    ["must_not_term", "a", ["b"], true],
    ["filter_match", "Failed password", "FAILED login", true],
    ["filter_match", "fail", "failed", false],
    ["filter_match", "root", "user=root;uid=0", true],
    ["filter_match", "größe", "GRÖSSE Größe", true],
    ["filter_match", "404", 404, true],
    ["filter_match", "x", ["a", "b x"], true],
    ["filter_match", "x", undefined, false],
    ["filter_match", "", "anything", false],
    ["must_not_match", "root admin", "an admin", false],
    ["must_not_match", "root", "rooted", true],
    ["must_not_match", "root", undefined, true],
  ] as const)("%s %j on %j is %s", (operator, wanted, value, expected) => {
    expect(termTest(operator, wanted)(value)).toBe(expected);
  });
});

describe("a placeholder", () => {
  it.each([
    ["{{.origin.ip}}", "origin.ip"],
    ["{{ .log.user }}", "log.user"],
    ["{{origin.ip}}", "origin.ip"],
    ["user {{.log.user}}", undefined],
    ["{{.a}}{{.b}}", undefined],
    ["plain", undefined],
    [7, undefined],
  ])("%j is %s", (value, expected) => {
    expect(placeholderOf(value)).toBe(expected);
  });

  it("makes keys that no values can forge", () => {
    expect(keyOf(["a", "b"])).not.toBe(keyOf(["a1:b", ""]));
    expect(keyOf(["ab", "c"])).not.toBe(keyOf(["a", "bc"]));
  });
});
