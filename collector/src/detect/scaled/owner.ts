import type { Batch } from "@vedette/core/batch";
import { docOf } from "@vedette/core/pipeline";
import type { Alert, Clock, Logger } from "@vedette/sdk";
import { alertRef, type Subscription } from "../../correlate/index.ts";
import { BatchSubject } from "../batch-subject.ts";
import { Engine, type EngineLimits, type Subject } from "../engine.ts";
import { EventSubject } from "../event-subject.ts";
import { BatchPaths } from "../row-doc.ts";
import type { RuleState } from "../rule-state.ts";
import type { Match, Onward } from "./match.ts";
import { Places } from "./places.ts";

export interface OwnerOptions {
  readonly states: readonly RuleState[];
  readonly deps: { readonly clock: Clock; readonly log: Logger };
  readonly limits: EngineLimits;
}

/** How long events may come again: what a collector has sent on without an answer to its agent. */
const repeatableMs = 10 * 60_000;
/** How much later than another one an event may arrive and still be counted with it after a restart. */
const lateMs = 10 * 60_000;

/**
 * What one partition remembers, and the alerts that come of it. The same matches in the same order give the same
 * alerts; a match that comes again changes nothing.
 */
export class Owner {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #states: ReadonlyMap<string, RuleState>;
  readonly #subscriptions: ReadonlyMap<string, Subscription>;
  /** Of the batch whose rows came last. */
  #rows: { readonly batch: Batch; readonly subject: BatchSubject } | undefined;
  /** The list of signatures that was asked about last, which rows of a record share. */
  #needed:
    | { readonly remember: readonly string[]; readonly ask: readonly string[]; readonly ms: number }
    | undefined;
  readonly #places: Places;
  readonly #onward: Onward[] = [];
  /** Conditions in matches that no rule here knows: another collector runs other rules. */
  unknown = 0;

  constructor({ states, deps, limits }: OwnerOptions) {
    this.#engine = new Engine(states, deps, limits);
    this.#places = new Places(states.map(({ rule }) => rule));
    this.#clock = deps.clock;
    this.#states = new Map(states.map((state) => [state.rule.id, state]));
    this.#subscriptions = this.#engine.history.subscriptions();
  }

  /** Files a match and asks its rules and correlations. Gives the alerts they raise. */
  take(match: Match): Alert[] {
    const subject = this.#file(match);
    const alerts: Alert[] = [];
    for (const name of match.ask) {
      const watched = this.#places.named(name);
      if (watched) this.#correlator?.take(watched.rule, subject, alerts, watched.cluster);
      else this.#ask(name, subject, alerts);
    }
    return alerts;
  }

  #ask(id: string, subject: Subject, alerts: Alert[]): void {
    const state = this.#states.get(id);
    if (!state) {
      this.unknown++;
      return;
    }
    const verdict = this.#engine.verdict(state, subject);
    if (!verdict) return;
    if (state.rule.afterEvents.length > 0 && this.#correlator?.wants(id))
      this.#onward.push({ rule: id, event: subject.event() });
    const alert = state.rule.silent ? undefined : this.#engine.judge(state, subject, verdict);
    if (alert) alerts.push(alert);
  }

  /** Events that correlations are to be shown since it was asked last. */
  onward(): Onward[] {
    return this.#onward.splice(0);
  }

  /** Alerts that time raises. */
  due(): Alert[] {
    return this.#engine.due();
  }

  /** Takes in a match of before, without asking for alerts. In the order they came. */
  rebuild(match: Match): void {
    const subject = this.#file(match);
    this.#engine.arrivalOf(subject);
    for (const name of match.ask) {
      const watched = this.#places.named(name);
      if (watched) this.#correlator?.rebuild(watched.rule, subject, watched.cluster);
    }
  }

  /** Copies what is remembered of the rows that came last. Call it behind each record; its batch is not looked at any more. */
  settle(): void {
    this.#engine.settle();
    this.#rows = undefined;
  }

  /** How long after its arrival a match may be looked back on, in milliseconds. */
  neededMs({ remember, ask }: Match): number {
    if (this.#needed?.remember !== remember || this.#needed.ask !== ask) {
      const windows = remember.map((signature) => this.#subscriptions.get(signature)?.windowMs ?? 0);
      const watched = ask.map((name) => this.#places.named(name)?.neededMs ?? 0);
      this.#needed = { remember, ask, ms: Math.max(repeatableMs, ...windows, ...watched) + lateMs };
    }
    return this.#needed.ms;
  }

  /** Takes in an alert of before. In the order they were raised. */
  restore(alert: Alert): void {
    this.#engine.ledger.restore(alert);
  }

  /** Tells that an alert was closed: the next one of its group stands on its own. */
  closeAlert(id: string): void {
    this.#engine.ledger.close(id);
  }

  /** Tells that nobody is told of an alert: the next one like it is neither a repeat nor a child of it. */
  release(alert: Alert): void {
    this.#engine.ledger.release(alert);
  }

  #file({ subject: of, remember }: Match): Subject {
    const now = this.#clock.now();
    const subject = this.#subjectOf(of, this.#engine.arrive(1), now);
    for (const signature of remember) {
      const subscription = this.#subscriptions.get(signature);
      if (subscription) this.#engine.remember(subject, subscription, now);
      else this.unknown++;
    }
    return subject;
  }

  #subjectOf(of: Match["subject"], seq: number, now: number): Subject {
    if (of.kind === "alert") return alertSubject(of.alert, seq);
    if (of.kind === "event") return new EventSubject(of.event, seq, now);
    const { batch, row } = of;
    if (this.#rows?.batch !== batch)
      this.#rows = { batch, subject: new BatchSubject(batch, new BatchPaths(batch), 0) };
    this.#rows.subject.place(row, seq);
    return this.#rows.subject;
  }

  get #correlator() {
    return this.#engine.correlator;
  }

  get stats() {
    const { history, ledger, correlator } = this.#engine;
    return {
      windows: correlator?.stats,
      history: { ...history.size, ...history.stats },
      ledger: { ...ledger.stats },
    };
  }
}

function alertSubject(alert: Alert, seq: number): Subject {
  const ref = alertRef(alert);
  const { time } = ref;
  return {
    ...{ doc: docOf(alert), id: alert.id ?? "", time, seq },
    ...{ key: () => ref.key(), event: () => ref.body ?? {}, ref: () => ref },
  };
}
