import { describe, expect, it } from "vitest";
import { canSucceedLater, detailOf, IconError } from "./failure.ts";

describe("what a plugin says of its failure", () => {
  it.each([
    ["Something unexpected occurred.", undefined, "UNKNOWN", false],
    ["Server error occurred Try again.", undefined, "SERVER_ERROR", true],
    ["x", { cause: "Invalid API key provided." }, "API_KEY", false],
    ["x", { cause: "The request timed out." }, "TIMEOUT", true],
    ["Connection refused by host", undefined, undefined, true],
    ["HTTP 503 from the server", undefined, undefined, true],
    ["Response was: 15030 rows", undefined, undefined, false],
    [{ odd: true }, "odd", undefined, false],
    [undefined, undefined, undefined, false],
  ])("%j, %j: %s, again %s", (error, exception, preset, again) => {
    const detail = detailOf(error, exception);
    expect(detail.preset).toBe(preset);
    expect(canSucceedLater(detail)).toBe(again);
    expect(detail.cause).not.toBe("");
  });

  it("is judged by a status where there is one", () => {
    const detail = detailOf("Invalid API key provided.", undefined);
    expect([200, 401, 404, 408, 429, 500, 503].map((code) => canSucceedLater(detail, code))).toEqual([
      ...[false, false, false, true, true, true, true],
    ]);
  });

  it("is bounded, and its data and log stay out of ours", () => {
    const detail = detailOf("e", { cause: "c".repeat(9_000), data: `secret ${"d".repeat(9_000)}` });
    expect([detail.cause.length, detail.data.length]).toEqual([4_096, 4_096]);
    const error = new IconError("plugin.failed", detail, false, { log: "secret log" });
    expect([error.detail, error.stepLog]).toEqual([detail, "secret log"]);
    expect(JSON.stringify({ ...error })).not.toContain("secret");
  });
});
