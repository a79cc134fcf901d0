import type { EmittedEvent, PluginContext } from "../context.ts";
import type { Asset, ReportedAsset } from "../schema/asset.ts";
import type { Event } from "../schema/event.ts";

type Some<Value> = Iterable<Value> | AsyncIterable<Value>;

/** Seconds between two calls: a number, or what the settings say. */
export type Every<Settings> = number | ((settings: Settings) => number);

/** Fetches events on the collector: what it gives is stored the way of all events. For files and sockets write an input. */
export interface CollectCapability<Settings> {
  /** Default: the setting `pollInterval`, else 5. After a failure: 10; while a backlog is reported: at once. */
  readonly every?: Every<Settings>;
  collect(context: PluginContext<Settings>): Some<EmittedEvent> | Promise<Some<EmittedEvent>>;
}

/** Work that comes back: syncs, clean-ups. Only while the plugin is enabled. */
export interface PeriodicCapability<Settings> {
  /** Default: the setting `pollInterval`, else 60. */
  readonly every?: Every<Settings>;
  tick(context: PluginContext<Settings>): void | Promise<void>;
}

/** Reports assets. What is missing from a report is kept as inactive, never deleted. */
export interface AssetsCapability<Settings> {
  /** Default: the setting `pollInterval`, else 3600. */
  readonly every?: Every<Settings>;
  /** The whole report; undefined where there is none now, which changes nothing. */
  assets(
    context: PluginContext<Settings>,
  ): Some<ReportedAsset> | undefined | Promise<Some<ReportedAsset> | undefined>;
  /** Seconds after which an asset that no report had counts as offline, which is told once. Default: 7 days. */
  readonly staleAfter?: Every<Settings>;
  /** Reads a whole report that was sent to the collector. Throws with a sentence where it is none. */
  read?(
    document: unknown,
    context: PluginContext<Settings>,
  ): Some<ReportedAsset> | Promise<Some<ReportedAsset>>;
}

/** Carries events and assets to another system. */
export interface ExportCapability<Settings> {
  /** Types of events, with `*` as wildcard. Default: all. */
  readonly eventTypes?: readonly string[];
  /** Called for each stored event, in order. */
  event?(event: Event, context: PluginContext<Settings>): void | Promise<void>;
  /** Called when an asset is new or changed; `manual` when a person asked for all of them. */
  asset?(asset: Asset, context: PluginContext<Settings>, manual: boolean): void | Promise<void>;
}
