import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions } from "./version.ts";

describe("versions", () => {
  it.each([
    // The order of the specification of semantic versions, 11.4.
    ["1.0.0-alpha", "1.0.0-alpha.1"],
    ["1.0.0-alpha.1", "1.0.0-alpha.beta"],
    ["1.0.0-alpha.beta", "1.0.0-beta"],
    ["1.0.0-beta.2", "1.0.0-beta.11"],
    ["1.0.0-beta.11", "1.0.0-rc.1"],
    ["1.0.0-rc.1", "1.0.0"],
    ["1.9.0", "1.10.0"],
    ["v1.2", "1.2.1"],
    ["2.4.58", "v2.4.60"],
    ["1.2.0-rc1", "1.2.0"],
    ["1.2b1", "1.2"],
    ["9.8p1", "9.9"],
    ["9.9", "9.9p1"],
    ["9.9p1", "9.9p2"],
    ["1.1.1w", "3.0.0"],
    ["1.1.1v", "1.1.1w"],
    ["2026.01.10", "2026.2.1"],
    ["20260110", "20260201"],
    ["release-1.2", "release-1.3"],
    ["app@1.2.0", "app@1.10.0"],
    ["nextcloud-v30.0.1", "v30.0.2"],
    ["2.9", "1:1.0"],
    ["1.2.0-1", "1.2.0-2"],
    ["1.2.0~rc1", "1.2.0"],
    ["4.4.5.8-0ubuntu1", "4.4.5.8-0ubuntu2"],
    ["2024.12.5", "2025.1.0"],
    ["0.9", "1"],
  ])("%s is older than %s", (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  it.each([
    ["v1.2", "1.2"],
    ["1.2", "1.2.0"],
    ["V1.2.3", "1.2.3"],
    ["1.2.3+build.5", "1.2.3"],
    ["1.2.3 (stable)", "1.2.3"],
    ["release/1.2", "1.2"],
    ["1_2_3", "1.2.3"],
    ["version-4.0.0", "4.0"],
  ])("%s and %s are the same", (one, other) => {
    expect(compareVersions(one, other)).toBe(0);
  });

  it.each([
    "latest",
    "",
    "main",
    "stable",
    "a1b2c3d4e5f6",
    "3f2504e04f8911d39a0c0305e82c3301",
    "x".repeat(200),
    "?",
  ])("%s is none", (text) => {
    expect(compareVersions(text, "1.0")).toBeUndefined();
    expect(compareVersions("1.0", text)).toBeUndefined();
  });

  it("are in one order, whatever they are", () => {
    const part = fc.constantFrom("0", "1", "2", "10", "rc", "beta", "a", "p", "-", ".", "~", "v", "+x", ":");
    const version = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const [ab, ba, bc, ac] = [
          ...[compareVersions(a, b), compareVersions(b, a)],
          ...[compareVersions(b, c), compareVersions(a, c)],
        ];
        expect(ab === undefined).toBe(ba === undefined);
        if (ab === undefined || ba === undefined || bc === undefined || ac === undefined) return;
        expect(Math.sign(ab)).toBe(0 - Math.sign(ba));
        if (ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0);
      }),
      { numRuns: 5_000 },
    );
  });

  it("that are hostile are read as all others", () => {
    for (const text of ["1.".repeat(50), "a-".repeat(50), "a_".repeat(50), "0".repeat(100), "a.".repeat(49)])
      for (let times = 0; times < 100; times++) compareVersions(text, "1.0");
  });
});
