import { type Doc, docOf } from "@vedette/core/pipeline";
import { type Alert, type Clock, type Event, type Logger, messageOf } from "@vedette/sdk";
import {
  AlertLedger,
  Arrivals,
  alertRef,
  checkHistory,
  type EventRef,
  History,
  type HistoryLimits,
  type Identity,
  makeAlert,
  type Subscription,
  stableId,
  type Verdict,
} from "../correlate/index.ts";
import type { Rule } from "./rule.ts";
import { breakerLimit, type RuleState } from "./rule-state.ts";

export interface EngineLimits extends HistoryLimits {
  /** Raised alerts remembered for repeats, and as many for groups. */
  readonly alerts: number;
  /** Recent events whose order of arrival is remembered. */
  readonly triggers: number;
}

/** One event as the engine sees it, wherever it comes from. */
export interface Subject {
  readonly doc: Doc;
  readonly id: string;
  /** When it happened (`eventTime`), milliseconds since 1970. */
  readonly time: number;
  /** Order of arrival. */
  readonly seq: number;
  /** Makes the event; called only for a match. */
  event(): Event;
  /** Makes what history keeps of the event; called only where a subscription wants it. */
  ref(): EventRef;
}

/** Hears of each event that a rule's condition holds for; may put alerts of its own into `alerts`. Must not throw. */
export type MatchListener = (rule: Rule, subject: Subject, alerts: Alert[]) => void;

/** What happens for one event: it is filed, then each of its rules is asked. Row by row, in the order of arrival. */
export class Engine {
  readonly history: History;
  readonly ledger: AlertLedger;
  readonly states: readonly RuleState[];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onMatch: MatchListener | undefined;
  readonly #alertSubscriptions: readonly Subscription[];
  /** Order of arrival by event id, so that an event that comes again looks back from where it first stood. */
  readonly #arrivals: Arrivals;
  /** Restored alerts wait here until the events around them are back. */
  #restored: Alert[] = [];
  #seq = 0;

  constructor(
    states: readonly RuleState[],
    deps: { readonly clock: Clock; readonly log: Logger },
    limits: EngineLimits,
    onMatch?: MatchListener,
  ) {
    this.#onMatch = onMatch;
    this.history = new History(limits);
    this.ledger = new AlertLedger(limits.alerts);
    this.states = states;
    this.#clock = deps.clock;
    this.#log = deps.log;
    for (const { rule } of states) {
      for (const search of rule.afterEvents) this.history.subscribe(search);
    }
    this.#alertSubscriptions = this.history.alertSubscriptions();
    this.#arrivals = new Arrivals(limits.triggers);
  }

  /** Reserves places in the order of arrival and gives the first. */
  arrive(count: number): number {
    const first = this.#seq;
    this.#seq += count;
    return first;
  }

  /** Files an event in history where it fits. */
  remember(subject: Subject, subscription: Subscription, now: number): void {
    this.history.add(subscription, subject.doc, subject, now);
  }

  /** The place of an event in the order of arrival: the first time's, when it came before. */
  arrivalOf({ id, seq }: { readonly id: string; readonly seq: number }): number {
    return id === "" ? seq : this.#arrivals.placeOf(id, seq);
  }

  /** Asks one rule about one event and puts what it raises into `alerts`. */
  ask(state: RuleState, subject: Subject, alerts: Alert[]): void {
    if (!this.holds(state, subject, alerts) || state.rule.silent) return;
    const alert = this.judge(state, subject);
    if (!alert) return;
    alerts.push(alert);
    this.#rememberAlert(alert, this.#alertSubscriptions.length > 0 ? this.arrivalOf(subject) : 0);
  }

  /** Whether the condition of a rule holds for an event. The fault that switches it off is put into `alerts`. */
  holds(state: RuleState, subject: Subject, alerts: Alert[]): boolean {
    if (state.disabled) return false;
    try {
      if (!state.rule.where.test(subject.doc)) return false;
    } catch (error) {
      if (state.fail(messageOf(error))) this.#break(state, subject, alerts);
      return false;
    }
    state.matches++;
    this.#onMatch?.(state.rule, subject, alerts);
    return true;
  }

  /** The alert of a rule whose condition holds for an event: history allows it, and it repeats no earlier one. */
  judge(state: RuleState, subject: Subject): Alert | undefined {
    const { rule } = state;
    const verdict = rule.afterEvents.length > 0 ? this.#lookBack(rule, subject) : undefined;
    if (verdict?.kind === "unresolved") state.lacks(verdict.path);
    if (verdict && verdict.kind !== "held") return undefined;
    const { id, time, doc } = subject;
    const identity = this.ledger.admit(rule, state.values?.(doc), id, time);
    return identity && this.raise(state, identity, subject, verdict?.sample() ?? []);
  }

  /** Makes the alert of a rule for an event. */
  raise(state: RuleState, identity: Identity, subject: Subject, sample: readonly Event[] = []): Alert {
    state.alerts++;
    return makeAlert(identity, state.rule, subject.event(), sample, this.#clock.now());
  }

  #lookBack(rule: Rule, subject: Subject): Verdict {
    for (const alert of this.#restored.splice(0)) {
      this.#rememberAlert(alert, this.#arrivals.find(alert.lastEvent?.id ?? "") ?? 0);
    }
    const { id, time } = subject;
    return checkHistory(rule.afterEvents, this.history, subject.doc, {
      id,
      time,
      seq: this.arrivalOf(subject),
    });
  }

  /** Takes in an alert that was raised before a restart. */
  restore(alert: Alert): void {
    this.ledger.restore(alert);
    if (this.#alertSubscriptions.length > 0) this.#restored.push(alert);
  }

  /** Files an alert where rules search in alerts; `seq` is the place of its triggering event. */
  #rememberAlert(alert: Alert, seq: number): void {
    if (this.#alertSubscriptions.length === 0) return;
    const ref = alertRef(alert);
    const doc = docOf(alert);
    for (const subscription of this.#alertSubscriptions) {
      this.history.add(subscription, doc, { seq, ref: () => ref }, this.#clock.now());
    }
  }

  #break(state: RuleState, subject: Subject, alerts: Alert[]): void {
    const { rule, lastError } = state;
    const fields = { rule: rule.id, file: rule.place.file, line: rule.place.line, error: lastError };
    this.#log.error(fields, "A rule failed five times and is switched off.");
    const alert = makeAlert(
      { id: stableId("circuit-breaker", rule.id, subject.id) },
      {
        id: rule.id,
        name: `Circuit Breaker: ${rule.name}`,
        description:
          `The rule "${rule.id}" (${rule.place.file}:${rule.place.line}) failed ${breakerLimit} times and is switched ` +
          "off until rules are loaded again. Correct its expression.",
        category: "System",
        technique: "",
        references: [],
        adversary: "origin",
        impact: { confidentiality: 0, integrity: 0, availability: 2 },
        deduplicateBy: [],
        groupBy: [],
      },
      subject.event(),
      [],
      this.#clock.now(),
    );
    alerts.push({ ...alert, errors: [lastError] });
  }
}
