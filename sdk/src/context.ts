import type { ConnectionSource } from "./connection/index.ts";
import type { Deps } from "./deps.ts";
import type { Egress } from "./net/index.ts";
import type { Asset, Release } from "./schema/asset.ts";
import type { Event } from "./schema/event.ts";

/** What a plugin keeps across restarts. Values are JSON, at most 256 KiB each and 1,000 keys. */
export interface PluginState {
  get<Value = unknown>(key: string): Promise<Value | undefined>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
}

/**
 * An event as a plugin gives it: what it knows of the common schema. The rest is filled in: `id` from plugin, `raw` and
 * what is said, so that the same event given twice is one; `@timestamp`, data type and source of the plugin.
 */
export type EmittedEvent = Partial<Event>;

/** The assets that all plugins report. */
export interface AssetDirectory {
  /** Those that are active, at most 20,000. */
  list(): Promise<readonly Asset[]>;
  /** Notes newest releases. Assets whose programs they concern are shown to the plugins that export assets. */
  released(releases: readonly Release[]): Promise<void>;
}

/** Work that still waits at the source. */
export interface Backlog {
  readonly more: boolean;
  /** How far along it is, 0 to 100. */
  readonly percent?: number;
}

/** What a plugin's hooks work with in a collector. `signal` of a call aborts when its deadline is over. */
export interface PluginContext<Settings> extends Deps, ConnectionSource {
  readonly settings: Settings;
  /** The way out that is guarded: this machine and metadata services are refused unless the configuration allows them. */
  readonly egress: Egress;
  readonly state: PluginState;
  readonly assets: AssetDirectory;
  /**
   * Sends events the way of all events: enriched, stored, looked at by rules. Resolves when they are on disk; one that the
   * store has already, or that falls under a duplicate rule of the plugin, is dropped and counted.
   */
  emit(...events: readonly EmittedEvent[]): Promise<void>;
  /** Says that there is more to fetch: the next call comes at once. */
  backlog(left: Backlog): void;
  /** Gives a new state of an asset to all plugins that export assets. */
  exportAsset(asset: Asset): Promise<void>;
}
