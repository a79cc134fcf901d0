import type { Batch } from "@vedette/core/batch";
import { type Alert, type AnyPlugin, type Notice, VedetteError } from "@vedette/sdk";
import { pause } from "../../bounded/index.ts";
import type { NotificationsConfig } from "../../config/index.ts";
import type { Connections } from "../../connections/index.ts";
import type { CompiledRule } from "./compile.ts";
import { describe, noticeId, testNotice } from "./compose.ts";
import { type DispatchDeps, Dispatcher, type FoundChannel } from "./dispatch.ts";
import * as outbox from "./outbox.ts";
import { Pending } from "./pending.ts";
import { dueRules, forget, type RecordOptions, record, recordDue } from "./record.ts";
import { RuleStore } from "./rule-store.ts";
import { alertSubject, eventSubject, type Subject, severityOf } from "./subject.ts";

interface NotifierDeps
  extends Omit<DispatchDeps, "channelOf" | "languageOf" | "attempts" | "lease" | "count"> {
  readonly connections: Connections;
  readonly plugins: () => Iterable<AnyPlugin>;
  /** Incidents that changed lately. */
  readonly incidents?: () => Promise<readonly Subject[]>;
  /** How many of what happened: `sent`, `retried`, `dead`, `matched`, `uncounted`. */
  readonly count?: (what: string, count: number) => void;
}

type DeliveriesAsked = [
  limit: number,
  only: { readonly state?: string; readonly channel?: string; readonly rule?: string },
  before?: { readonly createdAt: number; readonly id: string } | undefined,
];

const turnMs = 250;
const refreshMs = 2_000;
const incidentsMs = 5_000;
const pruneMs = 600_000;
const seenMs = 2 * 86_400_000;
/** Events that are made of the rows of one batch for all rules; further ones are only counted. */
const eventsPerBatch = 1_000;

/**
 * Tells people: rules match what is stored, the control database decides what is news and keeps what is to be told, the
 * dispatcher tells it. `alerted` and `stored` neither wait nor throw.
 */
export class Notifier {
  readonly rules: RuleStore;
  readonly #deps: NotifierDeps;
  readonly #config: NotificationsConfig;
  readonly #options: RecordOptions;
  readonly #pending = new Pending();
  readonly #dispatcher: Dispatcher;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #incidentsAt = Number.NEGATIVE_INFINITY;
  #prunedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  readonly #ending = new AbortController();

  constructor(config: NotificationsConfig, deps: NotifierDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#options = { maxWaiting: config.maxWaiting, pageUrl: config.pageUrl };
    this.rules = new RuleStore(deps.database, config);
    const signal = AbortSignal.any([deps.signal, this.#ending.signal]);
    this.#dispatcher = new Dispatcher({
      ...{ ...deps, signal, attempts: config.attempts },
      lease: (by) => deps.connections.lease(by),
      channelOf: (name) => this.channelOf(name),
      languageOf: (name) =>
        Object.hasOwn(config.languages, name) ? config.languages[name]! : config.language,
      count: (what) => deps.count?.(what, 1),
    });
    deps.connections.addUses(async () =>
      (await this.rules.list()).flatMap(({ name, settings }) =>
        (settings["channels"] as readonly string[]).map((connection) => ({
          ...{ connection, by: `the notification rule ${name}` },
        })),
      ),
    );
  }

  /** Begins to work, until `stop`. */
  async start(): Promise<void> {
    await this.rules.refresh();
    this.#running ??= this.#run();
  }

  /** Ends; what is not in the control database yet is written first. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    await this.#flush();
    await this.#dispatcher.idle();
  }

  /** Looks at alerts that are stored. */
  alerted(alerts: readonly Alert[]): void {
    const rules = this.rules.rules.filter(({ on, enabled }) => enabled && on === "alert");
    if (rules.length === 0) return;
    for (const alert of alerts) this.#look(rules, alertSubject(alert));
  }

  /** Looks at events that are stored. */
  stored(batches: readonly Batch[]): void {
    const rules = this.rules.rules.filter(({ on, enabled }) => enabled && on === "event");
    if (rules.length === 0) return;
    for (const batch of batches) this.#lookThrough(rules, batch);
  }

