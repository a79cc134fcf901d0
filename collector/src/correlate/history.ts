import type { CopiedRows } from "@vedette/core/batch";
import type { Doc } from "@vedette/core/pipeline";
import type { Event } from "@vedette/sdk";
import { Bodies, type BodyLimits, type EventRef } from "./bodies.ts";
import { Keys } from "./keys.ts";
import { Remembered } from "./remembered.ts";
import { type BoundSearch, branchesOf, keyOf, type Search, type SubscriptionSpec } from "./search.ts";
import { type Kept, SeriesTable, sampleSize } from "./series.ts";
import { covers } from "./target.ts";
import { tenantMark } from "./tenant.ts";
import { termsOf } from "./terms.ts";

export interface HistoryLimits extends BodyLimits {
  /** Remembered events in all series together; the stalest series leave first. */
  readonly sightings: number;
  /** How much later than the triggering event's time a hit may be, for events that arrive out of order. */
  readonly lateMs: number;
}

/** What one or more searches need to be remembered. */
export interface Subscription {
  readonly spec: SubscriptionSpec;
  /** Longest window of its searches. */
  windowMs: number;
  /** Events kept a key: enough for the largest count. */
  keep: number;
  covers(dataType: string): boolean;
}

/** A remembered event that a search found. */
export interface Seen {
  readonly id: string;
  readonly time: number;
  readonly seq: number;
  event(): Event;
}

export interface Found {
  /** Hits, counted up to the wanted number. */
  readonly hits: number;
  /**
   * The newest hits, newest first; one more than are shown, for the triggering event may be among them. Call it at once: it
   * gives what is remembered when it is called.
   */
  sample(): readonly Seen[];
}

/** Events of these types must be read back after a restart, as far as the window reaches. `*` stands for any text. */
export interface HistoryNeed {
  readonly dataType: string;
  readonly windowMs: number;
}

/** An event to be filed. `ref` is called only when it fits. */
export interface Filed {
  readonly seq: number;
  ref(): EventRef;
}

/** Events kept a key where searches compare further values of theirs. */
const comparedKeep = 1_000;

/** Combinations of values under which one event with lists is filed. */
const maxKeys = 64;

/**
 * The bounded memory behind history searches. Each subscription files the events that fit its constant conditions
 * under the values its searches ask for, so a search reads one short series. An event is filed once, whoever
 * delivers it again.
 */
