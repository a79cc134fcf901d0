import type { Batch } from "@vedette/core/batch";
import type { BrokenPlugin } from "@vedette/core/plugin-folders";
import {
  type Alert,
  type AnyPlugin,
  type Asset,
  type Deps,
  type Event,
  type Finding,
  type Message,
  messageOf,
} from "@vedette/sdk";
import { Assets } from "../assets/index.ts";
import type { ControlDatabase, SecretBox } from "../control/index.ts";
import { AssetWatch } from "./asset-watch.ts";
import { Blocking } from "./blocking.ts";
import { Emitter } from "./emitter.ts";
import { type EntryHooks, type PluginCondition, PluginEntry } from "./entry.ts";
import { alertOf } from "./finding.ts";
import { type KnownEvents, knownEvents } from "./known-events.ts";
import { type Effective, PluginSettings } from "./settings.ts";
import { SharedEvents } from "./shared-events.ts";
import { endThread } from "./thread/index.ts";
import { deadlines, type HostDeps } from "./types.ts";

export interface PluginHostDeps extends Deps {
  readonly database: ControlDatabase;
  readonly secrets: SecretBox;
  readonly egress: HostDeps["egress"];
  readonly lease: HostDeps["lease"];
  readonly configured: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly accept: ConstructorParameters<typeof Emitter>[0]["accept"];
  readonly query: Parameters<typeof knownEvents>[0]["query"];
  /** Stores alerts that plugins' own code raised; resolves when they are on disk, with those that nothing hides. */
  readonly raise: (alerts: readonly Alert[], signal: AbortSignal) => Promise<readonly Alert[]>;
  readonly agentId: string;
  readonly deadlineMs?: HostDeps["deadlineMs"];
  readonly leastSeconds?: number;
}

/** Sees what is stored; neither throws nor waits. */
interface Watcher {
  stored(batches: readonly Batch[]): void;
  alerted(alerts: readonly Alert[]): void;
}

/** The same alert again is not told again; so many are remembered. */
const alertsRemembered = 10_000;

/** Runs what plugins bring to a collector: each with its own settings, deadlines, queues and faults. */
export class PluginHost {
  readonly settings: PluginSettings;
  readonly assets: Assets;
  broken: readonly BrokenPlugin[] = [];
  readonly #deps: PluginHostDeps;
  readonly #shared: HostDeps;
  readonly #watch: AssetWatch;
  readonly #entries = new Map<string, PluginEntry>();
  readonly #listeners: ((entry: PluginEntry) => Promise<void>)[] = [];
  readonly #watchers: Watcher[] = [];
  readonly #told = new Set<string>();
  #stopped = false;