  /** Does what is due now: for tests, and what the loop does. */
  async turn(): Promise<void> {
    const { database, clock } = this.#deps;
    const now = clock.now();
    if (now - this.#refreshedAt >= refreshMs) {
      await this.rules.refresh();
      this.#refreshedAt = now;
    }
    await this.#flush();
    for (const name of await dueRules(database, now)) {
      const rule = this.#rule(name);
      if (rule) await recordDue(database, rule, now, this.#options);
      else await forget(database, name);
    }
    await this.#dispatcher.turn();
    await this.#lookAtIncidents(now);
    if (now - this.#prunedAt < pruneMs) return;
    this.#prunedAt = now;
    await outbox.prune(database, now - this.#config.keepDays * 86_400_000, now - seenMs);
  }

  /** Resolves when nothing is being sent. */
  idle(): Promise<void> {
    return this.#dispatcher.idle();
  }

  /** Sends a test over a channel now and gives what the other side said. Throws what went wrong. */
  test(channel: string): Promise<string> {
    const now = this.#deps.clock.now();
    const notice: Notice = { ...testNotice(channel, now), id: noticeId("test", channel, String(now)) };
    return this.#dispatcher.send(channel, { notice });
  }

  /** The log of deliveries, the latest first; `before` continues behind one. */
  deliveries(...[limit, only, before]: DeliveriesAsked): Promise<outbox.Delivery[]> {
    return outbox.deliveries(this.#deps.database, limit, only, before);
  }

  /** Sends a dead letter again; false where there is none of this id. */
  retry(id: string): Promise<boolean> {
    return outbox.revive(this.#deps.database, id, this.#deps.clock.now());
  }

  /** How many notices are in each state. */
  tally(): Promise<Record<string, number>> {
    return outbox.tally(this.#deps.database);
  }

  /** The connections that are channels, by name. */
  async channels(): Promise<{ name: string; plugin: string; kind: string }[]> {
    const kinds = new Set(this.#kinds());
    const all = await this.#deps.connections.list();
    return all
      .filter(({ plugin, kind }) => kinds.has(`${plugin}/${kind}`))
      .map(({ name, plugin, kind }) => ({ name, plugin, kind }));
  }

  #kinds(): string[] {
    return [...this.#deps.plugins()].flatMap(({ id, notify }) =>
      Object.keys(notify?.channels ?? {}).map((kind) => `${id}/${kind}`),
    );
  }

  /** The channel of a connection. Throws `connection.unknown`, and `notice.refused` where it is for something else. */
  async channelOf(name: string): Promise<FoundChannel> {
    const connection = await this.#deps.connections.get(name);
    for (const { id, notify, connections } of this.#deps.plugins()) {
      if (id !== connection.plugin) continue;
      const [channel, kind] = [notify?.channels?.[connection.kind], connections?.[connection.kind]];
      if (channel && kind) return { channel, kind };
    }
    const message = `The connection "${name}" is of the kind ${connection.plugin}/${connection.kind}, which is no channel. Channels are ${this.#kinds().join(", ")}.`;
    throw new VedetteError("notice.refused", message, { verdict: "drop" });
  }

  #rule(name: string): CompiledRule | undefined {
    return this.rules.rules.find((rule) => rule.name === name);
  }

  #look(rules: readonly CompiledRule[], subject: Subject): void {
    const now = this.#deps.clock.now();
    for (const rule of rules) {
      if (!rule.matches(subject) || !rule.passes(subject, now)) continue;
      const { severity, about, at, id } = subject;
      const one = { severity, about, at: at === 0 ? now : at, id };
      this.#pending.add(rule.name, rule.groupOf(subject), one, () =>
        describe(rule, subject, this.#config.pageUrl),
      );
      this.#deps.count?.("matched", 1);
    }
  }

  /** Those that were told of before count once all the same. */
  async #lookAtIncidents(now: number): Promise<void> {
    const rules = this.rules.rules.filter(({ on, enabled }) => enabled && on === "incident");
    if (rules.length === 0 || now - this.#incidentsAt < incidentsMs) return;
    this.#incidentsAt = now;
    for (const incident of (await this.#deps.incidents?.()) ?? []) this.#look(rules, incident);
  }

  #lookThrough(rules: readonly CompiledRule[], batch: Batch): void {
    const types = batch.columns.get("eventType");
    const severities = batch.columns.get("severity");
    const wanted = new Map<string, readonly CompiledRule[]>();
    let made = 0;
    for (let row = 0; row < batch.rows; row++) {
      const type = String(types?.value(row) ?? "");
      let asking = wanted.get(type);
      if (asking === undefined) {
        asking = rules.filter((rule) => rule.wantsType(type));
        wanted.set(type, asking);
      }
      if (asking.length === 0) continue;
      const severity = severityOf(String(severities?.value(row) ?? ""));
      const able = asking.filter((rule) => rule.isWorth(severity));
      if (able.length === 0) continue;
      if (made++ < eventsPerBatch) this.#look(able, eventSubject(batch.event(row)));
      else this.#deps.count?.("uncounted", 1);
    }
  }

  async #flush(): Promise<void> {
    const { database, clock, log } = this.#deps;
    if (this.#pending.isEmpty) return;
    for (const [name, { groups, overflow }] of this.#pending.take()) {
      const rule = this.#rule(name);
      if (rule === undefined) continue;
      try {
        await record(database, rule, groups, overflow, clock.now(), this.#options);
      } catch (error) {
        log.warn({ rule: name, error }, "What a notification rule found cannot be written now, will retry.");
        this.#pending.giveBack(name, groups, overflow);
      }
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await this.turn().catch((error: unknown) => {
        if (!signal.aborted) this.#deps.log.warn({ error }, "Notifications have to wait; will retry.");
      });
      await pause(turnMs, signal);
    }
  }
}
