import type { Counter, Telemetry } from "@vedette/core/telemetry";
import type { ActionRequest, Alert, Clock, ListEntry, Logger } from "@vedette/sdk";
import { pause } from "../../../bounded/index.ts";
import type { ActionsConfig } from "../../../config/index.ts";
import { appendAudit, type ControlDatabase } from "../../../control/index.ts";
import { blocklistBan } from "./blocklist.ts";
import { DriftCheck } from "./drift.ts";
import { Executor } from "./executor.ts";
import type { Verdict } from "./guards.ts";
import { type KillSwitch, killSwitch, turnKillSwitch } from "./kill-switch.ts";
import { ActionLedger, type Change, type Written } from "./ledger.ts";
import { ActionLists } from "./lists.ts";
import { failureOf } from "./outcome.ts";
import { type Prepared, prepare } from "./prepare.ts";
import {
  historyOf,
  type PreviewStore,
  previewRule,
  type RulePreview,
  type TargetHistory,
} from "./preview.ts";
import { Protection } from "./protection.ts";
import { type ActingPlugin, type Action, ActionRegistry } from "./registry.ts";
import { type Located, locate, type ResolveHost } from "./resolve.ts";
import { ActionRules } from "./rules.ts";
import { type Ask, type Refusal, type Run, refused, unknown } from "./types.ts";

export interface ActionsDeps {
  readonly database: ControlDatabase;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  readonly redact: (text: string) => string;
  readonly alone: boolean;
  /** More that is never touched: what this collector depends on. */
  readonly protect?: () => Promise<readonly ListEntry[]>;
  /** What this machine is; the real one where it is left out. */
  readonly machine?: () => Promise<readonly ListEntry[]>;
  /** Actions besides those of plugins and the blocklist. */
  readonly more?: readonly Action[];
  /** Finds the addresses of a host; the name servers of this machine where it is left out. */
  readonly resolve?: ResolveHost;
  readonly random?: () => number;
  readonly everyMs?: number;
}

/** A look at what an ask would do. */
export interface AskPreview {
  readonly prepared: Prepared;
  readonly verdict: Verdict;
  readonly history: TargetHistory | undefined;
  readonly resolved: Located["resolved"];
}

const [pruneMs, sweepMs] = [3_600_000, 60_000];

