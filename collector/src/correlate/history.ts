import type { Event } from "@vedette/sdk";
import type { BodyLimits, EventRef } from "./bodies.ts";
import type { PackedId } from "./event-ids.ts";
import { Hash64 } from "./hash.ts";
import { KeyReader, type Readable } from "./key-reader.ts";
import { EventMemory } from "./memory.ts";
import type { Remembered } from "./remembered.ts";
import { branchesOf, type Compared, comparedWith, type Search, type SubscriptionSpec } from "./search.ts";
import { SeriesTable, sampleSize, Window } from "./series.ts";
import { covers } from "./target.ts";

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

/** A subscription while events are filed for it. */
interface Owner extends Subscription {
  readonly number: number;
  /** Shared by all that ask for the same paths. */
  readonly reader: KeyReader;
  /** Values of its kept fields, by event; undefined where it keeps none. */
  readonly kept: Map<number, readonly unknown[]> | undefined;
}

/** A search while it is asked. */
interface Asked {
  readonly owner: Owner;
  readonly reader: KeyReader;
}

/** A remembered event that a search found. */
export interface Seen {
  readonly id: string;
  readonly time: number;
  readonly seq: number;
  event(): Event;
}

/** What a search found. */
export class Found {
  /** Hits, counted up to the wanted number. */
  readonly hits: number;
  readonly #sample: ((window: Window) => readonly Seen[]) | undefined;
  readonly #window: Window | undefined;

  constructor(hits: number, window?: Window, sample?: (window: Window) => readonly Seen[]) {
    this.hits = hits;
    this.#window = window;
    this.#sample = sample;
  }

  /**
   * The newest hits, newest first; one more than are shown, for the triggering event may be among them. Call it at once: it
   * gives what is remembered when it is called.
   */
  sample(): readonly Seen[] {
    return this.#sample?.(this.#window!) ?? [];
  }
}

/** Events of these types must be read back after a restart, as far as the window reaches. `*` stands for any text. */
export interface HistoryNeed {
  readonly dataType: string;
  readonly windowMs: number;
}

/** An event to be filed. `ref` is called only when it fits. */
export interface Filed extends Readable {
  readonly seq: number;
  ref(): EventRef;
}

/** The triggering event of a search. */
export interface Sought extends Readable {
  readonly time: number;
  readonly seq: number;
  /** Its id; may be void after the next call of anything. */
  key(): PackedId;
}

/** Events kept a key where searches compare further values of theirs. */
const comparedKeep = 1_000;

/**
 * The bounded memory behind history searches. Each subscription files the events that fit its constant conditions
 * under the values its searches ask for, so a search reads one short series. An event is filed once, whoever
 * delivers it again.
 */
export class History {
  readonly #limits: HistoryLimits;
  readonly #memory: EventMemory;
  readonly #events: Remembered;
  readonly #table: SeriesTable;
  readonly #subscriptions = new Map<string, Owner>();
  readonly #owners: Owner[] = [];
  /** Those that keep values. */
  readonly #keepers: Owner[] = [];
  readonly #asked = new Map<Search, Asked>();
  readonly #readers = new Map<string, KeyReader>();
  /** Readers that look at the batch at hand. */
  readonly #active: KeyReader[] = [];
  readonly #key = new Hash64();
  /** What is filed now, and for whom. */
  #owner!: Owner;
  #filed!: Filed;
  #now = 0;
  /** Keys that events were filed under. */
  #keys = 0;
  /** The places in the order of arrival of the event that was filed last, and of the last one that was there before. */
  #lastSeq = Number.NaN;
  #repeatSeq = Number.NaN;
  /** Of the search that is asked next. */
  #window = new Window();
  readonly #sampleOf = (window: Window): readonly Seen[] => {
    const sample: number[] = [];
    this.#table.hits(window, sampleSize + 1, sample);
    return sample.map((each) => this.#seen(each));
  };
  readonly #gone = (event: number): void => this.#memory.release(event);
  readonly #fileUnder = (key: Hash64): void => this.#file(key);
  readonly stats = { evictedSeries: 0, expiredSeries: 0, repeats: 0 };

