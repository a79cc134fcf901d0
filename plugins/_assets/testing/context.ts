import { type AnyPlugin, type Asset, createEgress, type PluginContext, type Release } from "@vedette/sdk";
import { manualClock, recordingLogger, testDeps } from "@vedette/sdk/testing";

/** What a hook of a plugin works with, with a state and a directory of assets that a test can look at. */
export function pluginContext<Settings>(
  plugin: AnyPlugin,
  settings: object,
  { allow = ["127.0.0.1"], assets = [] }: { allow?: string[]; assets?: Asset[] } = {},
) {
  const state = new Map<string, unknown>();
  const released: Release[] = [];
  const clock = manualClock();
  const log = recordingLogger();
  const context: PluginContext<Settings> = {
    ...{ ...testDeps(), clock, log },
    settings: plugin.settings.parse(settings) as Settings,
    egress: createEgress({ allow }),
    state: {
      get: async <Value>(key: string) => structuredClone(state.get(key)) as Value | undefined,
      set: async (key, value) => void state.set(key, structuredClone(value)),
      delete: async (key) => void state.delete(key),
    },
    assets: { list: async () => assets, released: async (list) => void released.push(...list) },
    emit: async () => undefined,
    backlog: () => undefined,
    exportAsset: async () => undefined,
    connection: async () => {
      throw new Error("There is no connection in this test.");
    },
  };
  return { context, state, released, clock, log, assets };
}