/** The actions of a collector: what may be done, to what, by whom, for how long, and how it is taken back. */
export class Actions {
  readonly registry: ActionRegistry;
  readonly ledger: ActionLedger;
  readonly lists: ActionLists;
  readonly rules: ActionRules;
  readonly drift: DriftCheck;
  readonly config: ActionsConfig;
  /** Told of every run that ended or stands now. */
  onRun: (run: Run) => void = () => undefined;
  readonly #deps: ActionsDeps;
  readonly #protection: Protection;
  readonly #executor: Executor;
  readonly #ending = new AbortController();
  readonly #counters: { readonly runs: Counter; readonly refused: Counter };
  readonly #waiters = new Set<() => void>();
  #chores: Promise<void> = Promise.resolve();
  #counts: {
    readonly active: number;
    readonly approvals: number;
    readonly late: number;
    readonly killed: boolean;
  } = {
    ...{ active: 0, approvals: 0, late: 0, killed: false },
  };

  constructor(config: ActionsConfig, deps: ActionsDeps) {
    const { database, clock, log, telemetry } = deps;
    this.config = config;
    this.#deps = deps;
    this.#protection = new Protection({
      config,
      clock,
      more: deps.protect,
      ...(deps.machine && { machine: deps.machine }),
    });
    const protection = this.#protection;
    this.ledger = new ActionLedger({ database, protection, config, clock });
    const { ledger } = this;
    this.registry = new ActionRegistry([
      blocklistBan((action) => ledger.standing(action)),
      ...(deps.more ?? []),
    ]);
    const { registry } = this;
    this.lists = new ActionLists({ database, protection, config, clock, ledger });
    this.rules = new ActionRules(config.rules, {
      ...{ database, log, clock, previewRules: config.previewRules },
      ask: (ask) => this.run(ask),
      heldBack: (guard) => this.#counters.refused.add(1, { guard }),
    });
    this.#executor = new Executor({
      ...{
        database,
        ledger,
        registry,
        protection,
        config,
        clock,
        log,
        redact: deps.redact,
        alone: deps.alone,
      },
      ...(deps.random && { random: deps.random }),
      ...(deps.everyMs !== undefined && { everyMs: deps.everyMs }),
      told: (run) => this.#told(run),
    });
    this.drift = new DriftCheck({ ledger, registry, config, clock, log, wake: () => this.#executor.wake() });
    this.#counters = {
      runs: telemetry.counter(
        "vedette_action_runs_total",
        "Runs of actions by how they ended, or that stand.",
        ["state"],
      ),
      refused: telemetry.counter("vedette_actions_refused_total", "Runs of actions that a guard refused.", [
        "guard",
      ]),
    };
    this.#gauges(telemetry);
  }

  /** Plugins that run, from now on with their actions. */
  attach(plugins: () => readonly ActingPlugin[]): void {
    this.registry.attach(plugins);
  }

  start(): void {
    this.#executor.start();
    this.#chores = this.#keep();
  }

  /** Begins nothing more. Safe to call twice. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#executor.stop();
    await this.#chores;
  }

  /**
   * Asks the guards and writes what comes of it; a run that may be done is done soon after, or waits for people to agree. Throws
   * `action.unknown` where there is no such action.
   */
  async run(ask: Ask): Promise<Written> {
    const { prepared: first } = await this.#prepared(ask);
    // Rules ask while a batch waits to be stored: no plugin may hold that up. It is asked when the run begins.
    const prepared = ask.by.origin === "rule" ? first : await this.#checked(first);
    const written = await this.ledger.write(prepared);
    const { run, refusal, fresh } = written;
    if (refusal) this.#counters.refused.add(1, { guard: refusal.guard });
    if (fresh && run.state !== "queued" && run.state !== "approval") this.#told(run);
    if (run.state === "queued") this.#executor.wake();
    return written;
  }

  /** What an ask would do, and what its target did of late. Nothing is written, nothing is done. */
  async preview(
    ask: Ask,
    {
      store,
      hours,
      signal,
    }: { readonly store: PreviewStore; readonly hours: number; readonly signal?: AbortSignal },
  ): Promise<AskPreview> {
    const { prepared: first, resolved } = await this.#prepared(ask);
    const prepared = await this.#checked(first);
    const verdict = await this.ledger.judge(prepared);
    const now = this.#deps.clock.now();
    const history = await historyOf(store, prepared.target, { hours, now, signal });
    return { prepared, verdict, history, resolved };
  }

  /** What a rule would have done over stored alerts. Throws `action.unknown`. */
  async previewRule(
    name: string,
    {
      store,
      hours,
      signal,
    }: { readonly store: PreviewStore; readonly hours: number; readonly signal?: AbortSignal },
  ): Promise<RulePreview> {
    const loaded = this.rules.loaded.find(({ rule }) => rule.name === name);
    if (!loaded) throw unknown(`There is no rule ${JSON.stringify(name.slice(0, 100))} that may act.`);
    const { registry, config } = this;
    const judge = (prepared: Prepared) => this.ledger.judge(prepared);
    return previewRule(loaded, hours, {
      store,
      registry,
      config,
      judge,
      now: this.#deps.clock.now(),
      signal,
    });
  }

  /**
   * Lets a rule act for real, as it was when its preview was seen; null takes that back. Throws `action.unknown`, and `action.refused`
   * where the rule is another by now.
   */
  async arm(name: string, fingerprint: string | null, by: string): Promise<void> {
    const loaded = this.rules.loaded.find(({ rule }) => rule.name === name);
    if (!loaded) throw unknown(`There is no rule ${JSON.stringify(name.slice(0, 100))} that may act.`);
    if (fingerprint !== null && fingerprint !== loaded.fingerprint)
      throw refused("The rule was changed since that preview; look at it again.");
    await this.ledger.turn(async (transaction, now) => {
      await transaction.deleteFrom("action_armed").where("rule", "=", name).execute();
      if (fingerprint !== null)
        await transaction
          .insertInto("action_armed")
          .values({ rule: name, fingerprint, author: by, at: now })
          .execute();
      const action = fingerprint === null ? "actions.rule.disarm" : "actions.rule.arm";
      await appendAudit(transaction, { author: by, action, subject: name, detail: { fingerprint } }, now);
    });
  }

  async decide(id: string, decision: "approve" | "deny", by: Change): Promise<Run> {
    const run = await this.ledger.decide(id, decision, by);
    if (run.state !== "approval") this.#told(run);
    this.#executor.wake();
    return run;
  }

  async lift(id: string, by: Change): Promise<Run> {
    const run = await this.ledger.lift(id, by);
    this.#executor.wake();
    return run;
  }

  killSwitch(): Promise<KillSwitch> {
    return killSwitch(this.#deps.database);
  }

  async turnKillSwitch(change: {
    readonly on: boolean;
    readonly by: string;
    readonly reason: string;
  }): Promise<KillSwitch> {
    const { database, clock, log } = this.#deps;
    const now = await turnKillSwitch(database, change, clock.now());
    log.warn(
      { on: change.on, by: change.by, reason: change.reason },
      "The kill switch of actions was turned.",
    );
    return now;
  }

  /** Asks for what newly stored alerts start. See `ActionRules`. */
  alerted(alerts: readonly Alert[]): Promise<void> {
    return this.rules.alerted(alerts);
  }

  /** Notes from where somebody uses the API, and by which name; what is done now and later spares that address. */
  async heard(address: string, name: string): Promise<void> {
    try {
      await this.#protection.heard(this.#deps.database, address, name);
    } catch (error) {
      this.#deps.log.warn({ error }, "An operator's address could not be written; this process knows it.");
    }
  }

  /** A run once it stands or has ended; as it is when the signal aborts. */
  async settled(id: string, signal: AbortSignal): Promise<Run> {
    for (;;) {
      let wake: () => void = () => undefined;
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
        this.#waiters.add(wake);
      });
      const run = await this.ledger.get(id);
      if (!run) throw unknown("There is no such run.");
      if (!["queued", "begun", "lifting"].includes(run.state) || signal.aborted) return run;
      await Promise.race([changed, pause(1_000, signal)]);
      this.#waiters.delete(wake);
    }
  }

  /** Reads an ask, the name of a host as its address. */
  async #prepared(
    asked: Ask,
  ): Promise<{ readonly prepared: Prepared; readonly resolved: Located["resolved"] }> {
    const { database, resolve } = this.#deps;
    const { registry, config } = this;
    const deps = { database, registry, protection: this.#protection, ...(resolve && { resolve }) };
    const { ask, refusal, resolved } = await locate(asked, deps);
    const prepared = prepare(ask, registry, config);
    return { prepared: refusal ? { ...prepared, refusal } : prepared, resolved };
  }

  /** Lets the action itself say whether it would take the request. */
  async #checked(prepared: Prepared): Promise<Prepared> {
    if (prepared.refusal) return prepared;
    const { action, target, parameters, ask } = prepared;
    const request: ActionRequest = {
      ...{ id: "preview", action: action.definition.name, target, parameters, reason: ask.reason },
    };
    try {
      await action.validate(request);
      return prepared;
    } catch (error) {
      const { fate, why } = failureOf(error);
      const refusal: Refusal = {
        guard: fate === "later" ? "unavailable" : "backend",
        why: this.#deps.redact(why),
      };
      return { ...prepared, refusal };
    }
  }

  #told(run: Run): void {
    this.#counters.runs.add(1, { state: run.state });
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
    this.onRun(run);
  }

  /** Lifts what may not stand any more, forgets what is old, looks at the real state. */
  async #keep(): Promise<void> {
    const { clock, log } = this.#deps;
    const due = {
      sweep: clock.now(),
      prune: clock.now(),
      drift: clock.now() + this.config.drift.everySeconds * 1_000,
    };
    while (!this.#ending.signal.aborted) {
      const now = clock.now();
      try {
        await this.#count(now);
        if (now >= due.sweep) {
          due.sweep = now + sweepMs;
          const lifted = await this.lists.sweep();
          if (lifted.length > 0) this.#executor.wake();
        }
        if (now >= due.prune) {
          due.prune = now + pruneMs;
          await this.ledger.prune();
        }
        if (now >= due.drift) {
          due.drift = now + this.config.drift.everySeconds * 1_000;
          await this.drift.check();
        }
      } catch (error) {
        log.warn({ error }, "The chores of actions failed, will retry.");
      }
      await pause(Math.min(2_000, sweepMs), this.#ending.signal);
    }
  }

  async #count(now: number): Promise<void> {
    const rows = await this.#deps.database
      .selectFrom("action_runs")
      .select(["state"])
      .select((each) => [each.fn.countAll().as("count"), each.fn.min("expires_at").as("first")])
      .where("state", "in", ["approval", "standing", "lifting"])
      .groupBy("state")
      .execute();
    const of = (state: string): number => Number(rows.find((row) => row.state === state)?.count ?? 0);
    const late = rows
      .filter(({ state, first }) => state !== "approval" && first !== null)
      .map(({ first }) => Math.max(0, now - Number(first)) / 1_000);
    const { on } = await this.killSwitch();
    this.#counts = {
      ...{ active: of("standing") + of("lifting"), approvals: of("approval"), killed: on },
      late: Math.max(0, ...late),
    };
  }

  #gauges(telemetry: Telemetry): void {
    const gauge = (name: string, help: string, value: () => number): void => {
      const made = telemetry.gauge(name, help);
      telemetry.onRender(() => made.set(value()));
    };
    gauge("vedette_containments", "Containments that stand.", () => this.#counts.active);
    gauge(
      "vedette_action_approvals_waiting",
      "Runs that wait for people to agree.",
      () => this.#counts.approvals,
    );
    gauge(
      "vedette_containment_late_seconds",
      "How long ago the end of the latest containment was that is not undone yet.",
      () => this.#counts.late,
    );
    gauge("vedette_actions_killed", "1 while the kill switch is on.", () => (this.#counts.killed ? 1 : 0));
  }
}
