import type { Batch, CopiedRows } from "@vedette/core/batch";
import { docOf } from "@vedette/core/pipeline";
import type { Alert, Clock, Logger } from "@vedette/sdk";
import { alertRef, type Subscription } from "../../correlate/index.ts";
import { BatchSubject } from "../batch-subject.ts";
import { Engine, type EngineLimits, type Subject } from "../engine.ts";
import { EventSubject } from "../event-subject.ts";
import { BatchPaths } from "../row-doc.ts";
import type { RuleState } from "../rule-state.ts";
import type { Match } from "./match.ts";

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
  #needed: { readonly remember: readonly string[]; readonly ms: number } | undefined;
  /** Conditions in matches that no rule here knows: another collector runs other rules. */
  unknown = 0;

  constructor({ states, deps, limits }: OwnerOptions) {
    this.#engine = new Engine(states, deps, limits);
    this.#clock = deps.clock;
    this.#states = new Map(states.map((state) => [state.rule.id, state]));
    this.#subscriptions = this.#engine.history.subscriptions();
  }

  /** Files a match and asks its rules. Gives the alerts they raise. */
  take(match: Match): Alert[] {
    const subject = this.#file(match);
    const alerts: Alert[] = [];
    for (const id of match.ask) {
      const state = this.#states.get(id);
      const alert = state ? this.#engine.judge(state, subject) : undefined;
      if (!state) this.unknown++;
      if (alert) alerts.push(alert);
    }
    return alerts;
  }

  /** Takes in a match of before, without asking for alerts. In the order they came. */
  rebuild(match: Match): void {
    this.#engine.arrivalOf(this.#file(match));
  }

  /** Copies what is remembered of the rows that came last. Call it behind each record; its batch is not looked at any more. */
  settle(own?: CopiedRows): void {
    this.#engine.history.settle(own);
    this.#rows = undefined;
  }

  /** How long after its arrival a match may be looked back on, in milliseconds. */
  neededMs({ remember }: Match): number {
    if (this.#needed?.remember !== remember) {
      const windows = remember.map((signature) => this.#subscriptions.get(signature)?.windowMs ?? 0);
      this.#needed = { remember, ms: Math.max(repeatableMs, ...windows) + lateMs };
    }
    return this.#needed.ms;
  }

  /** Takes in an alert of before. In the order they were raised. */
  restore(alert: Alert): void {
    this.#engine.ledger.restore(alert);
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

  get stats() {
    const { history, ledger } = this.#engine;
    return { history: { ...history.size, ...history.stats }, ledger: { ...ledger.stats } };
  }
}

function alertSubject(alert: Alert, seq: number): Subject {
  const ref = alertRef(alert);
  const { id, time } = ref;
  return { doc: docOf(alert), id, time, seq, event: () => ref.body ?? {}, ref: () => ref };
}