  constructor(deps: PluginHostDeps) {
    const { database, secrets, configured, clock, log } = deps;
    this.#deps = deps;
    this.settings = new PluginSettings({ database, secrets, configured, clock, log });
    this.assets = new Assets(database, clock);
    const known: KnownEvents = knownEvents({ query: deps.query });
    this.#shared = {
      ...{ log, clock, signal: deps.signal, database, assets: this.assets },
      ...{ egress: deps.egress, lease: deps.lease, blocking: new Blocking({ log, clock }) },
      emitter: new Emitter({ accept: deps.accept, known, agentId: deps.agentId, clock }),
      deadlineMs: deps.deadlineMs ?? deadlines,
      leastSeconds: deps.leastSeconds ?? 1,
    };
    this.#watch = new AssetWatch({ ...this.#shared, entries: () => this.list() });
  }

  /** Loads the settings of plugins, without starting anything. Those that were there before and are not named end. */
  async load(plugins: readonly AnyPlugin[]): Promise<void> {
    for (const [id, entry] of this.#entries) {
      if (plugins.some((plugin) => plugin === entry.plugin)) continue;
      await entry.close();
      await endThread(entry.plugin);
      this.#entries.delete(id);
    }
    for (const plugin of plugins) if (!this.#entries.has(plugin.id)) await this.#open(plugin);
  }

  /** Starts loops and queues of all plugins; from now on a change of settings does so at once. */
  start(): void {
    this.#started = true;
    this.#shared.blocking.start();
    for (const entry of this.#entries.values()) entry.start();
    this.#watch.start();
  }
  #started = false;

  list(): readonly PluginEntry[] {
    return [...this.#entries.values()];
  }

  get(id: string): PluginEntry | undefined {
    return this.#entries.get(id);
  }

  /** Called after the settings of a plugin have changed, with the entry that has the new ones. */
  onChange(listener: (entry: PluginEntry) => Promise<void>): void {
    this.#listeners.push(listener);
  }

  /** Stores changed settings and runs the plugin with them from now on. Throws `SettingsRefused`. */
  async save(
    id: string,
    changes: Readonly<Record<string, unknown>>,
    actor: string,
  ): Promise<PluginEntry | undefined> {
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    await this.settings.save(entry.plugin, changes, actor);
    await entry.close();
    const next = await this.#open(entry.plugin);
    if (this.#started) next.start();
    for (const listener of this.#listeners)
      await listener(next).catch((error: unknown) =>
        this.#deps.log.error({ plugin: id, error }, "A part could not take the plugin's new settings."),
      );
    return next;
  }

  /** What the settings of a plugin would be after changes. Throws `SettingsRefused`. */
  async preview(id: string, changes: Readonly<Record<string, unknown>>): Promise<Effective | undefined> {
    const entry = this.#entries.get(id);
    return entry && (await this.settings.preview(entry.plugin, changes));
  }

  /** Shows to this too what plugins are shown. */
  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  /** Shows newly stored batches to the plugins that want to see events. Costs next to nothing where none does. */
  stored(batches: readonly Batch[]): void {
    for (const watcher of this.#watchers) watcher.stored(batches);
    const entries = [...this.#entries.values()].flatMap((entry) => {
      const wants = entry.wants();
      return wants ? [{ entry, wants }] : [];
    });
    if (entries.length === 0) return;
    for (const batch of batches) {
      const shared = new SharedEvents(batch);
      for (const { entry, wants } of entries) {
        const events = shared.wanted(wants);
        if (events.length > 0) entry.stored(events);
      }
    }
  }

  /** Shows newly stored alerts to the plugins that want to see them, each once. */
  alerted(alerts: readonly Alert[]): void {
    const fresh = alerts.filter(({ id = "" }) => this.#first(id));
    if (fresh.length === 0) return;
    for (const watcher of this.#watchers) watcher.alerted(fresh);
    for (const entry of this.#entries.values()) entry.alerted(fresh);
    for (const { events, lastEvent, ...head } of fresh) {
      void events;
      this.tell("alert", head.id ?? "", { ...head, lastEvent: lastEvent?.id });
    }
  }

  /** Gives a message to the plugins that carry such out. `id` names it for good. */
  tell(topic: string, id: string, message: object): void {
    const timestamp = new Date(this.#deps.clock.now()).toISOString();
    const told: Message = { id, timestamp, topic, message: JSON.stringify(message) };
    for (const entry of this.#entries.values()) entry.tell(told);
  }

  /** Gives every active asset to the plugins that export assets, because a person asked. */
  async exportAssets(): Promise<number> {
    const assets = await this.assets.list(20_000, true);
    for (const { asset } of assets) this.#export(asset, true);
    return assets.length;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#watch.stop();
    this.#shared.blocking.stop();
    await Promise.all(this.list().map((entry) => entry.close()));
    await Promise.all(this.list().map(({ plugin }) => endThread(plugin)));
  }

  async #open(plugin: AnyPlugin): Promise<PluginEntry> {
    const effective = await this.settings.effective(plugin);
    for (const problem of effective.problems)
      this.#deps.log.warn(
        { plugin: plugin.id, ...problem },
        "A stored setting does not fit; its default holds.",
      );
    const entry = new PluginEntry(plugin, effective, this.#shared, this.#hooks());
    this.#entries.set(plugin.id, entry);
    return entry;
  }

  #hooks(): EntryHooks {
    return {
      exportAsset: (asset, manual) => this.#export(asset, manual),
      findings: (plugin, event, findings) => this.#findings(plugin, event, findings),
      changed: (entry, before, after) => this.#changed(entry, before, after),
    };
  }

  #export(asset: Asset, manual: boolean): void {
    for (const entry of this.#entries.values()) entry.exportAsset(asset, manual);
  }

  async #findings(plugin: AnyPlugin, event: Event, findings: readonly Finding[]): Promise<void> {
    const now = this.#deps.clock.now();
    const alerts = findings.map((finding) => alertOf(plugin.id, finding, event, now));
    this.alerted(await this.#deps.raise(alerts, this.#deps.signal));
  }

  #changed(entry: PluginEntry, before: PluginCondition, after: PluginCondition): void {
    const { id, name } = entry.plugin;
    const { message } = entry;
    this.#deps.log.info(
      { plugin: id, before, after, said: message },
      "The condition of a plugin has changed.",
    );
    if (after !== "error" || this.#stopped) return;
    this.tell("system.plugin_error", `${id}/${this.#deps.clock.now()}`, { plugin: id, name, message });
    const event = {
      ...{ eventType: "system.plugin_error", severity: "high", dataType: "vedette", dataSource: "collector" },
      log: { plugin: id, message },
      raw: `plugin ${id}: ${message}`,
    };
    this.#shared.emitter.emit(entry.plugin, [event], this.#deps.signal).catch((error: unknown) => {
      if (!this.#deps.signal.aborted)
        this.#deps.log.warn(
          { plugin: id, reason: messageOf(error) },
          "A plugin's error could not be stored.",
        );
    });
  }

  #first(id: string): boolean {
    if (this.#told.has(id)) return false;
    this.#told.add(id);
    if (this.#told.size > alertsRemembered) for (const oldest of this.#told) return this.#told.delete(oldest);
    return true;
  }
}
