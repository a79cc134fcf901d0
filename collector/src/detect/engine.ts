import { type Doc, docOf } from "@vedette/core/pipeline";
import { type Alert, type Clock, type Event, type Logger, messageOf } from "@vedette/sdk";
import {
  AlertLedger,
  Arrivals,
  alertRef,
  type BodyLimits,
  type Columns,
  Correlator,
  type CorrelatorLimits,
  checkHistory,
  EventMemory,
  type EventRef,
  Hash64,
  History,
  type HistoryLimits,
  type Identity,
  type KeyReader,
  makeAlert,
  type PackedId,
  packed,
  type Sought,
  type Subscription,
  stableId,
  type Verdict,
} from "../correlate/index.ts";
import { askedOf, passes } from "./asked.ts";
import type { Filter } from "./filter.ts";
import type { Rule } from "./rule.ts";
import { breakerLimit, type RuleState } from "./rule-state.ts";

export interface EngineLimits extends HistoryLimits {
  /** Raised alerts remembered for repeats, and as many for groups. */
  readonly alerts: number;
  /** Recent events whose order of arrival is remembered. */
  readonly triggers: number;
  /** Of the windows of correlations. */
  readonly windows: CorrelatorLimits;
}

/** One event as the engine sees it, wherever it comes from. */
export interface Subject {
  readonly doc: Doc;
  readonly id: string;
  /** Its id as it is remembered; may be void after the next call of anything. */
  key(): PackedId;
  /** When it happened (`eventTime`), milliseconds since 1970. */
  readonly time: number;
  /** Order of arrival. */
  readonly seq: number;
  /** Makes the event; called only for a match. */
  event(): Event;
  /** Makes what history keeps of the event; called only where a subscription wants it. */
  ref(): EventRef;
  /** Of a row of a batch: its columns, and which row it is. */
  readonly columns?: Columns | undefined;
  readonly row?: number | undefined;
}

/** Hears of each event that a rule's condition holds for; may put alerts of its own into `alerts`. Must not throw. */
export type MatchListener = (rule: Rule, subject: Subject, alerts: Alert[]) => void;

/** Events of before that speak for an alert. */
export interface Allowed {
  sample(): readonly Event[];
}

/** An event that looks back from where it first stood in the order of arrival. */
class Trigger implements Sought {
  #subject!: Subject;
  seq = 0;
  time = 0;

  /** Becomes another one; what was found for the one before must not be asked any more. */
  set(subject: Subject, seq: number): this {
    this.#subject = subject;
    this.seq = seq;
    this.time = subject.time;
    return this;
  }
  get doc(): Doc {
    return this.#subject.doc;
  }
  get id(): string {
    return this.#subject.id;
  }
  get columns(): Columns | undefined {
    return this.#subject.columns;
  }
  get row(): number | undefined {
    return this.#subject.row;
  }
  key(): PackedId {
    return this.#subject.key();
  }
}

const freely: Allowed = { sample: () => [] };

/** What happens for one event: it is filed, then each of its rules is asked. Row by row, in the order of arrival. */
export class Engine {
  readonly history: History;
  readonly ledger: AlertLedger;
  readonly states: readonly RuleState[];
  /** Where there are correlations. */
  readonly correlator: Correlator | undefined;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onMatch: MatchListener | undefined;
  readonly #alertSubscriptions: readonly Subscription[];
  /** What must hold of events to be filed for a subscription, by its signature. */
  readonly asked: ReadonlyMap<string, Filter>;
  /** Order of arrival by event id, so that an event that comes again looks back from where it first stood. */
  readonly #arrivals: Arrivals;
  /** Restored alerts wait here until the events around them are back. */
  #restored: Alert[] = [];
  /** What correlations raise for the event at hand. */
  readonly #found: Alert[] = [];
  readonly #trigger = new Trigger();
  /** Readers of values that make alerts repeats which look at the batch at hand. */
  readonly #active: KeyReader[] = [];
  readonly #told = new Hash64();
  #seq = 0;

  constructor(
    states: readonly RuleState[],
    deps: { readonly clock: Clock; readonly log: Logger },
    limits: EngineLimits,
    onMatch?: MatchListener,
  ) {
    this.#onMatch = onMatch;
    const memory = new EventMemory(bodiesOf(states, limits));
    this.history = new History(limits, memory);
    this.ledger = new AlertLedger(limits.alerts);
    this.states = states;
    this.#clock = deps.clock;
    this.#log = deps.log;
    for (const { rule } of states) {
      for (const search of rule.afterEvents) this.history.subscribe(search);
    }
    this.asked = askedOf(states.map(({ rule }) => rule));
    this.#alertSubscriptions = this.history.alertSubscriptions();
    this.#arrivals = new Arrivals(limits.triggers);
    this.correlator = this.#correlatorOf(limits, memory);
  }

