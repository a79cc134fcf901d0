import { messageOf } from "@vedette/sdk";
import { assetIdOf, type KnownAsset, offlineId } from "../assets/index.ts";
import { pause } from "../bounded/index.ts";
import type { PluginEntry } from "./entry.ts";
import type { HostDeps } from "./types.ts";

interface WatchDeps extends Pick<HostDeps, "assets" | "emitter" | "clock" | "log" | "signal"> {
  readonly entries: () => readonly PluginEntry[];
}

const lookMs = 15_000;
const atOnce = 500;

/** Tells of assets that are reported no more, once for each time they were last seen, and keeps links of events up to date. */
export class AssetWatch {
  readonly #deps: WatchDeps;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    const signal = AbortSignal.any([this.#deps.signal, this.#ending.signal]);
    this.#running ??= this.#run(signal);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal).catch((error: unknown) => {
        if (!signal.aborted)
          this.#deps.log.warn({ reason: messageOf(error) }, "Assets could not be looked at, will retry.");
      });
      await pause(lookMs, signal);
    }
  }

  /** One look. */
  async look(signal: AbortSignal): Promise<void> {
    const { assets, emitter, clock } = this.#deps;
    await assets.refresh();
    for (const entry of this.#deps.entries()) {
      const seconds = entry.staleAfter;
      if (seconds === undefined) continue;
      const stale = await assets.stale(entry.plugin.id, clock.now() - seconds * 1_000, atOnce);
      if (stale.length === 0) continue;
      // First the events: after a crash in between they come again, with the same ids.
      await emitter.emit(entry.plugin, stale.map(offlineEvent), signal);
      for (const each of stale) await assets.toldStale(each);
    }
  }
}

const offlineEvent = (known: KnownAsset) => {
  const { plugin, asset, lastSeen } = known;
  const seen = new Date(lastSeen).toISOString();
  const [host = asset.name] = asset.hostnames;
  return {
    ...{ id: offlineId(known), eventType: "system.asset_offline", severity: "medium" },
    ...{ dataType: "vedette", dataSource: "collector", assetId: assetIdOf(plugin, asset.id) },
    ...{ target: { host }, log: { plugin, asset: asset.name, lastSeen: seen } },
    raw: `asset ${asset.name} of ${plugin} was last seen at ${seen}`,
  };
};
