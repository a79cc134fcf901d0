import { grown, nextRoom } from "../grown.ts";
import type { Hash64 } from "../hash.ts";
import { RowIndex, rowFloats, rowInts } from "../row-index.ts";
import type { MemberEntries } from "./member-entries.ts";
import { Group, type Running, type Tray, weights } from "./running.ts";

export interface GroupsLimits {
  /** Events remembered in all windows together. */
  readonly entries: number;
  /** Bytes that groups and their entries take, about. */
  readonly bytes: number;
  readonly lateMs: number;
}

/** After how many events the hand moves on, and how far. */
const sweepEvery = 16;
const sweepSteps = 6;

/** Numbers of a group, one row each. */
const highHash = 1;
const ownerAt = 2;
const olderAt = 3;
const newerAt = 4;
const weightAt = 5;
const entriesAt = 6;
/** Of a group that counts: where its entries lie and which of them are there. */
export const blockAt = 7;
export const roomAt = 8;
export const headAt = 9;
export const endAt = 10;
export const firstAt = 11;
/** When it got an event last, by the collector's clock, and the time of the event for which it was last told. */
const touchedAt = 6;
export const firedAt = 7;

const none = -1;
const firstRoom = 256;

/**
 * All groups within bounds, as rows of typed arrays: a million objects cost the garbage collector more than all windows do. Where
 * there are too many, the stalest of the lightest go first: a flood of sources that are seen once pushes out others like it, never one
 * that is about to be told of. A group is known by 64 bits of a hash.
 */
export class Groups {
  readonly #limits: GroupsLimits;
  readonly #owners: readonly Running[];
  readonly #gone: (slot: number) => void;
  ints = new Int32Array(firstRoom * rowInts);
  floats = new Float64Array(this.ints.buffer);
  #room = firstRoom;
  readonly #index = new RowIndex();
  /** Rows that were in use, and those of them that are free, linked by `newer`. */
  #used = 0;
  #free = none;
  /** What is not kept in rows: groups that measure or wait, and samples of those that count. */
  readonly trays: (Tray | undefined)[] = [];
  /** By weight: the row that was touched longest ago, and last. */
  readonly #oldest = new Int32Array(weights).fill(none);
  readonly #newest = new Int32Array(weights).fill(none);
  #hand = 0;
  #events = 0;
  size = 0;
  entries = 0;
  bytes = 0;
  expired = 0;

  constructor(owners: readonly Running[], limits: GroupsLimits, gone: (slot: number) => void) {
    this.#owners = owners;
    this.#limits = limits;
    this.#gone = gone;
  }

  /** The group of a hash; -1 where there is none. */
  find({ low, high }: Hash64): number {
    return this.#index.find(this.ints, low, high);
  }

  /** Begins the group of a hash that has none. */
  begin(owner: Running, { low, high }: Hash64): number {
    let slot = this.#free;
    if (slot >= 0) this.#free = this.ints[slot * rowInts + newerAt]!;
    else {
      slot = this.#used++;
      if (slot === this.#room) this.#grow();
    }
    const row = slot * rowInts;
    const { ints } = this;
    ints.fill(0, row, row + rowInts);
    ints[row] = low;
    ints[row + highHash] = high;
    ints[row + ownerAt] = owner.number + 1;
    ints[row + blockAt] = none;
    this.floats[slot * rowFloats + firedAt] = Number.NEGATIVE_INFINITY;
    this.#index.enter(ints, slot);
    this.#link(slot, 0);
    this.size++;
    this.bytes += owner.bytesOf(0);
    return slot;
  }

  #grow(): void {
    this.#room = nextRoom(this.#room);
    this.ints = grown(this.ints, this.#room * rowInts);
    this.floats = new Float64Array(this.ints.buffer);
    // The row at hand is not in it yet.
    this.#index.grow(this.#room, this.ints, () => this.open());
  }

  #isOpen(slot: number): boolean {
    return this.ints[slot * rowInts + ownerAt] !== 0;
  }