  #correlatorOf({ windows }: EngineLimits, memory: EventMemory): Correlator | undefined {
    const correlations = this.states.flatMap(({ rule }) => rule.correlation ?? []);
    if (correlations.length === 0) return undefined;
    const known = (id: string): boolean => this.ledger.knows(id);
    const note = (id: string): void => this.ledger.note(id);
    return new Correlator(correlations, { clock: this.#clock, known, note }, windows, memory);
  }

  /** Reserves places in the order of arrival and gives the first. */
  arrive(count: number): number {
    const first = this.#seq;
    this.#seq += count;
    return first;
  }

  /** Files an event in history where it fits; `sure` says that it is known to, but for its key. */
  remember(subject: Subject, subscription: Subscription, now: number, sure = false): void {
    const asked = sure ? undefined : this.asked.get(subscription.spec.signature);
    if (asked && !passes(asked, subject.doc)) return;
    this.history.add(subscription, subject, now, sure);
  }

  /** The place of an event in the order of arrival: the first time's, when it came before. */
  arrivalOf(event: { key(): PackedId; readonly seq: number }): number {
    const key = event.key();
    return key.isEmpty ? event.seq : this.#arrivals.placeOf(key, event.seq);
  }

  /**
   * Asks one rule about one event and puts what it and the correlations that look at it raise into `alerts`. `sure` says that its
   * condition is known to hold.
   */
  ask(state: RuleState, subject: Subject, alerts: Alert[], now: number, sure = false): void {
    if (!this.holds(state, subject, alerts, sure)) return;
    const verdict = this.verdict(state, subject);
    if (!verdict) return;
    const { rule } = state;
    if (this.correlator) {
      const found = this.#found;
      this.correlator.take(rule.id, subject, found, undefined, now);
      if (found.length > 0) for (const alert of found.splice(0)) this.#tell(alert, subject, alerts);
    }
    const alert = rule.silent ? undefined : this.judge(state, subject, verdict);
    if (alert) this.#tell(alert, subject, alerts);
  }

  #tell(alert: Alert, subject: Subject, alerts: Alert[]): void {
    alerts.push(alert);
    this.#rememberAlert(alert, this.#alertSubscriptions.length > 0 ? this.arrivalOf(subject) : 0);
  }

  /** Shows correlations an event of before a restart, where they look at a rule that holds for it. Raises and counts nothing. */
  recollect(state: RuleState, subject: Subject): void {
    const { rule } = state;
    try {
      if (!rule.where.test(subject.doc)) return;
    } catch {
      return;
    }
    if (rule.afterEvents.length === 0 || this.#lookBack(rule, subject).kind === "held")
      this.correlator?.rebuild(rule.id, subject);
  }

  /** Whether the condition of a rule holds for an event. The fault that switches it off is put into `alerts`. */
  holds(state: RuleState, subject: Subject, alerts: Alert[], sure = false): boolean {
    if (state.disabled) return false;
    try {
      if (!sure && !state.rule.where.test(subject.doc)) return false;
    } catch (error) {
      if (state.fail(messageOf(error))) this.#break(state, subject, alerts);
      return false;
    }
    state.matches++;
    this.#onMatch?.(state.rule, subject, alerts);
    return true;
  }

  /** What history says of a rule whose condition holds for an event; undefined where it does not allow it. */
  verdict(state: RuleState, subject: Subject): Allowed | undefined {
    const { rule } = state;
    if (rule.afterEvents.length === 0) return freely;
    const verdict = this.#lookBack(rule, subject);
    if (verdict.kind === "unresolved") state.lacks(verdict.path);
    return verdict.kind === "held" ? verdict : undefined;
  }

  /** The alert of a rule that history allows for an event, unless it repeats an earlier one. */
  judge(state: RuleState, subject: Subject, allowed: Allowed): Alert | undefined {
    const { ledger } = this;
    const { time } = subject;
    const told = this.#toldOf(state, subject);
    if (ledger.repeats(told, time, subject)) return undefined;
    const identity = ledger.admit(state.rule, state.values?.(subject.doc), subject.id, time, told);
    return identity && this.raise(state, identity, subject, allowed.sample());
  }

  /** What stands for a rule and the values that make its alerts repeats, where each is a single one of the event's own; else NaN. */
  #toldOf({ repeats, number }: RuleState, subject: Subject): number {
    if (!repeats) return Number.NaN;
    if (subject.columns && !repeats.active) {
      repeats.active = true;
      this.#active.push(repeats);
    }
    return repeats.sought(subject, number, this.#told) === undefined ? this.#told.number : Number.NaN;
  }

  /** Alerts that time raises. */
  due(): Alert[] {
    const alerts = this.correlator?.due() ?? [];
    for (const alert of alerts) {
      this.#rememberAlert(alert, this.#arrivals.find(packed(alert.lastEvent?.id ?? "")) ?? 0);
    }
    return alerts;
  }

  /** Copies what is remembered of the rows that came last, which may then be freed. */
  settle(): void {
    // Windows first: some of what they show is held only now, and all rows are copied together.
    this.correlator?.settle();
    this.history.settle();
    for (const reader of this.#active) reader.leave();
    this.#active.length = 0;
  }

  /** Makes the alert of a rule for an event. */
  raise(state: RuleState, identity: Identity, subject: Subject, sample: readonly Event[] = []): Alert {
    state.alerts++;
    return makeAlert(identity, state.rule, subject.event(), sample, this.#clock.now());
  }

  #lookBack(rule: Rule, subject: Subject): Verdict {
    if (this.#restored.length > 0) this.#fileRestored();
    return checkHistory(rule.afterEvents, this.history, this.#trigger.set(subject, this.arrivalOf(subject)));
  }

  #fileRestored(): void {
    for (const alert of this.#restored.splice(0)) {
      this.#rememberAlert(alert, this.#arrivals.find(packed(alert.lastEvent?.id ?? "")) ?? 0);
    }
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
      this.history.add(subscription, { doc, seq, ref: () => ref }, this.#clock.now());
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

/** Windows and history remember events together, so each may take what the other leaves. Read each time: bounds may be shared. */
function bodiesOf(states: readonly RuleState[], limits: EngineLimits): BodyLimits {
  if (!states.some(({ rule }) => rule.correlation)) return limits;
  const { windows } = limits;
  return {
    get bodyBytes() {
      return limits.bodyBytes + windows.bodyBytes;
    },
    get bodies() {
      return limits.bodies + windows.bodies;
    },
  };
}
