import { Blocks } from "../blocks.ts";
import { rowInts } from "../row-index.ts";
import { blockAt, endAt, firstAt, type Groups, headAt, roomAt } from "./groups.ts";
import type { Outcome, WindowPlan } from "./window.ts";

/** Numbers of an entry: its time and the hash of its event's id. */
const entryFloats = 2;

/**
 * Sliding windows that count events until there are enough: what most correlations are, and all that a flood of sources is made of.
 * Nothing is an object: a group has its numbers in its row of the table, and its entries in one block. It finds what `SlidingWindow`
 * finds.
 */
export class Counted {
  readonly #groups: Groups;
  #blocks = new Blocks(entryFloats);

  constructor(groups: Groups) {
    this.#groups = groups;
  }

  /** Entries that a group has room for. */
  room(slot: number): number {
    const { ints } = this.#groups;
    const row = slot * rowInts;
    return ints[row + blockAt]! < 0 ? 0 : 1 << ints[row + roomAt]!;
  }

  size(slot: number): number {
    const { ints } = this.#groups;
    const row = slot * rowInts;
    return ints[row + endAt]! - ints[row + headAt]!;
  }

  /** Takes an event in. */
  file(slot: number, plan: WindowPlan, time: number, id: number, out: Outcome): void {
    const { timespanMs, lateMs } = plan.spec;
    const { ints } = this.#groups;
    const row = slot * rowInts;
    const newest = this.#last(row);
    out.set("late");
    if (time < newest - lateMs) return;
    out.set("repeat");
    if (!this.#add(row, time, id, newest)) return;
    out.set("filed");
    const { floats } = this.#blocks;
    const block = ints[row + blockAt]!;
    if (time < newest) {
      ints[row + firstAt] = this.#search(row, newest - timespanMs, false);
      this.#lookAround(row, plan, time, out);
    } else {
      const from = time - timespanMs;
      let first = ints[row + firstAt]!;
      while (floats[(block + first) * 2]! < from) first++;
      ints[row + firstAt] = first;
      const count = ints[row + endAt]! - first;
      if (count >= plan.least) out.count(from, time, count);
      const before = from - lateMs;
      let head = ints[row + headAt]!;
      while (floats[(block + head) * 2]! < before) head++;
      ints[row + headAt] = head;
    }
    // To see whether there are enough the newest are, so what is beyond them is not given up but not needed.
    const head = ints[row + endAt]! - plan.keep;
    if (head <= ints[row + headAt]!) return;
    ints[row + headAt] = head;
    if (ints[row + firstAt]! < head) ints[row + firstAt] = head;
  }

  /** Time of the latest entry; -Infinity where there is none. */
  #last(row: number): number {
    const { ints } = this.#groups;
    const end = ints[row + endAt]!;
    if (end === ints[row + headAt]) return Number.NEGATIVE_INFINITY;
    return this.#blocks.floats[(ints[row + blockAt]! + end - 1) * 2]!;
  }

  /** The first entry, within its block, whose time is at least `time`, or above it. */
  #search(row: number, time: number, above: boolean): number {
    const { ints } = this.#groups;
    const { floats } = this.#blocks;
    const block = ints[row + blockAt]!;
    let low = ints[row + headAt]!;
    let high = ints[row + endAt]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = floats[(block + middle) * 2]!;
      if (at < time || (above && at === time)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** False where the same event is there already. */
  #add(row: number, time: number, id: number, newest: number): boolean {
    const { ints } = this.#groups;
    const inOrder = time >= newest;
    let block = ints[row + blockAt]!;
    let place = inOrder ? ints[row + endAt]! : this.#search(row, time, true);
    for (let at = place - 1; at >= ints[row + headAt]!; at--) {
      const { floats } = this.#blocks;
      if (floats[(block + at) * 2] !== time) break;
      if (floats[(block + at) * 2 + 1] === id) return false;
    }
    if (block < 0) {
      block = this.#blocks.take(0);
      ints[row + blockAt] = block;
    } else if (ints[row + endAt] === 1 << ints[row + roomAt]!) {
      place -= this.#makeRoom(row);
      block = ints[row + blockAt]!;
    }
    if (!inOrder) this.#blocks.move(block + place + 1, block + place, ints[row + endAt]! - place);
    const { floats } = this.#blocks;
    floats[(block + place) * 2] = time;
    floats[(block + place) * 2 + 1] = id;
    ints[row + endAt]!++;
    return true;
  }

  /** Moves the entries of a full block to its beginning, or to a block of a size that fits them. Gives by how much places move down. */
  #makeRoom(row: number): number {
    const { ints } = this.#groups;
    const head = ints[row + headAt]!;
    const count = ints[row + endAt]! - head;
    const log = ints[row + roomAt]!;
    const room = 1 << log;
    const fits = count * 4 > room * 3 ? log + 1 : count * 8 < room ? log - 1 : log;
    const block = ints[row + blockAt]!;
    if (fits === log) this.#blocks.move(block, block + head, count);
    else {
      const other = this.#blocks.take(fits);
      this.#blocks.move(other, block + head, count);
      this.#blocks.give(block, log);
      ints[row + blockAt] = other;
      ints[row + roomAt] = fits;
    }
    ints[row + headAt] = 0;
    ints[row + endAt] = count;
    ints[row + firstAt]! -= head;
    return head;
  }

  /** Of the windows that have a late event, the one that ends first and has enough. */
  #lookAround(row: number, { spec: { timespanMs }, least }: WindowPlan, time: number, out: Outcome): void {
    const { ints } = this.#groups;
    const { floats } = this.#blocks;
    const block = ints[row + blockAt]!;
    const end = ints[row + endAt]!;
    for (let at = this.#search(row, time, true); ; at++) {
      const last = floats[(block + at - 1) * 2]!;
      if (last > time + timespanMs) return;
      // Equal times are in one window.
      if (at === end || floats[(block + at) * 2] !== last) {
        const count = at - this.#search(row, last - timespanMs, false);
        if (count >= least) {
          out.count(last - timespanMs, last, count);
          return;
        }
      }
      if (at === end) return;
    }
  }

  /** Gives the room of a group back. */
  close(slot: number): void {
    const { ints } = this.#groups;
    const row = slot * rowInts;
    const block = ints[row + blockAt]!;
    if (block < 0) return;
    this.#blocks.give(block, ints[row + roomAt]!);
    ints[row + blockAt] = -1;
  }

  /** Moves all blocks together where much lies idle between them. */
  tidy(): void {
    if (!this.#blocks.scattered) return;
    const { ints } = this.#groups;
    const blocks = new Blocks(entryFloats, this.#blocks.taken);
    for (const slot of this.#groups.open()) {
      const row = slot * rowInts;
      const block = ints[row + blockAt]!;
      if (block < 0) continue;
      const own = blocks.take(ints[row + roomAt]!);
      blocks.copy(own, this.#blocks, block, ints[row + endAt]!);
      ints[row + blockAt] = own;
    }
    this.#blocks.end();
    this.#blocks = blocks;
  }
}
