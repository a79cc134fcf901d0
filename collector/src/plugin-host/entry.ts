import { setTimeout } from "node:timers/promises";
import { rateLimited } from "@vedette/core/telemetry";
import {
  type ActionDefinition,
  type Alert,
  type AnyPlugin,
  type Asset,
  type Backlog,
  type EmittedEvent,
  type Event,
  type Every,
  type Finding,
  type Health,
  isVedetteError,
  type Message,
  messageOf,
  type PluginContext,
  VedetteError,
} from "@vedette/sdk";
import type { Reported } from "../assets/index.ts";
import { pause } from "../bounded/index.ts";
import type { ConnectionLease } from "../connections/index.ts";
import { Component, type ComponentStats, type Role } from "./component.ts";
import { contextOf } from "./context.ts";
import { CallQueue } from "./queue.ts";
import type { Effective } from "./settings.ts";
import type { HostDeps } from "./types.ts";
import { matchesType } from "./wildcard.ts";

/** How a plugin does, for pages. */
export type PluginCondition = "healthy" | "warning" | "error" | "disabled";

/** Seconds between calls where neither plugin nor settings say; and after a failure, and while there is more. */
const every = { collect: 5, periodic: 60, assets: 3_600, health: 60 } as const;
const [afterFailureMs, backlogMs] = [10_000, 200];
const emitAtOnce = 200;
const staleSeconds = 7 * 86_400;

/** What an entry asks of the host it lives in. */
export interface EntryHooks {
  exportAsset(asset: Asset, manual: boolean): void;
  findings(plugin: AnyPlugin, event: Event, findings: readonly Finding[]): Promise<void>;
  changed(entry: PluginEntry, before: PluginCondition, after: PluginCondition): void;
}

/** One plugin while its settings hold: its loops, its queues, and what became of its calls. */
export class PluginEntry {
  readonly plugin: AnyPlugin;
  readonly effective: Effective;
  readonly #deps: HostDeps;
  readonly #hooks: EntryHooks;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  /** By role, and those of actions by `action` and its name. */
  readonly #components = new Map<string, Component>();
  readonly #work: Promise<void>[] = [];
  #exports:
    | CallQueue<{ readonly event: Event } | { readonly asset: Asset; readonly manual: boolean }>
    | undefined;
  #analysis: CallQueue<Event> | undefined;
  #correlation: CallQueue<Alert> | undefined;
  #notices: CallQueue<Message> | undefined;
  #health: Health = { status: "healthy", message: "" };
  #last: PluginCondition = "healthy";
  #isStarted = false;
  readonly #warnings = new Map<string, (fields: object, message: string) => void>();

  constructor(plugin: AnyPlugin, effective: Effective, deps: HostDeps, hooks: EntryHooks) {
    this.plugin = plugin;
    this.effective = effective;
    this.#deps = deps;
    this.#hooks = hooks;
    this.#signal = AbortSignal.any([deps.signal, this.#ending.signal]);
  }

  /** False where the plugin has a setting `enabled` that is off. */
  get enabled(): boolean {
    return this.effective.values["enabled"] !== false;
  }

