import { Blocks } from "./blocks.ts";
import type { PackedId } from "./event-ids.ts";
import { grown, nextRoom } from "./grown.ts";
import type { Hash64 } from "./hash.ts";
import type { Remembered } from "./remembered.ts";
import { RowIndex, rowFloats, rowInts } from "./row-index.ts";

/** What a search looks for in a series. */
export class Window {
  series = -1;
  /** Earliest and latest event time, both included. */
  from = 0;
  to = 0;
  /** Events that arrived later are not seen. */
  seq = 0;
  /** Whether an event is one that is looked for; undefined where all are. */
  test: ((event: number) => boolean) | undefined;
}

/** Hits of a search shown in an alert, the triggering event not counted. */
export const sampleSize = 10;

const firstRoom = 256;

/** Numbers of a series, behind its hash: whose it is, its neighbours in staleness, where its entries lie and which of them are there. */
const [ownerAt, stalerAt, fresherAt, blockAt, roomAt, headAt, endAt] = [2, 3, 4, 5, 6, 7, 8];
/** When it was added to last, by the collector's clock, and the latest place in the order of arrival that it ever had. */
const [touchedAt, newestSeqAt] = [5, 6];

/** Numbers of an entry: time and place of the event, and the event. */
const entryFloats = 3;
const [timeAt, seqAt, eventAt] = [0, 1, 2];

/**
 * Series by number: the events of one key of one owner, ordered by event time, the last `keep` that came, up to twice that before a
 * trim. A series is a row of one typed array, its entries lie side by side in a block of another, and all series are one list in the
 * order of their staleness: what one event touches is few places in memory. A series is known by 64 bits of a hash.
 */
export class SeriesTable {
  readonly #events: Remembered;
  readonly #index = new RowIndex();
  #ints = new Int32Array(firstRoom * rowInts);
  #floats = new Float64Array(this.#ints.buffer);
  #room = firstRoom;
  #used = 0;
  #free = -1;
  #stalest = -1;
  #freshest = -1;
  #blocks = new Blocks(entryFloats);
  series = 0;
  sightings = 0;

  constructor(events: Remembered) {
    this.#events = events;
  }

  /** The series that was not added to for the longest time; -1 where there is none. */
  get stalest(): number {
    return this.#stalest;
  }
  size(series: number): number {
    return this.#ints[series * rowInts + endAt]! - this.#ints[series * rowInts + headAt]!;
  }
  touchedAt(series: number): number {
    return this.#floats[series * rowFloats + touchedAt]!;
  }
  /** The number that `open` was told. */
  ownerOf(series: number): number {
    return this.#ints[series * rowInts + ownerAt]! - 1;
  }

  /** The series of a hash; -1 where there is none. */
  find({ low, high }: Hash64): number {
    return this.#index.find(this.#ints, low, high);
  }

  /** Begins the series of a hash that has none, the freshest. */
  open({ low, high }: Hash64, owner: number, now: number): number {
    let series = this.#free;
    if (series >= 0) this.#free = this.#ints[series * rowInts + fresherAt]!;
    else {
      series = this.#used++;
      if (series === this.#room) this.#grow();
    }
    const ints = this.#ints;
    const row = series * rowInts;
    ints.fill(0, row, row + rowInts);
    ints[row] = low;
    ints[row + 1] = high;
    ints[row + ownerAt] = owner + 1;
    ints[row + blockAt] = -1;
    this.#floats[series * rowFloats + touchedAt] = now;
    this.#floats[series * rowFloats + newestSeqAt] = Number.NEGATIVE_INFINITY;
    this.#index.enter(ints, series);
    this.series++;
    this.#append(series);
    return series;
  }

  #grow(): void {
    this.#room = nextRoom(this.#room);
    this.#ints = grown(this.#ints, this.#room * rowInts);
    this.#floats = new Float64Array(this.#ints.buffer);
    this.#index.grow(this.#room, this.#ints, () => this.#open());
  }

