import { eventFields } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Problem } from "../problem.ts";
import {
  Binder,
  type Condition,
  fieldOf,
  matcherOf,
  readCursor,
  readFilter,
  readLinked,
  readRange,
  readTextQuery,
  readTime,
  whereOf,
  writeCursor,
} from "./index.ts";

const now = Date.UTC(2026, 0, 2);

function compile(conditions: readonly Condition[]) {
  const bind = new Binder();
  const sql = whereOf({ from: 0, to: now }, conditions, bind).split(" AND ").slice(2).join(" AND ");
  const { p0, p1, ...params } = bind.params;
  return { sql, params: Object.values(params) };
}

function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("No problem was thrown.");
}

describe("the filter of an asset", () => {
  const namesOf = (id: string) => (id === "p/1" ? ["web-1", "198.51.100.7"] : []);
  const cases = [
    { id: "a", assetId: "p/1" },
    { id: "b", target: { host: "WEB-1" } },
    { id: "c", dataSource: "web-1" },
    { id: "d", target: { ip: "198.51.100.7" } },
    { id: "e", assetId: "p/2", dataSource: "web-1" },
    { id: "f", dataSource: "web-2" },
  ];

  it("takes events that were linked, and those that are not and name a host that leads to it", () => {
    const found = (filter: string) => {
      const matches = matcherOf([readLinked(filter, namesOf)!]);
      return cases.flatMap((event) => (matches(event) ? event.id : [])).join("");
    };
    expect(found("asset:p/1")).toBe("abcd");
    expect(found("asset:neq:p/1")).toBe("ef");
    expect(found("asset:p/2")).toBe("e");
    expect(readLinked("assetId:p/1", namesOf)).toBeUndefined();
    expect(problemOf(() => readLinked("asset:", namesOf)).status).toBe(400);
  });

  it("asks the store the same", () => {
    const names = namesOf("p/1");
    const list = "IN {p3:Array(String)}";
    expect(compile([readLinked("asset:p/1", namesOf)!])).toEqual({
      sql: `(assetId = {p2:String} OR (assetId = '' AND (lower(\`target.host\`) ${list} OR lower(dataSource) ${list} OR lower(\`target.ip\`) ${list})))`,
      params: ["p/1", names],
    });
    expect(compile([readLinked("asset:neq:p/2", namesOf)!])).toEqual({
      ...{ sql: "NOT (assetId = {p2:String})", params: ["p/2"] },
    });
  });
});

describe("filters compile", () => {
  it.each([
    ["dataType:nginx", "`dataType` = {p2:String}", ["nginx"]],
    ["origin.ip:fe80::1", "`origin.ip` = {p2:String}", ["fe80::1"]],
    ["origin.ip:neq:10.0.0.1", "NOT (`origin.ip` = {p2:String})", ["10.0.0.1"]],
    ["dataType:in:a,b\\,c", "`dataType` IN {p2:Array(String)}", [["a", "b,c"]]],
    ["dataType:notIn:a", "NOT (`dataType` IN {p2:Array(String)})", [["a"]]],
    ["dataType:eq:in:a", "`dataType` = {p2:String}", ["in:a"]],
    ["origin.path:prefix:/a", "startsWith(`origin.path`, {p2:String})", ["/a"]],
    ["origin.path:contains:50%", "positionCaseInsensitive(`origin.path`, {p2:String}) > 0", ["50%"]],
    ["origin.path:like:/a*_%", "`origin.path` LIKE {p2:String}", ["/a%\\_\\%"]],
    ["eventType:access.*", "`eventType` LIKE {p2:String}", ["access.%"]],
    ["origin.user:exists:true", "`origin.user` != ''", []],
    ["origin.user:exists:false", "NOT (`origin.user` != '')", []],
    ["statusCode:gte:400", "`statusCode` >= {p2:Float64}", [400]],
    ["log.method:GET", "ifNull(log.`method`::Nullable(String), '') = {p2:String}", ["GET"]],
    ["log.User Agent:x", "ifNull(log.`User Agent`::Nullable(String), '') = {p2:String}", ["x"]],
    ["origin.mac:aa:bb", "ifNull(rest.`origin`.`mac`::Nullable(String), '') = {p2:String}", ["aa:bb"]],
    ["errors:x", "has(`errors`, {p2:String})", ["x"]],
    [
      "@timestamp:gt:2026-01-01T00:00:00Z",
      "`timestamp` > fromUnixTimestamp64Milli({p2:Int64}, 'UTC')",
      [now - 86_400_000],
    ],
  ])("%s", (filter, sql, params) => {
    expect(compile([readFilter(filter, now)])).toEqual({ sql, params });
  });
});

