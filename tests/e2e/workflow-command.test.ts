import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "@vedette/testkit";
import { describe, expect, it } from "vitest";

describe("vedette workflow expr", () => {
  it("prints the tree as JSON, and the place of a mistake", async () => {
    const good = await run(["workflow", "expr", "NOT {{[Look up].[found]}} = true"]);
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout)).toEqual({
      op: "NOT",
      right: {
        left: { name: "Look up.found", type: "variable" },
        op: "=",
        right: { type: "literal", value: true },
        type: "binary",
      },
      type: "unary",
    });
    const bad = await run(["workflow", "expr", "true AND\n lenght({{a}})"]);
    expect(bad).toMatchObject({
      code: 2,
      stdout: "",
      stderr: 'expression:2:2: Unknown function "lenght". Did you mean "length"?\n',
    });
  });
});

describe("vedette workflow check and import", () => {
  const examples = fileURLToPath(new URL("../../deploy/examples/", import.meta.url));
  const icon = join(examples, "workflows", "look-up-address.icon");

  it("names what is wrong, as text and as JSON, and fails then only", async () => {
    const good = await run(["workflow", "check", join(examples, "workflows", "answer-brute-force.yaml")]);
    expect(good).toMatchObject({ code: 0, stdout: "" });
    const bad = await run(["workflow", "check", icon, "--plugins", join(examples, "icon"), "--json"]);
    expect(bad.code).toBe(2);
    expect(JSON.parse(bad.stdout)).toEqual([
      expect.objectContaining({ severity: "warning", path: "Chat Command" }),
      expect.objectContaining({
        path: "Say So.action",
        message: 'There is no action "slack/post_message": the plugin "slack" is not here.',
      }),
    ]);
    expect(await run(["workflow", "check", join(examples, "none.yaml")])).toMatchObject({ code: 2 });
  });

  it("writes an .icon file as YAML that checks as the file does", async () => {
    const dir = mkdtempSync(join(tmpdir(), "vedette-workflow-"));
    try {
      const out = join(dir, "look-up.yaml");
      expect(await run(["workflow", "import", icon, "--out", out])).toMatchObject({ code: 0 });
      const { code, stdout } = await run(["workflow", "check", out, "--plugins", join(examples, "icon")]);
      expect({ code, lines: stdout.trim().split("\n") }).toEqual({
        code: 2,
        lines: [expect.stringContaining('There is no action "slack/post_message"')],
      });
      expect(await run(["workflow", "import", icon, "--out", out])).toMatchObject({ code: 2 });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
