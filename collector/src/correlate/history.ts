import type { Doc } from "@vedette/core/pipeline";
import { Chain, type Link } from "../bounded/index.ts";
import { Bodies, type BodyLimits, type EventRef } from "./bodies.ts";
import { type BoundSearch, branchesOf, keyOf, type Search, type SubscriptionSpec } from "./search.ts";
import { type Found, Series, type Sighting, sampleSize } from "./series.ts";
import { covers } from "./target.ts";
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
  /** Its series by key. */
  readonly entries: Map<string, Entry>;
  /** Longest window of its searches. */
  windowMs: number;
  /** Events kept a key: enough for the largest count. */
  keep: number;
  covers(dataType: string): boolean;
}

/** A series, in the order of staleness with all others. */
interface Entry extends Link<Entry> {
  readonly owner: Subscription;
  readonly key: string;
  readonly series: Series;
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
  readonly #bodies: Bodies;
  readonly #subscriptions = new Map<string, Subscription>();
  /** All series, stalest first. */
  readonly #entries = new Chain<Entry>();
  #series = 0;
  #sightings = 0;
  readonly stats = { evictedSeries: 0, expiredSeries: 0, repeats: 0 };

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
    this.#bodies = new Bodies(limits);
  }

  get size(): { readonly series: number; readonly sightings: number; readonly droppedBodies: number } {
    return {
      series: this.#series,
      sightings: this.#sightings,
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
        const entries = new Map<string, Entry>();
        this.#subscriptions.set(spec.signature, { spec, entries, windowMs, keep, covers: covers(dataTypes) });
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
    const { seq } = event;
    const kept = keptFields.length > 0 ? keptFields.map((field) => doc.get(field)) : undefined;
    for (const key of keys) this.#file(owner, key, { ref, time: ref.time, seq, kept }, now);
    this.#bound(now);
    return true;
  }

  #keysOf({ keyFields }: SubscriptionSpec, doc: Doc): string[] {
    if (keyFields.length === 0) return [keyOf(keyFields)];
    if (keyFields.length === 1) {
      const value = doc.get(keyFields[0]!);
      // By far the most common: one field with one value.
      if (typeof value === "string") return [value];
    }
    let combinations: string[][] = [[]];
    for (const field of keyFields) {
      const terms = new Set(termsOf(doc.get(field)));
      combinations = combinations.flatMap((values) => [...terms].map((term) => [...values, term]));
      if (combinations.length > maxKeys) combinations.length = maxKeys;
    }
    return combinations.map(keyOf);
  }

  #file(owner: Subscription, key: string, sighting: Sighting, now: number): void {
    let entry = owner.entries.get(key);
    if (entry) this.#entries.touch(entry);
    else {
      entry = { owner, key, series: new Series(), older: undefined, newer: undefined };
      owner.entries.set(key, entry);
      this.#entries.add(entry);
      this.#series++;
    }
    entry.series.touched = now;
    if (entry.series.find(sighting.ref.id)) {
      this.stats.repeats++;
      return;
    }
    const { ref } = sighting;
    if (ref.uses++ === 0) {
      if (ref.batch) this.#bodies.addRow(ref);
      else this.#bodies.addBody(ref);
    }
    this.#sightings++;
    if (entry.series.size > 0) {
      ref.wanted = true;
      if (entry.series.size === 1) entry.series.sightings()[0]!.ref.wanted = true;
    }
    this.#forget(entry.series.add(sighting, owner.keep));
  }

  #forget(gone: readonly Sighting[]): void {
    this.#sightings -= gone.length;
    for (const { ref } of gone) if (--ref.uses === 0) this.#bodies.release(ref);
  }

  #bound(now: number): void {
    for (;;) {
      const stalest = this.#entries.oldest;
      if (!stalest) return;
      const { owner, key, series } = stalest;
      const over = this.#sightings > this.#limits.sightings;
      const stale = series.touched + owner.windowMs + this.#limits.lateMs < now;
      if (!over && !stale) return;
      this.#entries.remove(stalest);
      owner.entries.delete(key);
      this.#series--;
      this.#forget(series.sightings());
      if (stale) this.stats.expiredSeries++;
      else this.stats.evictedSeries++;
    }
  }

  /** Whether there are events enough for a search, whatever their times: most often there are not. */
  mayHold(search: Search, key: string): boolean {
    const entry = this.#subscriptions.get(search.spec.signature)?.entries.get(key);
    return (entry?.series.size ?? 0) >= search.count;
  }

  /**
   * Hits of a search around an event of time `time` that arrived as number `seq`. An event that is filed itself is
   * seen as it was when it first arrived, so a repeat finds what the first time found.
   */
  find(search: Search, bound: BoundSearch, event: { id: string; time: number; seq: number }): Found {
    const entry = this.#subscriptions.get(search.spec.signature)?.entries.get(bound.key);
    if (!entry) return { hits: 0, sample: [] };
    const self = entry.series.find(event.id);
    const time = self?.time ?? event.time;
    return entry.series.search({
      from: time - search.windowMs,
      to: time + this.#limits.lateMs,
      seq: self?.seq ?? event.seq,
      count: search.count,
      tests: bound.tests,
    });
  }
}
