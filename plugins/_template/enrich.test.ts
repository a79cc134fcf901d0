import { manifestProblems, testDeps } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { template } from "./index.ts";

const open = (settings: { enabled?: boolean; prefix?: string } = {}) =>
  template.enrich!.open(template.settings.parse(settings), testDeps());

describe("template", () => {
  it("keeps the plugin contract", () => {
    expect(manifestProblems(template)).toEqual([]);
  });

  it.each([
    ["web-1", { group: "web" }],
    ["db-1", undefined],
    ["", undefined],
  ])("says of %j %j", async (host, expected) => {
    expect((await open()).lookup(host)).toEqual(expected);
  });

  it("is silent when it is switched off", async () => {
    expect((await open({ enabled: false })).lookup("web-1")).toBeUndefined();
  });
});