  get condition(): PluginCondition {
    if (!this.enabled) return "disabled";
    if ([...this.#components.values()].some(({ failed }) => failed) || this.#health.status === "error")
      return "error";
    return this.effective.problems.length > 0 ? "warning" : this.#health.status;
  }

  /** A sentence about the condition. */
  get message(): string {
    const failed = [...this.#components.values()]
      .map((each) => each.stats())
      .find(({ status }) => status === "error");
    const [problem] = this.effective.problems;
    if (!this.enabled) return "Switched off.";
    if (failed?.lastError) return failed.lastError.message;
    if (problem) return `${problem.key}: ${problem.message}`;
    return this.#health.message || "Ready.";
  }

  components(): ComponentStats[] {
    return [...this.#components.values()].map((component) => component.stats());
  }

  /** Starts what comes by itself. */
  start(): void {
    if (!this.enabled || this.#isStarted) return;
    this.#isStarted = true;
    const { plugin } = this;
    if (plugin.collect) this.#loop("collect", plugin.collect.every, (context) => this.#collect(context));
    if (plugin.periodic) {
      const { periodic } = plugin;
      this.#loop("periodic", periodic.every, (context) => periodic.tick(context));
    }
    if (plugin.assets) this.#loop("assets", plugin.assets.every, (context) => this.#assets(context));
    if (plugin.health) this.#loop("health", every.health, (context) => this.#ask(context));
    if (plugin.export) {
      const { export: exporting } = plugin;
      this.#exports = this.#queue("export", (item, context) =>
        "event" in item
          ? exporting.event?.(item.event, context)
          : exporting.asset?.(item.asset, context, item.manual),
      );
    }
    if (plugin.analyze?.analyze)
      this.#analysis = this.#queue("analyze", (event, context) => this.#analyze(event, context));
    const { correlate, notify } = plugin;
    if (correlate)
      this.#correlation = this.#queue("correlate", (alert, context) => correlate.correlate(alert, context));
    if (notify?.notify)
      this.#notices = this.#queue("notify", (message, context) => notify.notify?.(message, context));
  }

  /** Types of stored events it wants to see; undefined where it wants none. */
  wants(): ((eventType: string) => boolean) | undefined {
    const { analyze, export: exporting } = this.plugin;
    const filters = [
      ...(this.#analysis ? [analyze?.eventTypes] : []),
      ...(this.#exports && exporting?.event ? [exporting.eventTypes] : []),
    ];
    if (filters.length === 0) return undefined;
    return (eventType) => filters.some((types) => matchesType(types, eventType));
  }

  stored(events: readonly Event[]): void {
    const { analyze, export: exporting } = this.plugin;
    const of = (types: readonly string[] | undefined) =>
      events.filter(({ eventType = "" }) => matchesType(types, eventType));
    this.#analysis?.add(of(analyze?.eventTypes));
    if (exporting?.event) this.#exports?.add(of(exporting.eventTypes).map((event) => ({ event })));
  }

  alerted(alerts: readonly Alert[]): void {
    this.#correlation?.add(alerts);
  }

  tell(message: Message): void {
    if (matchesType(this.plugin.notify?.topics, message.topic)) this.#notices?.add([message]);
  }

  exportAsset(asset: Asset, manual: boolean): void {
    if (this.plugin.export?.asset) this.#exports?.add([{ asset, manual }]);
  }

  /** Calls an action of the plugin; rejects with what it threw, and as `plugin.timed_out` when its time is over. */
  async act<T>(
    { name, deadlineSeconds = 30 }: ActionDefinition,
    work: (context: PluginContext<unknown>) => T | Promise<T>,
  ): Promise<T> {
    const component =
      this.#components.get(`action ${name}`) ??
      this.#component("action", Math.min(300, deadlineSeconds) * 1_000, `action ${name}`);
    if (component.busy)
      throw new VedetteError(
        "action.unavailable",
        `The plugin ${this.plugin.id} still hangs in an earlier call of ${name}.`,
        { verdict: "retry", afterMs: 5_000 },
      );
    const lease = this.#deps.lease(`${this.plugin.id} (${name})`);
    // What an action refuses is an answer, and no fault of the plugin.
    const call = async (signal: AbortSignal): Promise<{ value: T } | { refused: unknown }> => {
      try {
        return { value: await work(this.#context(component, signal, lease)) };
      } catch (error) {
        if (isVedetteError(error) && error.code === "action.refused") return { refused: error };
        throw error;
      }
    };
    try {
      const answer = await component.run(this.#signal, call);
      if ("refused" in answer) throw answer.refused;
      return answer.value;
    } catch (error) {
      throw error instanceof Error && isVedetteError(error.cause) ? error.cause : error;
    } finally {
      lease.release();
      this.#noteChange();
    }
  }

  /** Waits until nothing waits any more that was handed over. */
  async idle(): Promise<void> {
    for (const queue of [this.#analysis, this.#exports, this.#correlation, this.#notices])
      await queue?.idle();
  }

  /** Ends its loops; what hangs is left behind, its signal has aborted. */
  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.race([
      Promise.allSettled([...this.#work, this.idle()]),
      setTimeout(2_000, undefined, { ref: false }),
    ]);
  }

  #context(component: Component, signal: AbortSignal, lease: ConnectionLease): PluginContext<unknown> {
    return contextOf(this.plugin, {
      ...{ settings: this.effective.values, deps: this.#deps, component, signal, lease },
      exportAsset: (asset) => this.#hooks.exportAsset(asset, false),
      refused: (reasons) => this.#refused(component, reasons),
    });
  }

  /** Warnings of a kind, at most one a minute: a plugin that fails every second must not fill the log. */
  #warnOf(kind: "failed" | "refused"): (fields: object, message: string) => void {
    const known = this.#warnings.get(kind);
    if (known) return known;
    const { log, clock } = this.#deps;
    const warn = (fields: object, message: string): void =>
      log.warn({ plugin: this.plugin.id, ...fields }, message);
    const made = rateLimited(warn, 60_000, clock.now);
    this.#warnings.set(kind, made);
    return made;
  }

  #refused(component: Component, reasons: readonly string[]): void {
    component.dropped += reasons.length;
    if (reasons.length > 0)
      this.#warnOf("refused")(
        { count: reasons.length, reason: reasons[0] },
        "Events of a plugin were left out.",
      );
  }

  async #call<T>(
    component: Component,
    work: (context: PluginContext<unknown>) => T | Promise<T>,
  ): Promise<T | undefined> {
    const lease = this.#deps.lease(`${this.plugin.id} (${component.role})`);
    try {
      return await component.run(this.#signal, (signal) => work(this.#context(component, signal, lease)));
    } catch (error) {
      if (!this.#signal.aborted)
        this.#warnOf("failed")({ part: component.role, error }, "A plugin failed; the others go on.");
      return undefined;
    } finally {
      lease.release();
      this.#noteChange();
    }
  }

  #noteChange(): void {
    const now = this.condition;
    if (now === this.#last || this.#signal.aborted) return;
    const before = this.#last;
    this.#last = now;
    this.#hooks.changed(this, before, now);
  }

  #component(role: Role, deadlineMs = this.#deps.deadlineMs[role], name: string = role): Component {
    const component = new Component(this.plugin.id, role, deadlineMs, this.#deps.clock, this.#deps.blocking);
    this.#components.set(name, component);
    return component;
  }

  #queue<Item>(
    role: Role,
    work: (item: Item, context: PluginContext<unknown>) => void | Promise<void>,
  ): CallQueue<Item> {
    const component = this.#component(role);
    const call = async (item: Item): Promise<void> => {
      await this.#call(component, (context) => work(item, context));
    };
    return new CallQueue(component, call, this.#signal);
  }

  #loop(
    role: Role & keyof typeof every,
    interval: Every<unknown> | undefined,
    work: (context: PluginContext<unknown>) => void | Promise<void>,
  ): void {
    const component = this.#component(role);
    const run = async (): Promise<void> => {
      while (!this.#signal.aborted) {
        component.backlog = undefined;
        await this.#call(component, work);
        const backlog = component.backlog as Backlog | undefined;
        await pause(waitMs(component, backlog, this.#seconds(role, interval)), this.#signal);
      }
    };
    this.#work.push(run().catch(() => undefined));
  }

  #seconds(role: keyof typeof every, interval: Every<unknown> | undefined): number {
    const { values } = this.effective;
    const asked = typeof interval === "function" ? interval(values) : interval;
    const poll = values["pollInterval"];
    const seconds = asked ?? (typeof poll === "number" && poll > 0 && role !== "health" ? poll : every[role]);
    return Math.max(this.#deps.leastSeconds, seconds);
  }

  async #collect(context: PluginContext<unknown>): Promise<void> {
    let waiting: EmittedEvent[] = [];
    for await (const event of await this.plugin.collect!.collect(context)) {
      context.signal.throwIfAborted();
      waiting.push(event);
      if (waiting.length < emitAtOnce) continue;
      await context.emit(...waiting);
      waiting = [];
    }
    if (waiting.length > 0) await context.emit(...waiting);
  }

  async #assets(context: PluginContext<unknown>): Promise<void> {
    const reports = await this.plugin.assets!.assets(context);
    if (reports !== undefined) await this.#report(reports);
  }

  async #report(reports: Iterable<unknown> | AsyncIterable<unknown>): Promise<Reported> {
    const reported = await this.#deps.assets.report(this.plugin.id, reports);
    this.#refused(this.#components.get("assets")!, reported.refused);
    for (const asset of reported.changed) this.#hooks.exportAsset(asset, false);
    return reported;
  }

  /**
   * Takes a report of assets that somebody sent. Undefined where the plugin takes none or is switched off; throws what the plugin
   * says of a document that is no report.
   */
  async readAssets(document: unknown): Promise<Reported | undefined> {
    const { assets } = this.plugin;
    if (!this.#isStarted || assets?.read === undefined) return undefined;
    const component = this.#components.get("assets")!;
    const lease = this.#deps.lease(`${this.plugin.id} (${component.role})`);
    try {
      const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(component.deadlineMs)]);
      return await this.#report(await assets.read(document, this.#context(component, signal, lease)));
    } finally {
      lease.release();
    }
  }

  /** Seconds after which an asset of the plugin counts as offline; undefined while it reports none. */
  get staleAfter(): number | undefined {
    const { assets } = this.plugin;
    if (!this.#isStarted || assets === undefined) return undefined;
    const { staleAfter = staleSeconds } = assets;
    return typeof staleAfter === "function" ? staleAfter(this.effective.values) : staleAfter;
  }

  async #ask(context: PluginContext<unknown>): Promise<void> {
    try {
      this.#health = await this.plugin.health!(context);
    } catch (error) {
      this.#health = { status: "error", message: messageOf(error) };
      throw error;
    }
  }

  async #analyze(event: Event, context: PluginContext<unknown>): Promise<void> {
    const findings: Finding[] = [];
    for await (const finding of await this.plugin.analyze!.analyze!(event, context)) findings.push(finding);
    if (findings.length > 0) await this.#hooks.findings(this.plugin, event, findings.slice(0, 100));
  }
}

function waitMs(component: Component, backlog: Backlog | undefined, seconds: number): number {
  if (component.failed) return Math.min(afterFailureMs, seconds * 1_000);
  return backlog?.more ? backlogMs : seconds * 1_000;
}
