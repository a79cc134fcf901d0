import type { AnyPlugin, Asset, PluginContext } from "@vedette/sdk";
import type { ConnectionLease } from "../connections/index.ts";
import { assetDirectory } from "./asset-directory.ts";
import type { Component } from "./component.ts";
import { pluginState } from "./state.ts";
import type { HostDeps } from "./types.ts";

interface CallOf {
  readonly settings: unknown;
  readonly deps: HostDeps;
  readonly component: Component;
  readonly signal: AbortSignal;
  readonly lease: ConnectionLease;
  readonly exportAsset: (asset: Asset) => void;
  /** Is told why events were left out. */
  readonly refused: (reasons: readonly string[]) => void;
}

/** What one call of a plugin's hook works with. */
export function contextOf(
  plugin: AnyPlugin,
  { settings, deps, component, signal, lease, exportAsset, refused }: CallOf,
): PluginContext<unknown> {
  const { database, clock, log, emitter, egress, assets } = deps;
  const { id } = plugin;
  const tell = (fields: object): object => ({ plugin: id, ...fields });
  return {
    ...{ settings, clock, signal, egress },
    connection: (kind, name) => lease.connection(kind, name),
    log: {
      debug: (fields, message) => log.debug(tell(fields), message),
      info: (fields, message) => log.info(tell(fields), message),
      warn: (fields, message) => log.warn(tell(fields), message),
      error: (fields, message) => log.error(tell(fields), message),
    },
    state: pluginState(id, database, clock.now),
    emit: async (...events) => refused((await emitter.emit(plugin, events, signal)).refused),
    backlog: (left) => {
      component.backlog = left;
    },
    exportAsset: async (asset) => exportAsset(asset),
    assets: assetDirectory(assets, exportAsset),
  };
}
