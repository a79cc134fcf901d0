import { describe, expect, it } from "vitest";
import { namesBeforeArchiving, namesBeforeRotation, rotatedBy } from "./rotation-names.ts";

describe("names of rotated files", () => {
  it.each([
    ["a.log.1", ["a.log"]],
    ["a.log.12", ["a.log"]],
    ["a.log-20260102", ["a.log"]],
    ["a.log-20260102-1700000000", ["a.log", "a.log-20260102"]],
    ["a.log.2026-01-02T03:04:05Z", ["a.log"]],
    ["a-20260102.log", ["a.log"]],
    ["a.1.log", ["a.log"]],
    ["a.log.old", ["a.log"]],
    ["a.log", []],
    ["a.log.1.gz", []],
    ["worker-2.log", []],
    ["worker-2", []],
    ["a.log.swp", []],
    ["a.log.offset", []],
  ])("%s was %j", (name, before) => {
    expect(namesBeforeRotation(name).toSorted()).toEqual(expect.arrayContaining(before));
    if (before.length === 0) expect(namesBeforeRotation(name)).toEqual([]);
  });

  it.each([
    ["a.log.1.gz", ["a.log.1", "a.log"]],
    ["a.log-20260102.zst", ["a.log-20260102", "a.log"]],
    ["a.log.gz", ["a.log"]],
    ["0.log.20260102-030405.gz", ["0.log.20260102-030405", "0.log.20260102", "0.log"]],
    ["access.1769990400.bz2", ["access.1769990400", "access"]],
    ["a.log.1", []],
  ])("what is in %s was %j", (name, before) => {
    expect(namesBeforeArchiving(name)).toEqual(before);
  });

  it("groups plain files and archives by their first name", () => {
    expect(rotatedBy(["a.log", "a.log.1", "a.log.2.gz"]).get("a.log")).toEqual({
      plain: ["a.log.1"],
      archives: ["a.log.2.gz"],
    });
  });

  it("takes bounded time on hostile names", () => {
    const before = process.cpuUsage().user;
    for (const name of [`${"1".repeat(250)}x`, `${"-1".repeat(120)}x`, ".1".repeat(125)])
      namesBeforeRotation(name);
    expect(process.cpuUsage().user - before).toBeLessThan(500_000);
  });
});
