import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EmittedEvent } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterAll, expect, it } from "vitest";
import { Assets } from "../assets/index.ts";
import { openControlDatabase } from "../control/index.ts";
import { AssetWatch } from "./asset-watch.ts";

const dir = mkdtempSync(join(tmpdir(), "asset-watch-"));
const database = await openControlDatabase({ kind: "sqlite", dir });
afterAll(async () => {
  await database.destroy();
  rmSync(dir, { recursive: true });
});
const { signal } = new AbortController();

it("an asset that is reported no more is told of once, only by plugins that run, and again where that failed", async () => {
  const clock = manualClock();
  const assets = new Assets(database, clock);
  const emitted: EmittedEvent[] = [];
  let away = true;
  const emit = async (_: unknown, events: readonly EmittedEvent[]) => {
    emitted.push(...events);
    if (away) throw new Error("The store is away.");
    return { stored: events.length, duplicates: 0, refused: [] };
  };
  const entries = [
    { plugin: { id: "p" }, staleAfter: 60 },
    { plugin: { id: "off" }, staleAfter: undefined },
  ];
  const watch = new AssetWatch({
    ...{ assets, clock, signal, log: recordingLogger() },
    emitter: { emit } as never,
    entries: () => entries as never,
  });
  await assets.report("p", [{ id: "1", name: "web", hostnames: ["web.lan"] }]);
  await assets.report("off", [{ id: "2", name: "other" }]);
  const seenAt = new Date(clock.now()).toISOString();
  await watch.look(signal);
  expect(emitted).toEqual([]);
  expect(assets.links.assetOf("WEB.lan:80")).toBe("p/1");
  clock.advance(61_000);
  await expect(watch.look(signal)).rejects.toThrow("away");
  away = false;
  await watch.look(signal);
  await watch.look(signal);
  expect(emitted).toHaveLength(2);
  expect(emitted[0]).toEqual(emitted[1]);
  expect(emitted[0]).toMatchObject({
    ...{ eventType: "system.asset_offline", assetId: "p/1", target: { host: "web.lan" } },
    ...{ id: expect.stringMatching(/^[0-9a-f]{32}$/), log: { plugin: "p", lastSeen: seenAt } },
  });
});
