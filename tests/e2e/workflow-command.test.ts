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
