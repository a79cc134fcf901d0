import type { z } from "zod";
import type {
  ActionCapability,
  AnalyzeCapability,
  AssetsCapability,
  CollectCapability,
  CorrelateCapability,
  DefaultView,
  DuplicateRule,
  EnrichCapability,
  ExportCapability,
  NotifyCapability,
  PageCapability,
  ParseCapability,
  PeriodicCapability,
  Widget,
} from "./capabilities/index.ts";
import { type AnyConnectionType, defineConnection, secretPaths } from "./connection/index.ts";
import type { PluginContext } from "./context.ts";
import type { Health } from "./deps.ts";
import type { InputCapability } from "./input.ts";
import { settingFields } from "./settings/index.ts";

/** A plugin: one integration, declared as data plus one file per capability. */
export interface Plugin<Settings = unknown> {
  /** Lower snake or kebab case, stable for ever: setting keys and diagnostics are named after it. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly author?: string;
  readonly apiVersion: 1;
  /**
   * Strict, bounded, defaulted and described. Keys are camelCase in TypeScript and YAML alike. Where there is a boolean
   * `enabled`, it switches every hook below that has a context.
   */
  readonly settings: z.ZodType<Settings>;
  /** Texts by language; `en` is complete, `de` has the same keys. */
  readonly locales: {
    readonly en: Readonly<Record<string, string>>;
    readonly de: Readonly<Record<string, string>>;
  };
  /** Kinds of connections, by a name that is stable for ever; people make named connections of them. */
  readonly connections?: Readonly<Record<string, AnyConnectionType>>;
  /** What this plugin promises about delivery, in words. */
  readonly guarantees?: string;
  /** Asked every minute while the plugin is enabled. */
  health?(context: PluginContext<Settings>): Health | Promise<Health>;

  /** Runs on agents. Its settings are of its own kind; `any` because `open` takes what only the schema knows. */
  // biome-ignore lint/suspicious/noExplicitAny: contravariant in `open`, as for AnyPlugin.
  readonly input?: InputCapability<any>;
  /** Runs on agents. */
  readonly parse?: ParseCapability;
  readonly enrich?: EnrichCapability<Settings>;
  readonly analyze?: AnalyzeCapability<Settings>;
  readonly correlate?: CorrelateCapability<Settings>;
  readonly notify?: NotifyCapability<Settings>;
  readonly action?: ActionCapability<Settings>;
  readonly export?: ExportCapability<Settings>;
  readonly assets?: AssetsCapability<Settings>;
  readonly collect?: CollectCapability<Settings>;
  readonly periodic?: PeriodicCapability<Settings>;
  readonly widgets?: readonly Widget[];
  readonly page?: PageCapability;
  /** Which of the events that the plugin emits are one. */
  readonly duplicates?: readonly DuplicateRule[];
  readonly views?: readonly DefaultView[];
}

/** Any plugin, whatever its settings: what a plugin list holds. */
// biome-ignore lint/suspicious/noExplicitAny: settings are contravariant in `open`, so `unknown` would refuse every plugin.
export type AnyPlugin = Plugin<any>;

/** What a plugin may be able to do, in the order of an event's way. */
export const capabilities = [
  ...["input", "collect", "parse", "enrich", "analyze", "correlate", "notify", "action"],
  ...["export", "assets", "periodic", "widgets", "page"],
] as readonly Capability[];
export type Capability = Extract<
  keyof AnyPlugin,
  | ("input" | "collect" | "parse" | "enrich" | "analyze" | "correlate" | "notify" | "action")
  | ("export" | "assets" | "periodic" | "widgets" | "page")
>;

export const capabilitiesOf = (plugin: AnyPlugin): Capability[] =>
  capabilities.filter((name) => plugin[name] !== undefined);

const ID = /^[a-z][a-z0-9_-]{1,62}$/;