  *#open(): Generator<number> {
    for (let series = 0; series < this.#used; series++) if (this.ownerOf(series) >= 0) yield series;
  }

  /** Makes it the freshest. */
  touch(series: number, now: number): void {
    this.#floats[series * rowFloats + touchedAt] = now;
    if (series === this.#freshest) return;
    this.#unlink(series);
    this.#append(series);
  }

  /** Ends a series; its number may be given anew. `gone` gets its events. */
  close(series: number, gone: (event: number) => void): void {
    const ints = this.#ints;
    const row = series * rowInts;
    this.#unlink(series);
    this.#index.leave(ints, series);
    this.#dropFirst(series, this.size(series), gone);
    if (ints[row + blockAt]! >= 0) this.#blocks.give(ints[row + blockAt]!, ints[row + roomAt]!);
    ints[row + ownerAt] = 0;
    ints[row + fresherAt] = this.#free;
    this.#free = series;
    this.series--;
  }

  /** The event of this id in a series; -1 where it is not there. */
  eventOf(series: number, key: PackedId): number {
    const row = series * rowInts;
    const head = this.#ints[row + headAt]!;
    const end = this.#ints[row + endAt]!;
    if (head === end) return -1;
    const { floats } = this.#blocks;
    const block = this.#ints[row + blockAt]!;
    // Nearly always it is new.
    if (!this.#events.knows(key)) return -1;
    for (let at = end - 1; at >= head; at--) {
      const event = floats[(block + at) * entryFloats + eventAt]!;
      if (this.#events.is(event, key)) return event;
    }
    return -1;
  }

  /** Adds an event in order of time. `gone` gets the ones that had to leave, which may be this one. */
  add(series: number, event: number, keep: number, gone: (event: number) => void): void {
    const time = this.#events.time(event);
    const seq = this.#events.seq(event);
    const row = series * rowInts;
    this.#makeRoom(row);
    const ints = this.#ints;
    const { floats } = this.#blocks;
    const block = ints[row + blockAt]!;
    const head = ints[row + headAt]!;
    const end = ints[row + endAt]!;
    let place = end;
    while (place > head && floats[(block + place - 1) * entryFloats + timeAt]! > time) place--;
    if (place < end) this.#blocks.move(block + place + 1, block + place, end - place);
    const at = (block + place) * entryFloats;
    floats[at + timeAt] = time;
    floats[at + seqAt] = seq;
    floats[at + eventAt] = event;
    ints[row + endAt] = end + 1;
    const newest = series * rowFloats + newestSeqAt;
    if (seq > this.#floats[newest]!) this.#floats[newest] = seq;
    this.sightings++;
    if (end + 1 - head > keep * 2) this.#trim(series, keep, gone);
  }

  /** Room for one more entry behind the last: a full block is moved to its beginning, or to one of a size that fits. */
  #makeRoom(row: number): void {
    const ints = this.#ints;
    const block = ints[row + blockAt]!;
    if (block < 0) {
      ints[row + blockAt] = this.#blocks.take(0);
      return;
    }
    const log = ints[row + roomAt]!;
    const end = ints[row + endAt]!;
    if (end < 1 << log) return;
    const head = ints[row + headAt]!;
    const count = end - head;
    if (count * 4 > 3 << log) {
      const other = this.#blocks.take(log + 1);
      this.#blocks.move(other, block + head, count);
      this.#blocks.give(block, log);
      ints[row + blockAt] = other;
      ints[row + roomAt] = log + 1;
    } else this.#blocks.move(block, block + head, count);
    ints[row + headAt] = 0;
    ints[row + endAt] = count;
  }

  /** Keeps the last to arrive, not the latest by time: a clock that once ran ahead must not crowd out the present. */
  #trim(series: number, keep: number, gone: (event: number) => void): void {
    const ints = this.#ints;
    const { floats } = this.#blocks;
    const row = series * rowInts;
    const size = this.size(series);
    const start = ints[row + blockAt]! + ints[row + headAt]!;
    const arrivals = new Float64Array(size);
    let ordered = true;
    for (let at = 0; at < size; at++) {
      arrivals[at] = floats[(start + at) * entryFloats + seqAt]!;
      if (at > 0 && arrivals[at]! < arrivals[at - 1]!) ordered = false;
    }
    const first = ordered ? arrivals[size - keep]! : arrivals.sort()[size - keep]!;
    // Equal places may let more than `keep` stay.
    let to = size;
    for (let at = size - 1; at >= 0; at--) {
      const from = (start + at) * entryFloats;
      if (floats[from + seqAt]! >= first) {
        to--;
        if (to !== at) floats.copyWithin((start + to) * entryFloats, from, from + entryFloats);
      } else {
        this.sightings--;
        gone(floats[from + eventAt]!);
      }
    }
    ints[row + headAt]! += to;
  }

  #dropFirst(series: number, count: number, gone: (event: number) => void): void {
    const row = series * rowInts;
    const first = this.#ints[row + blockAt]! + this.#ints[row + headAt]!;
    for (let at = first; at < first + count; at++) gone(this.#blocks.floats[at * entryFloats + eventAt]!);
    this.#ints[row + headAt]! += count;
    this.sightings -= count;
  }

  /** Counts hits up to `most`, latest first, and puts their events into `sample`. */
  hits({ series, from, to, seq, test }: Window, most: number, sample?: number[]): number {
    const ints = this.#ints;
    const { floats } = this.#blocks;
    const row = series * rowInts;
    const block = ints[row + blockAt]!;
    const head = ints[row + headAt]!;
    const end = ints[row + endAt]!;
    if (!sample && !test && end - head >= most && this.#floats[series * rowFloats + newestSeqAt]! <= seq) {
      // What came last is looked for most often: then all entries came before it, and one look tells whether there are enough.
      const isLatest = floats[(block + end - 1) * entryFloats + timeAt]! <= to;
      if (isLatest && floats[(block + end - most) * entryFloats + timeAt]! >= from) return most;
    }
    let hits = 0;
    for (let at = end - 1; at >= head && hits < most; at--) {
      const entry = (block + at) * entryFloats;
      const time = floats[entry + timeAt]!;
      if (time < from) break;
      if (time > to || floats[entry + seqAt]! > seq) continue;
      if (test && !test(floats[entry + eventAt]!)) continue;
      hits++;
      sample?.push(floats[entry + eventAt]!);
    }
    return hits;
  }

  /** Moves all blocks together where much lies idle between them. */
  tidy(): void {
    if (!this.#blocks.scattered) return;
    const ints = this.#ints;
    const blocks = new Blocks(entryFloats, this.#blocks.taken);
    for (const series of this.#open()) {
      const row = series * rowInts;
      const block = ints[row + blockAt]!;
      if (block < 0) continue;
      const own = blocks.take(ints[row + roomAt]!);
      blocks.copy(own, this.#blocks, block, ints[row + endAt]!);
      ints[row + blockAt] = own;
    }
    this.#blocks.end();
    this.#blocks = blocks;
  }

  #append(series: number): void {
    const ints = this.#ints;
    ints[series * rowInts + stalerAt] = this.#freshest;
    ints[series * rowInts + fresherAt] = -1;
    if (this.#freshest >= 0) ints[this.#freshest * rowInts + fresherAt] = series;
    else this.#stalest = series;
    this.#freshest = series;
  }

  #unlink(series: number): void {
    const ints = this.#ints;
    const staler = ints[series * rowInts + stalerAt]!;
    const fresher = ints[series * rowInts + fresherAt]!;
    if (staler >= 0) ints[staler * rowInts + fresherAt] = fresher;
    else this.#stalest = fresher;
    if (fresher >= 0) ints[fresher * rowInts + stalerAt] = staler;
    else this.#freshest = staler;
  }
}
