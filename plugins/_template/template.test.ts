import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PluginContext } from "@vedette/sdk";
import { manifestProblems, testDeps } from "@vedette/sdk/testing";
import { afterAll, describe, expect, it } from "vitest";
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

  const dir = mkdtempSync(join(tmpdir(), "template-"));
  afterAll(() => rmSync(dir, { recursive: true }));

  it("fetches an event for each line of its feed", async () => {
    const feed = join(dir, "feed");
    writeFileSync(feed, "2026-11-26T10:00:00Z 192.0.2.1\n\n2026-11-26T10:00:01Z 192.0.2.2\n");
    const settings = template.settings.parse({ feed });
    const events = [];
    const given = await template.collect!.collect({ ...testDeps(), settings } as PluginContext<
      typeof settings
    >);
    for await (const event of given) events.push(event);
    expect(events).toMatchObject([
      { "@timestamp": "2026-11-26T10:00:00Z", origin: { ip: "192.0.2.1" } },
      { "@timestamp": "2026-11-26T10:00:01Z", origin: { ip: "192.0.2.2" } },
    ]);
  });
});
