import { placeOf } from "@vedette/core/plugin-folders";
import type { AnyConnectionType, AnyPlugin, PluginContext } from "@vedette/sdk";
import type { CollectorConfig } from "../../config/index.ts";
import { contextMark } from "./protocol.ts";
import { type AnyContext, PluginThread, type ThreadStats } from "./thread.ts";

/** Functions of a plugin that its thread runs, by their capability. The others are data, or must answer at once. */
const hooks = {
  collect: ["collect"],
  periodic: ["tick"],
  assets: ["assets", "read"],
  export: ["event", "asset"],
  analyze: ["analyze"],
  correlate: ["correlate"],
  notify: ["notify"],
  action: ["validate", "execute", "undo", "list"],
} as const satisfies Partial<Record<keyof AnyPlugin, readonly string[]>>;

const threads = new WeakMap<AnyPlugin, PluginThread>();
/** Of each configuration, so that a plugin that was not changed is the same object when folders are looked through again. */
const made = new WeakMap<CollectorConfig, WeakMap<AnyPlugin, AnyPlugin>>();

/** Those of the plugins that are to have a thread of their own, with hooks that call it. */
export function threaded(config: CollectorConfig, plugins: readonly AnyPlugin[]): AnyPlugin[] {
  const { pluginThreads, egress } = config;
  if (!pluginThreads) return [...plugins];
  const known = made.get(config) ?? new WeakMap<AnyPlugin, AnyPlugin>();
  made.set(config, known);
  const wanted = new Set(pluginThreads.plugins);
  return plugins.map((plugin) => {
    const place = placeOf(plugin);
    if (place === undefined || !(wanted.has("*") || wanted.has(plugin.id))) return plugin;
    const before = known.get(plugin);
    if (before) return before;
    const options = { place, allow: egress.allow, memoryMiB: pluginThreads.memoryMiB };
    const thread = new PluginThread({
      ...options,
      connection: (kind, name, context: PluginContext<unknown>) =>
        context.connection(withHooks.connections![kind]!, name),
    });
    const withHooks = inThread(plugin, thread);
    known.set(plugin, withHooks);
    threads.set(withHooks, thread);
    return withHooks;
  });
}

/** How a plugin's thread is; undefined where it has none. */
export const threadStats = (plugin: AnyPlugin): ThreadStats | undefined => threads.get(plugin)?.stats();

/** Ends a plugin's thread, where it has one. */
export const endThread = async (plugin: AnyPlugin): Promise<void> => threads.get(plugin)?.stop();

type Owner = Readonly<Record<string, unknown>>;

function inThread(plugin: AnyPlugin, thread: PluginThread): AnyPlugin {
  const remote =
    (...path: readonly string[]) =>
    (...args: readonly unknown[]): Promise<unknown> => {
      const at = args.findIndex(isContext);
      if (at < 0) return Promise.reject(new TypeError(`${path.join(".")} was called without a context.`));
      const sent = args.map((arg, index) => (index === at ? contextMark : arg));
      return thread.call(path, sent, args[at] as AnyContext);
    };
  const changed: Record<string, unknown> = {};
  if (plugin.health) changed["health"] = remote("health");
  for (const [capability, names] of Object.entries(hooks)) {
    const owner = plugin[capability as keyof AnyPlugin] as Owner | undefined;
    if (!owner) continue;
    const there = names.filter((name) => typeof owner[name] === "function");
    changed[capability] = {
      ...owner,
      ...Object.fromEntries(there.map((name) => [name, remote(capability, name)])),
    };
  }
  const { channels } = plugin.notify ?? {};
  if (channels)
    changed["notify"] = {
      ...(changed["notify"] as object),
      channels: Object.fromEntries(
        Object.entries(channels).map(([kind, channel]) => [
          kind,
          { ...channel, send: remote("notify", "channels", kind, "send") },
        ]),
      ),
    };
  if (plugin.connections)
    changed["connections"] = Object.fromEntries(
      Object.entries(plugin.connections).map(([kind, type]) => [
        kind,
        closed(type, remote("connections", kind, "test")),
      ]),
    );
  return { ...plugin, ...changed };
}

/** A kind of connection that gives its settings: the thread opens them. */
function closed(type: AnyConnectionType, test: (...args: unknown[]) => Promise<unknown>): AnyConnectionType {
  const { title, description, settings, cacheKey } = type;
  return {
    ...{ title, settings },
    ...(description !== undefined && { description }),
    ...(cacheKey && { cacheKey }),
    ...(type.test && { test: test as never }),
  };
}

const isContext = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "signal" in value && value.signal instanceof AbortSignal;
