import { docOf } from "@vedette/core/pipeline";
import { describe, expect, it } from "vitest";
import { askedOf, passes } from "./asked.ts";
import { parseRules } from "./index.ts";

const same = (field: string): object => ({
  field,
  operator: "filter_term",
  value: `{{.${field}}}`,
});
const rule = (name: string, where: string, fields: readonly string[]): object => ({
  name,
  dataTypes: ["nginx"],
  where,
  afterEvents: [{ with: fields.map(same), within: "5m", count: 3 }],
});
/** Whether events with these paths would be filed, for each subscription that does not take all. */
const filed = (rules: readonly object[], paths: readonly string[]): boolean[][] =>
  [...askedOf(parseRules(JSON.stringify(rules)).rules).values()].map((filter) =>
    paths.map((path) => passes(filter, docOf({ target: { path }, statusCode: 1 }))),
  );

const login = rule("login", 'endsWith("target.path", "/login") && equals("statusCode", 401)', [
  "origin.ip",
  "target.path",
]);
const admin = rule("admin", 'startsWith("target.path", "/admin") || equals("target.path", "/root")', [
  "origin.ip",
  "target.path",
]);

describe("what a rule can find in history", () => {
  it("has the values of shared fields that the rule wants of its own event", () => {
    expect(filed([login], ["/login", "/a/login", "/shop"])).toEqual([[true, true, false]]);
    expect(filed([admin], ["/admin/x", "/root", "/shop"])).toEqual([[true, true, false]]);
  });

  it("is what one of the rules that share a subscription wants", () => {
    expect(filed([login, admin], ["/login", "/root", "/shop"])).toEqual([[true, true, false]]);
    const all = rule("all", 'exists("origin.ip")', ["origin.ip", "target.path"]);
    expect(filed([login, all, admin], ["/shop"])).toEqual([]);
  });

  it("is everything where the condition is on other fields, or on several at once", () => {
    expect(filed([rule("other", 'endsWith("target.path", "/login")', ["origin.ip"])], [])).toEqual([]);
    expect(filed([rule("numbers", 'equals("statusCode", 401)', ["statusCode"])], [])).toEqual([]);
    const either = 'endsWith("target.path", "/login") || equals("origin.user", "root")';
    expect(filed([rule("either", either, ["target.path"])], [])).toEqual([]);
  });
});