describe("text queries compile", () => {
  it.each([
    ["failed", "(hasAllTokens(raw, {p2:Array(String)}))", [["failed"]]],
    ["FAILED", "(hasAllTokens(raw, {p2:Array(String)}))", [["failed"]]],
    ["-failed", "NOT ((hasAllTokens(raw, {p2:Array(String)})))", [["failed"]]],
    ["statusCode:>=500", "`statusCode` >= {p2:Float64}", [500]],
    [
      "-origin.ip:10.0.0.0/8",
      expect.stringMatching(/^NOT \(if\(isIPv4String.*isIPAddressInRange/),
      ["10.0.0.0/8"],
    ],
    ['origin.user:"a b"', "`origin.user` = {p2:String}", ["a b"]],
    ["origin.user:ro*", "`origin.user` LIKE {p2:String}", ["ro%"]],
    ["origin.user:*", "`origin.user` != ''", []],
    [
      "https://a.example/x",
      expect.stringContaining("match(lower(raw), {p3:String})"),
      [["https", "a", "example", "x"], expect.any(String)],
    ],
    ["12:30", expect.stringContaining("hasAllTokens"), [["12", "30"], expect.any(String)]],
    ["fail*", "(match(lower(raw), {p2:String}))", [expect.stringContaining("fail")]],
    ["a*b c", expect.stringContaining("hasAllTokens(raw, {p3:Array(String)})"), [expect.any(String), ["c"]]],
    ["=>", "(match(lower(raw), {p2:String}))", ["(?s)\\x3d\\x3e"]],
    ["   ", "", []],
    ['- * ""', "", []],
  ])("%s", (query, sql, params) => {
    expect(compile(readTextQuery(query, now))).toEqual({ sql, params });
  });

  it("asks the index before it reads the line", () => {
    const { sql } = compile(readTextQuery('"failed password" dataType:sshd', now));
    expect(sql).toMatch(/^`dataType` = .* AND \(hasAllTokens\(raw, .*\) AND match\(/);
  });
});

describe("mistakes are named", () => {
  it.each<[string, () => unknown, object]>([
    ["unknown field", () => readFilter("orgin.ip:1", now), { parameter: "filter", suggestion: "origin.ip" }],
    [
      "unknown field in q",
      () => readTextQuery("a dataTyp:x", now),
      { parameter: "q", at: 2, suggestion: "dataType" },
    ],
    [
      "side forgotten",
      () => readTextQuery("countryCode:DE", now),
      { suggestion: "origin.geolocation.countryCode" },
    ],
    ["open quote", () => readTextQuery('a "b', now), { parameter: "q", at: 2 }],
    ["no value", () => readTextQuery("dataType: x", now), { parameter: "q", at: 9 }],
    ["no field", () => readFilter("nothing", now), { parameter: "filter", at: 0 }],
    ["unknown operator", () => readFilter("statusCode:gtt:5", now), { suggestion: "gt" }],
    ["not a number", () => readFilter("statusCode:gte:x", now), { at: 15 }],
    ["order of text", () => readFilter("dataType:gt:5", now), { parameter: "filter" }],
    ["part of a number", () => readFilter("statusCode:prefix:5", now), { parameter: "filter" }],
    ["not a network", () => readFilter("origin.ip:cidr:10.0.0.0/33", now), { parameter: "filter" }],
    ["no such severity", () => readFilter("severity:hihg", now), { suggestion: "high" }],
    ["the log itself", () => readFilter("log:x", now), { parameter: "filter" }],
    ["hostile path", () => readFilter("log.a`b:x", now), { parameter: "filter" }],
    ["sub-object mark", () => readFilter("log.^a:x", now), { parameter: "filter" }],
    ["empty part", () => readFilter("log.a..b:x", now), { parameter: "filter" }],
    ["not a time", () => readTime("yesterday", now, "from"), { parameter: "from" }],
    ["range backwards", () => readRange("now", "-1h", now), { parameter: "from" }],
    ["too many terms", () => readTextQuery("a ".repeat(40), now), { parameter: "q" }],
    ["too long", () => readTextQuery("a".repeat(1_001), now), { parameter: "q" }],
    ["too many values", () => readFilter(`dataType:in:${"a,".repeat(200)}`, now), { parameter: "filter" }],
  ])("%s", (_, work, fault) => {
    const problem = problemOf(work);
    expect(problem.kind).toBe("bad-parameter");
    expect(problem.fault).toMatchObject(fault);
  });
});

describe("times and cursors", () => {
  it.each([
    ["now", now],
    ["-15m", now - 900_000],
    ["now-2d", now - 172_800_000],
    ["+1h", now + 3_600_000],
    ["2026-01-01", now - 86_400_000],
    ["2026-01-01T01:00:00+01:00", now - 86_400_000],
  ])("reads %s", (text, time) => expect(readTime(text, now, "from")).toBe(time));

  it("gives back what a cursor was made of, for the same search only", () => {
    const cursor = { time: 5, id: "a'b", range: { from: 1, to: 9 } };
    const text = writeCursor(cursor, "s");
    expect(readCursor(text, "s")).toEqual(cursor);
    expect(problemOf(() => readCursor(text, "other")).message).toContain("another search");
  });

  it("refuses every other text as a cursor", () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (text, json) => {
        for (const each of [text, Buffer.from(json).toString("base64url")])
          expect(problemOf(() => readCursor(each, "s")).fault.parameter).toBe("cursor");
      }),
    );
  });
});

describe("whatever is asked", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom(
      "'",
      "\\",
      "`",
      "\0",
      "${jndi:ldap://x}",
      "\u202e",
      "');DROP TABLE events--",
      "{p0:String}",
      "*",
      '"',
    ),
  );
  const allowed = /^[\w\s`.,:(){}!=<>[\]|'$#/@*+-]*$/u;

  it("no value is ever part of the statement", () => {
    const fields = eventFields.filter((field) => field.kind === "text").map((field) => field.path);
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.array(hostile, { maxLength: 4 }), (field, parts) => {
        const marker = "zqzq";
        const value = marker + parts.join("");
        const texts = [`${field}:eq:${value}`, `${field}:contains:${value}`, `${field}:in:${value}`];
        for (const text of texts) {
          if (field === "severity") continue;
          const { sql } = compile([readFilter(text, now)]);
          expect(sql).not.toContain(marker);
          expect(sql).toMatch(allowed);
        }
      }),
    );
  });

  it("a query is a statement or a problem, never a crash", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(hostile, fc.constantFrom(" ", "-", "log.", "a:", "statusCode:>", "x*"))),
        (parts) => {
          const query = parts.join("");
          try {
            const conditions = readTextQuery(query, now);
            expect(compile(conditions).sql).toMatch(allowed);
            matcherOf(conditions)({ raw: query, log: { a: query } });
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
          }
        },
      ),
    );
  });

  it("a path below log becomes quoted names or a problem", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 30 }), (path) => {
        try {
          expect(fieldOf(`log.${path}`, "field").sql).toMatch(
            /^ifNull\(log(\.`[^`\\]+`)+::Nullable\(String\), ''\)$/u,
          );
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
    );
  });

  it("a slow pattern stays linear in the live tail", () => {
    const matches = matcherOf(readTextQuery(`${"a*".repeat(400)}b`, now));
    const before = process.cpuUsage().user;
    expect(matches({ raw: "a".repeat(100_000) })).toBe(false);
    expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
  });
});
