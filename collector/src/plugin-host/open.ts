import { hash } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type Discovered, discover } from "@vedette/core/plugin-folders";
import { type AnyPlugin, connectionKeys, type Deps, type Egress } from "@vedette/sdk";
import type { AlertKeeper } from "../alerting/index.ts";
import type { CollectorConfig } from "../config/index.ts";
import type { Connections } from "../connections/index.ts";
import type { ControlDatabase, SecretBox } from "../control/index.ts";
import type { Store } from "../store/index.ts";
import { PluginHost, type PluginHostDeps } from "./host.ts";
import { threaded } from "./thread/index.ts";

interface OpenDeps extends Deps {
  readonly builtin: readonly AnyPlugin[];
  readonly baseDir: string;
  readonly control: ControlDatabase;
  readonly secrets: SecretBox;
  readonly connections: Connections;
  readonly egress: Egress;
  readonly store: Store;
  /** Where the findings of plugins go. */
  readonly alerting: AlertKeeper;
  readonly accept: PluginHostDeps["accept"];
  /** What `discoverPlugins` gave. */
  readonly discovered: Discovered;
}

/** The plugins of a collector, loaded and not yet started. */
export interface OpenedPlugins {
  readonly host: PluginHost;
  /** Looks through the plugin folders again: new plugins run, changed ones run anew, missing ones end. Rules are read at start only. */
  rediscover(): Promise<void>;
}

/** Loads what is in the configured plugin folders, before anything is opened: rules come with it. */
export async function discoverPlugins(
  config: CollectorConfig,
  baseDir: string,
  builtin: readonly AnyPlugin[],
): Promise<Discovered> {
  const { plugins, broken } = await discover(
    config.pluginFolders.map((folder) => resolve(baseDir, folder)),
    new Set(builtin.map(({ id }) => id)),
  );
  return { plugins: threaded(config, plugins), broken };
}

/** Gives the built-in plugins and those of the configured folders, with their settings. */
export async function openPlugins(config: CollectorConfig, deps: OpenDeps): Promise<OpenedPlugins> {
  const { builtin, baseDir, control, connections, store, log, clock, signal } = deps;
  const host = new PluginHost({
    ...{ log, clock, signal, database: control, configured: config.plugins, accept: deps.accept },
    ...{ secrets: deps.secrets, egress: deps.egress, lease: (by) => connections.lease(by) },
    query: (sql, params, options) => store.query(sql, params, options),
    raise: (alerts, ending) => {
      const token = hash("sha256", alerts.map(({ id = "" }) => id).join("\n"));
      return deps.alerting.keep(alerts, token, ending);
    },
    agentId: `collector@${hostname()}`.slice(0, 200),
  });
  const load = async ({ plugins, broken }: Discovered): Promise<void> => {
    for (const { place, reason } of broken)
      log.error({ place, reason }, "A plugin cannot be loaded; the others go on.");
    host.broken = broken;
    await host.load([...builtin, ...plugins]);
  };
  await load(deps.discovered);
  connections.addUses(async () =>
    host.list().flatMap(({ plugin, effective }) =>
      connectionKeys(plugin.settings).map((key) => ({
        ...{
          connection: String(effective.values[key] ?? ""),
          by: `the setting ${key} of the plugin ${plugin.id}`,
        },
      })),
    ),
  );
  return {
    host,
    rediscover: async () => {
      await load(await discoverPlugins(config, baseDir, builtin));
      host.start();
    },
  };
}