  /** `memory` is where the events are: its own, or shared with windows. */
  constructor(limits: HistoryLimits, memory = new EventMemory(limits)) {
    this.#limits = limits;
    this.#memory = memory;
    this.#events = memory.events;
    this.#table = new SeriesTable(memory.events);
    memory.onForget((event) => {
      for (const { kept } of this.#keepers) kept!.delete(event);
    });
  }

  get size(): { readonly series: number; readonly sightings: number; readonly droppedBodies: number } {
    return {
      series: this.#table.series,
      sightings: this.#table.sightings,
      droppedBodies: this.#memory.bodies.dropped,
    };
  }

  /** Makes sure that what a search and its branches ask for is remembered from now on. */
  subscribe(search: Search): void {
    for (const each of branchesOf(search)) {
      const owner = this.#ownerOf(each);
      const enough = Math.max(each.count, sampleSize + 1) * 2;
      // Values compared at search time may rule out the newest ones, so more must be there to choose from.
      const keep = owner.kept ? Math.max(enough, comparedKeep) : enough;
      owner.windowMs = Math.max(owner.windowMs, each.windowMs);
      owner.keep = Math.max(owner.keep, keep);
      this.#asked.set(each, { owner, reader: this.#readerOf(each.keyPaths) });
    }
  }

  #ownerOf({ spec }: Search): Owner {
    const known = this.#subscriptions.get(spec.signature);
    if (known) return known;
    const number = this.#owners.length;
    const owner: Owner = {
      spec,
      windowMs: 0,
      keep: 0,
      covers: covers(spec.target.dataTypes),
      number,
      reader: this.#readerOf(spec.keyFields),
      kept: spec.keptFields.length > 0 ? new Map() : undefined,
    };
    this.#owners.push(owner);
    if (owner.kept) this.#keepers.push(owner);
    this.#subscriptions.set(spec.signature, owner);
    return owner;
  }

