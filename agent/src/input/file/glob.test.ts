import { describe, expect, it } from "vitest";
import { compileExclude, compileGlob, expandBraces, matchesName, matchesPath } from "./glob.ts";

describe("file patterns", () => {
  it.each([
    { pattern: "/var/log/*.log", path: "/var/log/a.log", match: true },
    { pattern: "/var/log/*.log", path: "/var/log/x/a.log", match: false },
    { pattern: "/var/log/*.log", path: "/var/log/.a.log", match: false },
    { pattern: "/var/log/.*", path: "/var/log/.a.log", match: true },
    { pattern: "/var/log/**/*.log", path: "/var/log/a.log", match: true },
    { pattern: "/var/log/**/*.log", path: "/var/log/x/y/a.log", match: true },
    { pattern: "/var/**/y/**/a.log", path: "/var/log/x/y/a.log", match: true },
    { pattern: "/var/**", path: "/var/log/x", match: true },
    { pattern: "/var/log/a?.log", path: "/var/log/ab.log", match: true },
    { pattern: "/var/log/a?.log", path: "/var/log/a.log", match: false },
    { pattern: "/var/log/a*b*c", path: "/var/log/axbxbxc", match: true },
    { pattern: "/var/log/a*b*c", path: "/var/log/axbxbx", match: false },
    { pattern: "/var/{log,run}/{a,b}.log", path: "/var/run/b.log", match: true },
    { pattern: "/var/log/*.{log,txt}", path: "/var/log/a.txt", match: true },
    { pattern: "/var/log/[a].log", path: "/var/log/[a].log", match: true },
  ])("$pattern on $path: $match", ({ pattern, path, match }) => {
    expect(compileGlob(pattern).some((glob) => matchesPath(glob, path))).toBe(match);
  });

  it("resolves relative patterns", () => {
    expect(compileGlob("x/*.log", "/base")[0]!.parts).toEqual(["", "base", "x", "*.log"]);
  });

  it.each([
    "{a",
    "a}",
    "{a,{b}",
    "/x/**.log",
    "/x/a**/b",
    "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{c,d}",
  ])("refuses %s", (pattern) => expect(() => compileGlob(pattern)).toThrow(RangeError));

  it("expands nested braces", () => {
    expect(expandBraces("{a,b{1,2}}.log")).toEqual(["a.log", "b1.log", "b2.log"]);
  });

  it("matches hostile patterns in bounded time", () => {
    const before = process.cpuUsage().user;
    expect(matchesName("*a".repeat(100), `${"a".repeat(199)}b`)).toBe(false);
    // Microseconds; what grows with more than the product of both lengths takes minutes.
    expect(process.cpuUsage().user - before).toBeLessThan(500_000);
  });

  it("leaves out by name or by path", () => {
    const isExcluded = compileExclude(["*.gz", "/var/log/private/**"]);
    expect(["/x/a.gz", "/var/log/private/a", "/var/log/a"].map(isExcluded)).toEqual([true, true, false]);
  });
});