export class History {
  readonly #limits: HistoryLimits;
  readonly #events = new Remembered();
  readonly #bodies: Bodies;
  readonly #table = new SeriesTable(this.#events);
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #keys = new Keys<Subscription>();
  /** The event that was filed last, for those that several subscriptions file. */
  #lastRef: EventRef | undefined;
  #lastEvent = -1;
  readonly #gone = (event: number): void => this.#forget(event);
  readonly stats = { evictedSeries: 0, expiredSeries: 0, repeats: 0 };

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
    this.#bodies = new Bodies(limits, this.#events);
  }

  get size(): { readonly series: number; readonly sightings: number; readonly droppedBodies: number } {
    return {
      series: this.#table.series,
      sightings: this.#table.sightings,
      droppedBodies: this.#bodies.dropped,
    };
  }

  /** Makes sure that what a search and its branches ask for is remembered from now on. */
  subscribe(search: Search): void {
    for (const { spec, windowMs, count } of branchesOf(search)) {
      const known = this.#subscriptions.get(spec.signature);
      const enough = Math.max(count, sampleSize + 1) * 2;
      // Values compared at search time may rule out the newest ones, so more must be there to choose from.
      const keep = spec.keptFields.length > 0 ? Math.max(enough, comparedKeep) : enough;
      if (known) {
        known.windowMs = Math.max(known.windowMs, windowMs);
        known.keep = Math.max(known.keep, keep);
      } else {
        const { dataTypes } = spec.target;
        this.#subscriptions.set(spec.signature, { spec, windowMs, keep, covers: covers(dataTypes) });
      }
    }
  }

  /** All subscriptions by signature. */
  subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions;
  }

  /** The subscriptions that events of a data type concern. */
  subscriptionsOf(dataType: string): Subscription[] {
    return [...this.#subscriptions.values()].filter((each) => each.covers(dataType));
  }

  /** The subscriptions that alerts concern. */
  alertSubscriptions(): Subscription[] {
    return [...this.#subscriptions.values()].filter((each) => each.spec.target.alerts);
  }

  needs(): HistoryNeed[] {
    const longest = new Map<string, number>();
    for (const { spec, windowMs } of this.#subscriptions.values()) {
      for (const dataType of spec.target.dataTypes) {
        longest.set(dataType, Math.max(longest.get(dataType) ?? 0, windowMs));
      }
    }
    return [...longest].map(([dataType, windowMs]) => ({ dataType, windowMs }));
  }

  /** Files an event where it fits the subscription; says whether it did. `now` is the collector's time. */
  add(owner: Subscription, doc: Doc, event: Filed, now: number): boolean {
    for (const { path, test } of owner.spec.constants) if (!test(doc.get(path))) return false;
    const keys = this.#keysOf(owner.spec, doc);
    if (keys.length === 0) return false;
    const { keptFields } = owner.spec;
    const ref = event.ref();
    const kept = keptFields.length > 0 ? keptFields.map((field) => doc.get(field)) : undefined;
    for (const key of keys) this.#file(owner, key, ref, event.seq, kept, now);
    this.#bound(now);
    return true;
  }

  #keysOf({ keyFields }: SubscriptionSpec, doc: Doc): string[] {
    const tenant = tenantMark(doc.get("tenantId"));
    if (keyFields.length === 0) return [keyOf(keyFields) + tenant];
    if (keyFields.length === 1) {
      const value = doc.get(keyFields[0]!);
      // By far the most common: one field with one value.
      if (typeof value === "string") return [value + tenant];
    }
    let combinations: string[][] = [[]];
    for (const field of keyFields) {
      const terms = new Set(termsOf(doc.get(field)));
      combinations = combinations.flatMap((values) => [...terms].map((term) => [...values, term]));
      if (combinations.length > maxKeys) combinations.length = maxKeys;
    }
    return combinations.map((values) => keyOf(values) + tenant);
  }

  #file(owner: Subscription, key: string, ref: EventRef, seq: number, kept: Kept, now: number): void {
    const table = this.#table;
    let series = this.#keys.find(owner, key);
    if (series < 0) {
      series = table.open(now);
      this.#keys.add(owner, key, series);
    } else table.touch(series, now);
    if (table.find(series, ref.id) >= 0) {
      this.stats.repeats++;
      return;
    }
    const event = this.#numberOf(ref, seq);
    this.#events.use(event);
    table.add(series, event, kept, owner.keep, this.#gone);
  }

  /** -1 where there is none. */
  #seriesOf(search: Search, key: string): number {
    const owner = this.#subscriptions.get(search.spec.signature);
    return owner ? this.#keys.find(owner, key) : -1;
  }

  /** The event's number: one for all series that hold it. */
  #numberOf(ref: EventRef, seq: number): number {
    if (ref === this.#lastRef && this.#events.uses(this.#lastEvent) > 0) return this.#lastEvent;
    const event = this.#events.add(ref, seq);
    this.#bodies.add(event, ref);
    this.#lastRef = ref;
    this.#lastEvent = event;
    return event;
  }

  /** Copies what is remembered of the batch that was filed last, which may then be freed. Call it behind each batch; `own` are its rows, if they lie by themselves. */
  settle(own?: CopiedRows): void {
    this.#bodies.settle(own);
    this.#lastRef = undefined;
  }

  #forget(event: number): void {
    if (this.#events.unuse(event) > 0) return;
    this.#bodies.release(event);
    this.#events.free(event);
  }

  #bound(now: number): void {
    const table = this.#table;
    for (;;) {
      const stalest = table.stalest;
      if (stalest < 0) return;
      const { windowMs } = this.#keys.ownerOf(stalest);
      const over = table.sightings > this.#limits.sightings;
      const stale = table.touchedAt(stalest) + windowMs + this.#limits.lateMs < now;
      if (!over && !stale) return;
      this.#keys.delete(stalest);
      table.close(stalest, this.#gone);
      if (stale) this.stats.expiredSeries++;
      else this.stats.evictedSeries++;
    }
  }

  /** Whether there are events enough for a search, whatever their times: most often there are not. */
  mayHold(search: Search, key: string): boolean {
    const series = this.#seriesOf(search, key);
    return series >= 0 && this.#table.size(series) >= search.count;
  }

  /**
   * Hits of a search around an event of time `time` that arrived as number `seq`. An event that is filed itself is
   * seen as it was when it first arrived, so a repeat finds what the first time found.
   */
  find(search: Search, bound: BoundSearch, event: { id: string; time: number; seq: number }): Found {
    const series = this.#seriesOf(search, bound.key);
    if (series < 0) return nothing;
    const self = this.#table.find(series, event.id);
    const time = self < 0 ? event.time : this.#events.time(self);
    const window = {
      from: time - search.windowMs,
      to: time + this.#limits.lateMs,
      seq: self < 0 ? event.seq : this.#events.seq(self),
      tests: bound.tests,
    };
    const hits = this.#table.hits(series, window, search.count);
    return {
      hits,
      sample: () => {
        const sample: number[] = [];
        this.#table.hits(series, window, sampleSize + 1, sample);
        return sample.map((each) => this.#seen(each));
      },
    };
  }

  #seen(event: number): Seen {
    return {
      id: this.#events.id(event),
      time: this.#events.time(event),
      seq: this.#events.seq(event),
      event: () => this.#bodies.event(event),
    };
  }
}

const nothing: Found = { hits: 0, sample: () => [] };
