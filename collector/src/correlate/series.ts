import { doubled } from "./doubled.ts";
import type { Remembered } from "./remembered.ts";
import type { TermTest } from "./terms.ts";

/** What a search looks for in a series. */
export interface Window {
  /** Earliest and latest event time, both included. */
  readonly from: number;
  readonly to: number;
  /** Events that arrived later are not seen. */
  readonly seq: number;
  readonly tests: readonly { readonly at: number; readonly test: TermTest }[];
}

/** Hits of a search shown in an alert, the triggering event not counted. */
export const sampleSize = 10;

/** Values of a subscription's kept fields. */
export type Kept = readonly unknown[] | undefined;

const firstRoom = 256;

/** Where what stands in the four numbers of a sighting. */
const [timeAt, seqAt, eventAt, earlierAt] = [0, 1, 2, 3];

/**
 * Series by number: the events of one key, ordered by event time, the last `keep` that came, up to twice that before a
 * trim. Each is a list from the latest event to the earliest, and all series together are one in the order of their
 * staleness. Lists are links between numbers, so that nothing of them is an object.
 */
export class SeriesTable {
  readonly #events: Remembered;
  /** The latest sighting of a series. */
  #latest = new Int32Array(firstRoom);
  #sizes = new Uint32Array(firstRoom);
  /** When it was last added to, by the collector's clock. */
  #touched = new Float64Array(firstRoom);
  #staler = new Int32Array(firstRoom);
  #fresher = new Int32Array(firstRoom);
  #freeSeries = -1;
  #stalest = -1;
  #freshest = -1;
  #series = 0;
  #room = 0;

  /**
   * Four numbers a sighting, side by side because a search walks over them: time and place of the event, the event, and the
   * sighting before it in time or the next free one.
   */
  #nodes = new Float64Array(firstRoom * 4);
  readonly #kept: Kept[] = [];
  #freeSighting = -1;
  #sightings = 0;

  constructor(events: Remembered) {
    this.#events = events;
  }

