import { Lru } from "../../bounded/index.ts";
import type { EventRef } from "../bodies.ts";
import type { Correlation } from "./correlation.ts";
import { EntryRoom } from "./member-entries.ts";
import { Occurrence, type OccurrenceSpec, type Together } from "./occurrence.ts";
import { RangedWindow } from "./ranged.ts";
import { SlidingWindow } from "./sliding.ts";
import { GroupReader, RowReader, type TextReader } from "./text-reader.ts";
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

/** What a correlation reads of the events of one of its members. */
export interface MemberReaders {
  readonly group: GroupReader;
  /** Of the measured value, where that is a text or several together. */
  readonly fields: RowReader | undefined;
}

/**
 * Bytes, about, as they were measured: of a group beside its entries, of lists that grow with the second one, of an entry, of what holds
 * samples, and of a sample. The bodies of samples have a bound of their own.
 */
interface Sizes {
  readonly group: number;
  readonly grown: number;
  readonly entry: number;
  readonly tray: number;
  readonly sample: number;
}

const counted: Sizes = { group: 95, grown: 0, entry: 30, tray: 200, sample: 150 };
const measured: Sizes = { group: 830, grown: 280, entry: 24, tray: 80, sample: 80 };
const measuredValues: Sizes = { ...measured, group: 900, grown: 420, entry: 90 };
const occurring = (members: number): Sizes => ({
  ...{ group: 500 + members * 150, grown: 200, entry: 170, tray: 0, sample: 0 },
});

/** A correlation while it runs. */
export class Running {
  readonly correlation: Correlation;
  readonly lateMs: number;
  /** Its place among all. */
  readonly number: number;
  readonly counts: CorrelationCounts = {
    ...{ matches: 0, holds: 0, alerts: 0, late: 0, repeats: 0, unresolved: 0, truncated: 0, evicted: 0 },
  };
  readonly cooldowns: Lru<string, number> | undefined;
  /** Correlations that look at this one, and as which member. */
  readonly parents: { readonly running: Running; readonly member: number }[] = [];
  /** By member. */
  readonly readers: readonly MemberReaders[];
  /** Where it does nothing but count in sliding windows: what its windows ask. */
  readonly counting: WindowPlan | undefined;
  /** From how many events on a group keeps samples: fewer cannot be told of soon, and what raises nothing shows nothing. */
  readonly samplesFrom: number;
  /** Events of it came since batches were settled last. */
  active = false;
  readonly #sizes: Sizes;
  readonly #plan: WindowPlan | undefined;
  readonly #occurrence: OccurrenceSpec | undefined;
  readonly #room: EntryRoom;

  /** `tenant` and `room` are shared by all. */
  constructor(
    correlation: Correlation,
    { groupEntries, lateMs }: GroupLimits,
    number: number,
    tenant: TextReader,
    room = new EntryRoom(),
  ) {
    this.#room = room;
    this.correlation = correlation;
    this.lateMs = lateMs;
    this.number = number;
    const { question, timespanMs, members } = correlation;
    const ofText = question.kind === "measure" && question.of === "text";
    this.readers = members.map(({ group, fields }) => ({
      group: new GroupReader(number, tenant, group),
      fields: ofText ? new RowReader(fields) : undefined,
    }));
    if (question.kind === "measure") {
      const { shape, measures } = question;
      this.#plan = new WindowPlan({ timespanMs, shape, measures, lateMs, keep: groupEntries });
    } else {
      const { ordered, terms } = question;
      const keep = Math.max(16, Math.floor(groupEntries / members.length));
      this.#occurrence = { timespanMs, lateMs, ordered, terms, members: members.length, keep };
    }
    this.cooldowns = correlation.cooldownBy === undefined ? undefined : new Lru(cooldowns);
    // A window that is asked at its end is told by the last event of its samples.
    const shown = correlation.raises || this.closes;
    const from = this.#plan?.rises ? this.#plan.least - sampleSize : 0;
    this.samplesFrom = shown ? from : Number.POSITIVE_INFINITY;
    const counts = question.kind === "measure" && question.of === "nothing" && this.#plan!.counts;
    this.counting = counts ? this.#plan : undefined;
    const ofPlan = this.#plan?.hasData ? measuredValues : measured;
    this.#sizes = counts ? counted : this.#plan ? ofPlan : occurring(members.length);
  }

  /** Bytes that a group of so many entries takes, about. */
  bytesOf(entries: number): number {
    const { group, grown, entry, tray, sample } = this.#sizes;
    const own = group + (entries > 1 ? grown : 0) + entries * entry;
    const samples = Math.min(entries - Math.max(0, this.samplesFrom - 1), sampleSize + 1);
    return samples <= 0 ? own : own + tray + samples * sample;
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
    if (!this.#plan) return { window: undefined, occurrence: new Occurrence(this.#occurrence!, this.#room) };
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

/** The last events that came to a group, oldest first; an occurrence keeps its own. */
export interface Tray {
  /** By number, or as they came while their batch is looked at: most are replaced before it ends. */
  readonly samples: (number | EventRef)[];
  /** Some samples have no number yet. */
  fresh: boolean;
}

/** The events of one group of a correlation that does more than count. */
export class Group implements Tray {
  readonly owner: Running;
  /** Its row among all groups. */
  readonly slot: number;
  /** Values of its fields, in the order of `groupBy`. */
  readonly values: readonly string[];
  readonly window: Window | undefined;
  readonly occurrence: Occurrence | undefined;
  readonly samples: (number | EventRef)[] = [];
  fresh = false;
  readonly pending: Pending[] = [];
  /** When it is to be looked at though nothing comes, by the collector's clock. */
  due = Number.POSITIVE_INFINITY;
  /** When the timetable has it next. */
  queuedAt = Number.POSITIVE_INFINITY;
  closed = false;
  /** Times of events for which windows that do not overlap were told of, the last one told behind. */
  readonly told: number[] = [];

  constructor(owner: Running, slot: number, values: readonly string[]) {
    this.owner = owner;
    this.slot = slot;
    this.values = values;
    const state = owner.state();
    this.window = state.window;
    this.occurrence = state.occurrence;
  }

  get size(): number {
    return this.window ? this.window.entries.size : this.occurrence!.size;
  }
}
