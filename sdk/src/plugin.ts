import type { z } from "zod";
import type { Deps, Health } from "./deps.ts";
import type { InputCapability } from "./input.ts";
import type { Alert } from "./schema/alert.ts";
import type { Event } from "./schema/event.ts";

/** Parses logs of some data types: pipeline files in the EventProcessor format, with their test folders. */
export interface ParseCapability {
  readonly dataTypes: readonly string[];
  /** Pipeline YAML files, run in this order. */
  readonly pipelines: readonly URL[];
}

/** Looks up facts about single values; the engine calls it once per distinct value and caches the answer. */
export interface Enricher {
  /** Paths added below the side of the looked-up value, such as `geolocation.country`; undefined when nothing is known. */
  lookup(value: string): Readonly<Record<string, string | number>> | undefined;
  health?(): Health;
  close?(): Promise<void>;
}

export interface EnrichCapability<Settings> {
  /** Which side field is looked up, in `origin` and in `target`. */
  readonly from: "ip" | "host" | "domain" | "user" | "hash";
  /** Paths below the side that an answer may set. A value the producer set itself always wins. */
  readonly to: readonly string[];
  open(settings: Settings, deps: Deps & { readonly stateDir?: string }): Promise<Enricher>;
}

/** Evaluates events and raises alerts: rule files, or code for what rules cannot say. */
export interface AnalyzeCapability<Settings> {
  /** Rule YAML files in the EventProcessor format. */
  readonly rules?: readonly URL[];
  open?(
    settings: Settings,
    deps: Deps,
  ): Promise<{ analyze(event: Event): Iterable<Alert> | AsyncIterable<Alert> }>;
}

/** A plugin: one integration, declared as data plus one file per capability. */
export interface Plugin<Settings = unknown> {
  /** Lower snake or kebab case, stable for ever: setting keys and diagnostics are named after it. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly author?: string;
  readonly apiVersion: 1;
  /** Strict, bounded, defaulted and described. Keys are camelCase in TypeScript and YAML alike. */
  readonly settings: z.ZodType<Settings>;
  /** Texts by language; `en` is complete, `de` has the same keys. */
  readonly locales: {
    readonly en: Readonly<Record<string, string>>;
    readonly de: Readonly<Record<string, string>>;
  };
  /** What this plugin promises about delivery, in words. */
  readonly guarantees?: string;
  /** Its settings are of its own kind; `any` because `open` takes what only the schema knows. */
  // biome-ignore lint/suspicious/noExplicitAny: contravariant in `open`, as for AnyPlugin.
  readonly input?: InputCapability<any>;
  readonly parse?: ParseCapability;
  readonly enrich?: EnrichCapability<Settings>;
  readonly analyze?: AnalyzeCapability<Settings>;
}

/** Any plugin, whatever its settings: what a plugin list holds. */
// biome-ignore lint/suspicious/noExplicitAny: settings are contravariant in `open`, so `unknown` would refuse every plugin.
export type AnyPlugin = Plugin<any>;

const ID = /^[a-z][a-z0-9_-]{1,62}$/;

/** Checks the manifest and returns it. Throws where a rule of the plugin contract is broken, naming it. */
export function definePlugin<Settings>(plugin: Plugin<Settings>): Plugin<Settings> {
  const fail = (why: string): never => {
    throw new TypeError(`Plugin "${plugin.id}": ${why}`);
  };
  if (!ID.test(plugin.id)) fail("the id must be 2 to 63 characters of a-z, 0-9, - and _, a letter first.");
  if (!/^\d+\.\d+\.\d+$/.test(plugin.version)) fail("the version must be three numbers, such as 1.0.0.");
  const missing = Object.keys(plugin.locales.en).filter((key) => !(key in plugin.locales.de));
  if (missing.length > 0) fail(`the locale "de" lacks ${missing.join(", ")}.`);
  if (plugin.input && !("shape" in plugin.input.settings))
    fail("the settings of its input must be an object.");
  if (!plugin.input && !plugin.parse && !plugin.enrich && !plugin.analyze) fail("it has no capability.");
  return plugin;
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
