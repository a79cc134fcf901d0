import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchBuilder, decodeBatch } from "@vedette/core/batch";
import type { Asset, Event } from "@vedette/sdk";
import { manualClock, recordingLogger, testDeps } from "@vedette/sdk/testing";
import { afterAll, describe, expect, it } from "vitest";
import { openControlDatabase } from "../control/index.ts";
import { openEnrichStage } from "../enrich/index.ts";
import { Assets, type KnownAsset, offlineId } from "./assets.ts";
import { hostOf } from "./host.ts";
import { AssetLinks } from "./links.ts";

const dir = mkdtempSync(join(tmpdir(), "assets-"));
const database = await openControlDatabase({ kind: "sqlite", dir });
afterAll(async () => {
  await database.destroy();
  rmSync(dir, { recursive: true });
});

describe("a host", () => {
  it.each([
    ["https://Shop.Example.net:8443/a?b#c", "shop.example.net"],
    ["shop.example.net.", "shop.example.net"],
    ["shop.example.net:80", "shop.example.net"],
    ["SHOP/admin", "shop"],
    ["https://user:pw@shop.example/", "shop.example"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["http://[2001:DB8::1%25eth0]/", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["192.0.2.1:22", "192.0.2.1"],
    ["//shop/x", "shop"],
    ["", undefined],
    [" ", undefined],
    ["a b", undefined],
    [`${"x".repeat(300)}.example`, undefined],
  ])("of %j is %j", (text, host) => expect(hostOf(text)).toBe(host));
});

const made = (id: string, more: object = {}): Asset => ({
  ...{ id, name: id, kind: "host", hostnames: [], ips: [], apps: [], criticality: 0, labels: {}, ...more },
});

describe("assets", () => {
  const clock = manualClock();
  const assets = new Assets(database, clock);
  const app = (version: string) => ({ name: "web", version, releaseUrl: "owner/web" });
  const state = async (plugin: string) =>
    (await assets.list(100))
      .filter((each) => each.plugin === plugin)
      .map(({ asset, active }) => [asset.id, active]);

  it("that a report lacks become inactive, and their lost programs too; what is none is left out by its place", async () => {
    const first = await assets.report("p", [
      made("a", { apps: [app("1.2"), { name: "db" }] }),
      made("b"),
      { id: 1 },
    ]);
    expect(first).toMatchObject({ seen: 2, gone: 0, refused: [expect.stringMatching(/^id: /)] });
    const second = await assets.report("p", [made("a", { apps: [app("1.2")] })]);
    expect(second).toMatchObject({
      seen: 1,
      gone: 1,
      changed: [{ apps: [{ name: "web" }, { name: "db", active: false }] }],
    });
    expect(await state("p")).toEqual([
      ["a", true],
      ["b", false],
    ]);
    expect((await assets.report("p", [made("a", { apps: [app("1.2")] })])).changed).toEqual([]);
  });

  it("have newest releases, and an update only where the version is newer", async () => {
    const changed = await assets.released([{ releaseUrl: "owner/web", version: "v1.2.0" }]);
    expect(changed[0]?.apps[0]).toMatchObject({ latestVersion: "v1.2.0", updateAvailable: false });
    const newer = await assets.released([
      { releaseUrl: "owner/web", version: "v1.10", url: "https://x/1.10" },
    ]);
    expect(newer[0]?.apps[0]).toMatchObject({ latestUrl: "https://x/1.10", updateAvailable: true });
    expect(
      await assets.released([{ releaseUrl: "owner/web", version: "v1.10", url: "https://x/1.10" }]),
    ).toEqual([]);
    await assets.released([{ releaseUrl: "owner/web", version: "nightly" }]);
    const [{ asset }] = (await assets.list(1)) as [KnownAsset];
    expect(asset.apps[0]).not.toHaveProperty("updateAvailable");
    expect(asset.apps[0]).toMatchObject({ latestVersion: "nightly" });
  });

  it("are told to be offline once for each time they were last seen", async () => {
    await assets.report("q", [made("c"), made("d")]);
    clock.advance(10_000);
    await assets.report("q", [made("d")]);
    const stale = () => assets.stale("q", clock.now() - 5_000, 10);
    const [first, ...more] = await stale();
    expect(first?.asset.id).toBe("c");
    expect(more).toEqual([]);
    await assets.toldStale(first!);
    expect(await stale()).toEqual([]);
    await assets.report("q", [made("c"), made("d")]);
    clock.advance(10_000);
    const again = await stale();
    expect(again.map(({ asset }) => asset.id)).toEqual(["c", "d"]);
    expect(offlineId(again[0]!)).not.toBe(offlineId(first!));
  });
});

describe("events", () => {
  const links = new AssetLinks();
  links.replace([
    { assetId: "p/z", asset: made("z", { apps: [{ name: "w", hostUrl: "https://Shop.example:443/x" }] }) },
    { assetId: "p/a", asset: made("a", { hostnames: ["shop.example", "web-1"], ips: ["192.0.2.9"] }) },
    { assetId: "p/f", asset: made("f", { name: "My Firewall" }) },
    { assetId: "p/b", asset: made("b", { hostnames: ["web-1"] }) },
    { assetId: "p/c", asset: made("c", { apps: [{ name: "w", hostUrl: "old.example", active: false }] }) },
  ]);
  const events: readonly (readonly [Event, string | undefined])[] = [
    [{ target: { host: "shop.example" } }, "p/z"],
    [{ target: { host: "SHOP.example.:443" }, dataSource: "web-1" }, "p/z"],
    [{ target: { host: "unknown.example" }, dataSource: "web-1" }, "p/a"],
    [{ target: { ip: "192.0.2.9" } }, "p/a"],
    [{ target: { host: "shop.example" }, assetId: "own" }, "own"],
    [{ target: { host: "old.example" } }, undefined],
    [{ dataSource: "My Firewall" }, "p/f"],
    [{ dataSource: "nowhere" }, undefined],
  ];

  it("find their asset by host, source and address, in a batch and alone", async () => {
    const stage = await openEnrichStage([], {}, { ...testDeps(), log: recordingLogger(), links });
    const builder = new BatchBuilder("nginx", { rows: 100, bytes: 1e6 });
    for (const [event] of events)
      builder.append(
        { id: "1", "@timestamp": "2026-01-01T00:00:00.000Z", dataType: "nginx", ...event },
        { source: "s", offset: 0, end: 1 },
      );
    const batchId = "00000000-0000-7000-8000-000000000001";
    const batch = decodeBatch(builder.seal({ batchId, agentId: "a", epoch: 1, sequence: 0 }).frame);
    const linked = stage.enrich(batch);
    expect(events.map((_, row) => linked.event(row).assetId)).toEqual(events.map(([, id]) => id));
    expect(events.map(([event]) => stage.enrichEvent(structuredClone(event)).assetId)).toEqual(
      events.map(([, id]) => id),
    );
  });
});
