import { grown, nextRoom, release } from "./grown.ts";

/** Sizes of blocks are powers of two, up to this one. */
const sizes = 20;
const firstRoom = 1_024;
/** Below so many entries nothing is moved together. */
const leastScattered = 131_072;

/** Room for the entries of many small lists in one typed array: blocks of 1, 2, 4 and so on entries. */
export class Blocks {
  /** Entry `i` has its numbers from `width * i` on. */
  floats: Float64Array;
  /** Numbers of an entry. */
  readonly width: number;
  #room: number;
  #used = 0;
  /** The free block of each size that came last; each knows the one before it. */
  readonly #free = new Float64Array(sizes).fill(-1);
  /** Entries in free blocks. */
  #idle = 0;

  constructor(width: number, room = firstRoom) {
    this.width = width;
    this.#room = Math.max(room, firstRoom);
    this.floats = new Float64Array(this.#room * this.width);
  }

  /** Entries that blocks in use have room for. */
  get taken(): number {
    return this.#used - this.#idle;
  }

  /** Whether so much lies idle that moving all that is in use together is worth it. */
  get scattered(): boolean {
    return this.#used > leastScattered && this.#idle * 4 > this.#used;
  }

  /** A block of `1 << log` entries; its number is that of its first entry. */
  take(log: number): number {
    const free = this.#free[log]!;
    if (free >= 0) {
      this.#free[log] = this.floats[free * this.width]!;
      this.#idle -= 1 << log;
      return free;
    }
    const block = this.#used;
    this.#used += 1 << log;
    if (this.#used > this.#room) {
      this.#room = Math.max(this.#used, nextRoom(this.#room));
      this.floats = grown(this.floats, this.#room * this.width);
    }
    return block;
  }

  give(block: number, log: number): void {
    this.floats[block * this.width] = this.#free[log]!;
    this.#free[log] = block;
    this.#idle += 1 << log;
  }

  /** Moves entries within and between blocks. */
  move(to: number, from: number, count: number): void {
    this.floats.copyWithin(to * this.width, from * this.width, (from + count) * this.width);
  }

  /** Frees all room at once; nothing may look at it afterwards. */
  end(): void {
    release(this.floats);
  }

  /** Takes over entries of other blocks. */
  copy(to: number, of: Blocks, from: number, count: number): void {
    this.floats.set(of.floats.subarray(from * this.width, (from + count) * this.width), to * this.width);
  }
}
