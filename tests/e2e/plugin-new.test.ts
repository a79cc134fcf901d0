import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@vedette/testkit";
import { afterAll, describe, expect, it } from "vitest";

describe("vedette plugin new", () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-new-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each([
    ["all-of-it", []],
    ["one_only", ["--only", "collect"]],
    ["two", ["--only", "parse,notify"]],
  ])("makes %s, which keeps the contract", async (id, options) => {
    const made = await run(["plugin", "new", id, "--dir", dir, ...options]);
    expect(made).toMatchObject({ code: 0, stdout: `${join(dir, id)}\n` });
    const checked = await run(["plugin", "check", join(dir, id)]);
    expect(checked.stdout).toBe("");
    expect(checked.code).toBe(0);
    expect(checked.stderr).toContain(`${id} 1.0.0: `);
    const text = readFileSync(join(dir, id, "index.ts"), "utf8");
    expect(text).not.toMatch(/template/i);
    if (id === "two") {
      expect(checked.stderr).toContain("parse, notify;");
      expect(existsSync(join(dir, id, "enrich.ts"))).toBe(false);
      expect((await run(["test", join(dir, id)])).stdout).toContain("two");
    }
  });

  it("says what will not do", async () => {
    const wrong = await run(["plugin", "new", "All Of It", "--dir", dir]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("a letter first")]);
    const again = await run(["plugin", "new", "two", "--dir", dir]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("exists already")]);
    const part = await run(["plugin", "new", "three", "--only", "fly"]);
    expect([part.code, part.stderr]).toEqual([2, expect.stringContaining("none of parse")]);
  });
});