/** Checks the manifest and returns it. Throws where a rule of the plugin contract is broken, naming it. */
export function definePlugin<Settings>(plugin: Plugin<Settings>): Plugin<Settings> {
  const fail = (why: string): never => {
    throw new TypeError(`Plugin "${plugin.id}": ${why}`);
  };
  if (!ID.test(plugin.id)) fail("the id must be 2 to 63 characters of a-z, 0-9, - and _, a letter first.");
  if (!/^\d+\.\d+\.\d+$/.test(plugin.version)) fail("the version must be three numbers, such as 1.0.0.");
  if (plugin.apiVersion !== 1)
    fail(`the apiVersion is ${String(plugin.apiVersion)}; this Vedette knows version 1.`);
  const missing = Object.keys(plugin.locales.en).filter((key) => !(key in plugin.locales.de));
  if (missing.length > 0) fail(`the locale "de" lacks ${missing.join(", ")}.`);
  if (plugin.input && !("shape" in plugin.input.settings))
    fail("the settings of its input must be an object.");
  if (capabilitiesOf(plugin).length === 0) fail("it has no capability.");
  const foreign = Object.keys(plugin.parse?.steps ?? {}).filter((name) => !name.startsWith(plugin.id));
  if (foreign.length > 0) fail(`its step ${foreign.join(", ")} does not begin with its id.`);
  const kinds = Object.entries(plugin.connections ?? {});
  for (const [kind, connection] of kinds) {
    if (!ID.test(kind)) fail(`the kind of connection "${kind}" must be named like a plugin.`);
    defineConnection(connection);
    // Throws where there would be no end of secrets.
    secretPaths(connection.settings);
  }
  for (const { key, connection } of settingFields(plugin.settings, {}, "en"))
    if (connection !== undefined && !kinds.some(([kind]) => kind === connection))
      fail(`its setting ${key} is for a connection of the kind "${connection}", which it does not have.`);
  for (const kind of Object.keys(plugin.notify?.channels ?? {}))
    if (!kinds.some(([name]) => name === kind))
      fail(`its channel is for a connection of the kind "${kind}", which it does not have.`);
  const wrong = actionProblem(plugin);
  if (wrong !== undefined) fail(wrong);
  const widgets = (plugin.widgets ?? []).map(({ id }) => id);
  if (new Set(widgets).size < widgets.length) fail("two of its widgets have one id.");
  const unknown = (plugin.page?.widgets ?? []).filter((id) => !widgets.includes(id));
  const elsewhere = (plugin.widgets ?? []).filter(({ id, on }) => on && plugin.page?.widgets.includes(id));
  if (elsewhere.length > 0) fail(`its page shows ${elsewhere[0]?.id}, which is shown with addresses.`);
  if (unknown.length > 0) fail(`its page shows ${unknown.join(", ")}, which is no widget of it.`);
  return plugin;
}

const ACTION = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/;

/** What is wrong with the actions of a plugin; undefined where nothing is. */
function actionProblem({ action }: AnyPlugin): string | undefined {
  const names = new Set<string>();
  for (const { name, aliases = [], targets, containment, parameters = [] } of action?.actions ?? []) {
    for (const each of [name, ...aliases]) {
      if (!ACTION.test(each) || each.length > 100)
        return `its action "${each}" must be named like security.ban.`;
      if (names.has(each)) return `two of its actions are called "${each}".`;
      names.add(each);
    }
    if (targets.length === 0) return `its action "${name}" has no target.`;
    if (containment && !action?.undo) return `its action "${name}" is a containment, and it has no undo.`;
    for (const { name: parameter, options, default: given, maxLength = 200 } of parameters) {
      if (options && !options.includes(given))
        return `the parameter "${parameter}" of "${name}" has a default that is none of its options.`;
      if (maxLength > 2_000) return `the parameter "${parameter}" of "${name}" is longer than 2,000.`;
    }
  }
  return undefined;
}

/** Puts plugins into a registry by id. Throws on a duplicate id or on two parsers of one data type. */
export function buildRegistry(plugins: readonly AnyPlugin[]): ReadonlyMap<string, AnyPlugin> {
  const registry = new Map<string, AnyPlugin>();
  const parsers = new Map<string, string>();
  for (const plugin of plugins) {
    if (registry.has(plugin.id)) throw new TypeError(`Two plugins have the id "${plugin.id}".`);
    registry.set(plugin.id, plugin);
    for (const dataType of plugin.parse?.dataTypes ?? []) {
      const other = parsers.get(dataType);
      if (other) throw new TypeError(`The plugins "${other}" and "${plugin.id}" both parse "${dataType}".`);
      parsers.set(dataType, plugin.id);
    }
  }
  return registry;
}

/** True where `VEDETTE_PLUGIN_<ID>_DISABLED` is 1, true, yes or on: then the plugin is absent, whatever its settings say. */
export function switchedOff(id: string, env: Readonly<Record<string, string | undefined>>): boolean {
  const name = id.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
  return /^(1|true|yes|on)$/i.test(env[`VEDETTE_PLUGIN_${name}_DISABLED`] ?? "");
}