  get series(): number {
    return this.#series;
  }
  get sightings(): number {
    return this.#sightings;
  }
  /** The series that was not added to for the longest time; -1 where there is none. */
  get stalest(): number {
    return this.#stalest;
  }
  size(series: number): number {
    return this.#sizes[series]!;
  }
  touchedAt(series: number): number {
    return this.#touched[series]!;
  }
  /** Begins a series, the freshest. */
  open(now: number): number {
    let series = this.#freeSeries;
    if (series >= 0) this.#freeSeries = this.#fresher[series]!;
    else {
      series = this.#room++;
      if (series === this.#sizes.length) this.#growSeries();
    }
    this.#latest[series] = -1;
    this.#sizes[series] = 0;
    this.#touched[series] = now;
    this.#series++;
    this.#append(series);
    return series;
  }

  /** Makes it the freshest. */
  touch(series: number, now: number): void {
    this.#touched[series] = now;
    if (series === this.#freshest) return;
    this.#unlink(series);
    this.#append(series);
  }

  /** Ends a series; its number may be given anew. `gone` gets its events. */
  close(series: number, gone: (event: number) => void): void {
    this.#unlink(series);
    for (let at = this.#latest[series]!; at >= 0; ) at = this.#drop(at, gone);
    this.#fresher[series] = this.#freeSeries;
    this.#freeSeries = series;
    this.#series--;
  }

  /** The event of this id in a series; -1 where it is not there. */
  find(series: number, id: string): number {
    // Nearly always it is new, or the latest.
    if (!this.#events.knows(id)) return -1;
    for (let at = this.#latest[series]!; at >= 0; at = this.#nodes[at * 4 + earlierAt]!) {
      const event = this.#nodes[at * 4 + eventAt]!;
      if (this.#events.is(event, id)) return event;
    }
    return -1;
  }

  /** Adds an event in order of time. `gone` gets the ones that had to leave, which may be this one. */
  add(series: number, event: number, kept: Kept, keep: number, gone: (event: number) => void): void {
    const time = this.#events.time(event);
    let later = -1;
    let at = this.#latest[series]!;
    while (at >= 0 && this.#nodes[at * 4 + timeAt]! > time) {
      later = at;
      at = this.#nodes[at * 4 + earlierAt]!;
    }
    const sighting = this.#take();
    const node = sighting * 4;
    this.#nodes[node + timeAt] = time;
    this.#nodes[node + seqAt] = this.#events.seq(event);
    this.#nodes[node + eventAt] = event;
    this.#nodes[node + earlierAt] = at;
    this.#kept[sighting] = kept;
    if (later < 0) this.#latest[series] = sighting;
    else this.#nodes[later * 4 + earlierAt] = sighting;
    if (++this.#sizes[series]! > keep * 2) this.#trim(series, keep, gone);
  }

  /** Keeps the last to arrive, not the latest by time: a clock that once ran ahead must not crowd out the present. */
  #trim(series: number, keep: number, gone: (event: number) => void): void {
    const arrivals = new Float64Array(this.#sizes[series]!);
    let count = 0;
    for (let at = this.#latest[series]!; at >= 0; at = this.#nodes[at * 4 + earlierAt]!) {
      arrivals[count++] = this.#nodes[at * 4 + seqAt]!;
    }
    const first = arrivals.sort()[count - keep]!;
    let later = -1;
    for (let at = this.#latest[series]!; at >= 0; ) {
      if (this.#nodes[at * 4 + seqAt]! >= first) {
        later = at;
        at = this.#nodes[at * 4 + earlierAt]!;
        continue;
      }
      at = this.#drop(at, gone);
      if (later < 0) this.#latest[series] = at;
      else this.#nodes[later * 4 + earlierAt] = at;
      this.#sizes[series]!--;
    }
  }

  /** Counts hits up to `most`, latest first, and puts their events into `sample`. */
  hits(series: number, { from, to, seq, tests }: Window, most: number, sample?: number[]): number {
    const nodes = this.#nodes;
    let hits = 0;
    for (let at = this.#latest[series]!; at >= 0 && hits < most; at = nodes[at * 4 + earlierAt]!) {
      const node = at * 4;
      const time = nodes[node + timeAt]!;
      if (time < from) break;
      if (time > to || nodes[node + seqAt]! > seq) continue;
      if (tests.length > 0) {
        const kept = this.#kept[at];
        if (!tests.every((each) => each.test(kept?.[each.at]))) continue;
      }
      hits++;
      sample?.push(nodes[node + eventAt]!);
    }
    return hits;
  }

  #take(): number {
    this.#sightings++;
    const free = this.#freeSighting;
    if (free >= 0) {
      this.#freeSighting = this.#nodes[free * 4 + earlierAt]!;
      return free;
    }
    const sighting = this.#kept.length;
    if (sighting * 4 === this.#nodes.length) this.#nodes = doubled(this.#nodes);
    return sighting;
  }

  /** Frees a sighting and gives the one before it in time. */
  #drop(sighting: number, gone: (event: number) => void): number {
    const earlier = this.#nodes[sighting * 4 + earlierAt]!;
    const event = this.#nodes[sighting * 4 + eventAt]!;
    this.#kept[sighting] = undefined;
    this.#nodes[sighting * 4 + earlierAt] = this.#freeSighting;
    this.#freeSighting = sighting;
    this.#sightings--;
    gone(event);
    return earlier;
  }

  #append(series: number): void {
    this.#staler[series] = this.#freshest;
    this.#fresher[series] = -1;
    if (this.#freshest >= 0) this.#fresher[this.#freshest] = series;
    else this.#stalest = series;
    this.#freshest = series;
  }

  #unlink(series: number): void {
    const staler = this.#staler[series]!;
    const fresher = this.#fresher[series]!;
    if (staler >= 0) this.#fresher[staler] = fresher;
    else this.#stalest = fresher;
    if (fresher >= 0) this.#staler[fresher] = staler;
    else this.#freshest = staler;
  }

  #growSeries(): void {
    this.#latest = doubled(this.#latest);
    this.#sizes = doubled(this.#sizes);
    this.#touched = doubled(this.#touched);
    this.#staler = doubled(this.#staler);
    this.#fresher = doubled(this.#fresher);
  }
}
