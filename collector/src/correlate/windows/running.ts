import { type Link, Lru } from "../../bounded/index.ts";
import type { EventRef } from "../bodies.ts";
import type { Correlation } from "./correlation.ts";
import { Occurrence, type OccurrenceSpec, type Together } from "./occurrence.ts";
import { RangedWindow } from "./ranged.ts";
import { SlidingWindow } from "./sliding.ts";
import { type Window, WindowPlan } from "./window.ts";

/** Bounds of what one group keeps. */
export interface GroupLimits {
  /** Events of a group that are kept. */
  readonly groupEntries: number;
  /** How much later than the newest of its group an event may come and still be counted. */
  readonly lateMs: number;
}

/** Events that an alert shows beside the one that triggered it. */
export const sampleSize = 10;

/** Values of `cooldownBy` that are remembered. */
const cooldowns = 10_000;

/** Counters of a correlation since its start. */
export interface CorrelationCounts {
  /** Events of its members that were counted. */
  matches: number;
  /** Times its condition held. */
  holds: number;
  alerts: number;
  /** Events not counted: they came too late, again, or without a value that names their group or is measured. */
  late: number;
  repeats: number;
  unresolved: number;
  /** Entries and absences given up within a group. */
  truncated: number;
  /** Groups given up for space. */
  evicted: number;
}

/** A correlation while it runs. */
export class Running {
  readonly correlation: Correlation;
  readonly groups = new Map<string, Group>();
  readonly counts: CorrelationCounts = {
    ...{ matches: 0, holds: 0, alerts: 0, late: 0, repeats: 0, unresolved: 0, truncated: 0, evicted: 0 },
  };
  readonly cooldowns: Lru<string, number> | undefined;
  /** Correlations that look at this one, and as which member. */
  readonly parents: { readonly running: Running; readonly member: number }[] = [];
  /** Bytes that an entry takes, about. */
  readonly entryBytes: number;
  readonly #plan: WindowPlan | undefined;
  readonly #occurrence: OccurrenceSpec | undefined;

  constructor(correlation: Correlation, { groupEntries, lateMs }: GroupLimits) {
    this.correlation = correlation;
    const { question, timespanMs, members } = correlation;
    if (question.kind === "measure") {
      const { shape, measures } = question;
      this.#plan = new WindowPlan({ timespanMs, shape, measures, lateMs, keep: groupEntries });
    } else {
      const { ordered, terms } = question;
      const keep = Math.max(16, Math.floor(groupEntries / members.length));
      this.#occurrence = { timespanMs, lateMs, ordered, terms, members: members.length, keep };
    }
    this.cooldowns = correlation.cooldownBy === undefined ? undefined : new Lru(cooldowns);
    this.entryBytes = question.kind === "measure" && question.of === "nothing" ? 24 : 72;
  }

  /** From how many events on a group keeps samples: fewer cannot be told of soon. */
  get samplesFrom(): number {
    return this.#plan?.rises ? this.#plan.least - sampleSize : 0;
  }

  /** Whether its windows are asked when they end. */
  get closes(): boolean {
    return this.#plan?.closes === true;
  }

  /** Whether its windows do not overlap. */
  get ranged(): boolean {
    return this.#plan !== undefined && this.#plan.spec.shape.kind !== "sliding";
  }

  /** What a new group begins with. */
  state(): { window: Window | undefined; occurrence: Occurrence | undefined } {
    if (!this.#plan) return { window: undefined, occurrence: new Occurrence(this.#occurrence!) };
    const sliding = this.#plan.spec.shape.kind === "sliding";
    const window = sliding ? new SlidingWindow(this.#plan) : new RangedWindow(this.#plan);
    return { window, occurrence: undefined };
  }
}

/** What must not occur until a time, or an alert is raised. */
export interface Pending {
  readonly together: Together;
  /** The event that completed it. */
  readonly trigger: number;
  /** Others that belong to it. */
  readonly events: readonly number[];
  /** Event time until which an absent member may come. */
  readonly until: number;
  /** The collector's time at which it is not waited for any longer. */
  readonly due: number;
}

/** Weights by power of two; the lightest are given up first. */
export const weights = 24;

/** The events of one group of a correlation. */
export class Group implements Link<Group> {
  older: Group | undefined;
  newer: Group | undefined;
  readonly owner: Running;
  readonly key: string;
  /** Values of its fields, in the order of `groupBy`. */
  readonly values: readonly string[];
  readonly window: Window | undefined;
  readonly occurrence: Occurrence | undefined;
  /**
   * The last events that came, oldest first; an occurrence keeps its own. By number, or as they came while their batch is looked at:
   * most are replaced before it ends.
   */
  readonly samples: (number | EventRef)[] = [];
  /** Some samples have no number yet. */
  fresh = false;
  readonly pending: Pending[] = [];
  /** Time of the event for which it was last told. */
  fired = Number.NEGATIVE_INFINITY;
  /** When it last got an event, by the collector's clock. */
  touched = 0;
  /** When it is to be looked at though nothing comes, by the collector's clock. */
  due = Number.POSITIVE_INFINITY;
  /** When the timetable has it next. */
  queuedAt = Number.POSITIVE_INFINITY;
  weight = 0;
  entries = 0;
  closed = false;

  constructor(owner: Running, key: string, values: readonly string[]) {
    this.owner = owner;
    this.key = key;
    this.values = values;
    const state = owner.state();
    this.window = state.window;
    this.occurrence = state.occurrence;
  }

  get size(): number {
    return this.window ? this.window.entries.size : this.occurrence!.size;
  }
}