  #link(slot: number, weight: number): void {
    const { ints } = this;
    const row = slot * rowInts;
    const before = this.#newest[weight]!;
    ints[row + weightAt] = weight;
    ints[row + olderAt] = before;
    ints[row + newerAt] = none;
    if (before >= 0) ints[before * rowInts + newerAt] = slot;
    else this.#oldest[weight] = slot;
    this.#newest[weight] = slot;
  }

  #unlink(slot: number): void {
    const { ints } = this;
    const row = slot * rowInts;
    const weight = ints[row + weightAt]!;
    const older = ints[row + olderAt]!;
    const newer = ints[row + newerAt]!;
    if (older >= 0) ints[older * rowInts + newerAt] = newer;
    else this.#oldest[weight] = newer;
    if (newer >= 0) ints[newer * rowInts + olderAt] = older;
    else this.#newest[weight] = older;
  }

  /** Whether a row is still that of the group of a hash. */
  is(slot: number, low: number, high: number): boolean {
    const { ints } = this;
    const row = slot * rowInts;
    return ints[row + ownerAt] !== 0 && ints[row] === low && ints[row + highHash] === high;
  }

  /** The rows of all groups. */
  *open(): Generator<number> {
    for (let slot = 0; slot < this.#used; slot++) if (this.#isOpen(slot)) yield slot;
  }

  /** Lists of all occurrences. */
  *memberEntries(): Generator<MemberEntries> {
    for (const tray of this.trays)
      if (tray instanceof Group && tray.occurrence) yield* tray.occurrence.members;
  }

  ownerOf(slot: number): Running {
    return this.#owners[this.ints[slot * rowInts + ownerAt]! - 1]!;
  }

  /** Notes that a group has so many entries now; gives up others where there is too much, and may be the group itself. */
  touch(slot: number, size: number, now: number): void {
    const { ints } = this;
    const row = slot * rowInts;
    this.floats[slot * rowFloats + touchedAt] = now;
    const before = ints[row + entriesAt]!;
    if (size !== before) {
      const owner = this.ownerOf(slot);
      ints[row + entriesAt] = size;
      this.entries += size - before;
      this.bytes += owner.bytesOf(size) - owner.bytesOf(before);
    }
    const weight = Math.min(31 - Math.clz32(size | 1), weights - 1);
    if (weight !== ints[row + weightAt] || this.#newest[weight] !== slot) {
      this.#unlink(slot);
      this.#link(slot, weight);
    }
    if (++this.#events % sweepEvery === 0) this.#sweep(now);
    this.#bound(slot);
  }

  #bound(own: number): void {
    while (this.entries > this.#limits.entries || this.bytes > this.#limits.bytes) {
      let weight = 0;
      while (weight < weights && this.#oldest[weight]! < 0) weight++;
      if (weight === weights) return;
      const lightest = this.#oldest[weight]!;
      this.ownerOf(lightest).counts.evicted++;
      this.close(lightest);
      if (lightest === own) return;
    }
  }

  /** Some steps of the hand, so that all are seen again and again: what no window asks for any more is closed. */
  #sweep(now: number): void {
    for (let step = 0; step < sweepSteps; step++) {
      if (++this.#hand >= this.#used) this.#hand = 0;
      const slot = this.#hand;
      if (!this.#isOpen(slot)) continue;
      const { timespanMs } = this.ownerOf(slot).correlation;
      if (this.floats[slot * rowFloats + touchedAt]! + timespanMs + this.#limits.lateMs >= now) continue;
      const tray = this.trays[slot];
      if (tray instanceof Group && tray.due < Number.POSITIVE_INFINITY) continue;
      this.expired++;
      this.close(slot);
    }
  }

  close(slot: number): void {
    const { ints } = this;
    const row = slot * rowInts;
    if (ints[row + ownerAt] === 0) return;
    const owner = this.ownerOf(slot);
    this.#gone(slot);
    const entries = ints[row + entriesAt]!;
    this.size--;
    this.entries -= entries;
    this.bytes -= owner.bytesOf(entries);
    this.trays[slot] = undefined;
    this.#unlink(slot);
    this.#index.leave(ints, slot);
    ints[row + ownerAt] = 0;
    ints[row + newerAt] = this.#free;
    this.#free = slot;
  }
}