  #readerOf(paths: readonly string[]): KeyReader {
    const name = JSON.stringify(paths);
    const known = this.#readers.get(name);
    if (known) return known;
    const reader = new KeyReader(paths);
    this.#readers.set(name, reader);
    return reader;
  }

  /** All subscriptions by signature. */
  subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions;
  }

  /** The subscriptions that events of a data type concern. */
  subscriptionsOf(dataType: string): Subscription[] {
    return this.#owners.filter((each) => each.covers(dataType));
  }

  /** The subscriptions that alerts concern. */
  alertSubscriptions(): Subscription[] {
    return this.#owners.filter((each) => each.spec.target.alerts);
  }

  needs(): HistoryNeed[] {
    const longest = new Map<string, number>();
    for (const { spec, windowMs } of this.#owners) {
      for (const dataType of spec.target.dataTypes) {
        longest.set(dataType, Math.max(longest.get(dataType) ?? 0, windowMs));
      }
    }
    return [...longest].map(([dataType, windowMs]) => ({ dataType, windowMs }));
  }

  /**
   * Files an event in history where it fits a subscription of this history; says whether it did. `now` is the collector's time, `fits` tells
   * that its constant conditions are known to hold.
   */
  add({ spec }: Subscription, event: Filed, now: number, fits = false): boolean {
    if (!fits) for (const { path, test } of spec.constants) if (!test(event.doc.get(path))) return false;
    const owner = this.#subscriptions.get(spec.signature)!;
    const before = this.#keys;
    this.#owner = owner;
    this.#filed = event;
    this.#now = now;
    if (event.columns) this.#note(owner.reader);
    owner.reader.filed(event, owner.number, this.#key, this.#fileUnder);
    if (this.#keys === before) return false;
    this.#bound(now);
    return true;
  }

  #note(reader: KeyReader): void {
    if (reader.active) return;
    reader.active = true;
    this.#active.push(reader);
  }

  #file(key: Hash64): void {
    this.#keys++;
    const owner = this.#owner;
    const filed = this.#filed;
    const table = this.#table;
    const ref = filed.ref();
    let series = table.find(key);
    if (series < 0) series = table.open(key, owner.number, this.#now);
    else {
      table.touch(series, this.#now);
      if (table.eventOf(series, ref.key()) >= 0) {
        this.stats.repeats++;
        this.#repeatSeq = filed.seq;
        return;
      }
    }
    const event = this.#memory.hold(ref);
    this.#events.setSeq(event, filed.seq);
    // Of an object it is not told whether it is an event or an alert.
    this.#lastSeq = ref.heads ? filed.seq : Number.NaN;
    owner.kept?.set(
      event,
      owner.spec.keptFields.map((field) => filed.doc.get(field)),
    );
    table.add(series, event, owner.keep, this.#gone);
  }

  /** Copies what is remembered of the batch that was filed last, which may then be freed. Call it behind each batch. */
  settle(): void {
    this.#memory.settle();
    for (const reader of this.#active) reader.leave();
    this.#active.length = 0;
    this.#table.tidy();
  }

  #bound(now: number): void {
    const table = this.#table;
    for (;;) {
      const stalest = table.stalest;
      if (stalest < 0) return;
      const { windowMs } = this.#owners[table.ownerOf(stalest)]!;
      const over = table.sightings > this.#limits.sightings;
      const stale = table.touchedAt(stalest) + windowMs + this.#limits.lateMs < now;
      if (!over && !stale) return;
      table.close(stalest, this.#gone);
      if (stale) this.stats.expiredSeries++;
      else this.stats.evictedSeries++;
    }
  }

  /**
   * Hits of a search around an event. One that is filed itself is seen as it was when it first arrived, so a repeat finds what the
   * first time found. Where there are not `least`, none are given. Gives the path of a placeholder that has no value instead.
   */
  find(search: Search, event: Sought, least = 0): Found | string {
    const asked = this.#asked.get(search);
    if (!asked) return nothing;
    const { owner, reader } = asked;
    if (event.columns) this.#note(reader);
    const missing = reader.sought(event, owner.number, this.#key);
    if (missing !== undefined) return missing;
    const tests = comparedWith(search, event.doc);
    if (typeof tests === "string") return tests;
    const series = this.#table.find(this.#key);
    if (series < 0 || this.#table.size(series) < least) return nothing;
    // What was just filed for the first time is seen as it is.
    const { seq } = event;
    const isNew = seq === this.#lastSeq && seq !== this.#repeatSeq;
    const self = isNew ? -1 : this.#table.eventOf(series, event.key());
    const time = self < 0 ? event.time : this.#events.time(self);
    const window = this.#window;
    window.series = series;
    window.from = time - search.windowMs;
    window.to = time + this.#limits.lateMs;
    window.seq = self < 0 ? seq : this.#events.seq(self);
    window.test = tests.length === 0 ? undefined : testOf(tests, owner);
    const hits = this.#table.hits(window, search.count);
    if (hits === 0 || hits < least) return nothing;
    // What was found has the window; most often there are not enough, and the next one takes it.
    this.#window = new Window();
    return new Found(hits, window, this.#sampleOf);
  }

  #seen(event: number): Seen {
    return {
      id: this.#events.id(event),
      time: this.#events.time(event),
      seq: this.#events.seq(event),
      event: () => this.#memory.bodies.event(event),
    };
  }
}

const nothing = new Found(0);

const testOf =
  (tests: readonly Compared[], { kept }: Owner) =>
  (event: number): boolean =>
    tests.every((each) => each.test(kept?.get(event)?.[each.at]));
