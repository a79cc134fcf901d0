import type { z } from "zod";
import type { Alert } from "./schema/alert.ts";
import type { Event } from "./schema/event.ts";

/** Structured logger as plugins and the engine see it: constant sentence last, fields first. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Time as code sees it, so that no test sleeps. Milliseconds since 1970, UTC. */
export interface Clock {
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** What the engine passes to everything it opens. `signal` aborts when the work must end. */
export interface Deps {
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Health {
  readonly status: "healthy" | "warning" | "error";
  readonly message: string;
  /** Databases in use and when their data was made, RFC 3339. */
  readonly databases?: readonly { readonly name: string; readonly builtAt: string }[];
}

/** Where a log lies in its source. `end` is the offset just past it: the place to resume after it. */
export interface Position {
  /** Identity of the source, stable across rotation, such as a file's fingerprint. */
  readonly source: string;
  readonly offset: number;
  readonly end: number;
}

/** One log as an input hands it over. */
export interface InputLog {
  readonly id: string;
  readonly dataType: string;
  readonly dataSource: string;
  /** Time of read, milliseconds since 1970. */
  readonly time: number;
  readonly raw: string;
  readonly position: Position;
  /** Set when `raw` was cut at the line limit or holds replaced bytes; becomes an entry of `errors`. */
  readonly flaw?: string;
}

/** Where an input puts its logs. A returned promise is back-pressure: read no more until it resolves. */
export interface InputSink {
  push(log: InputLog): void | Promise<void>;
}

/** A running input. */
export interface Input {
  /** Reads until the signal of its deps aborts, then returns. Called once. */
  run(sink: InputSink): Promise<void>;
  /** Called after the batch that holds everything up to this position is on disk. Only now may a checkpoint move. */
  durable(position: Position): void | Promise<void>;
  health?(): Health;
}

/** Reads logs on a host. */
export interface InputCapability<Settings> {
  open(settings: Settings, deps: Deps & { readonly stateDir: string }): Promise<Input>;
}

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
  readonly input?: InputCapability<Settings>;
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
