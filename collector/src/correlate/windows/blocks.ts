/** Numbers of an entry: its time and the hash of its event's id. */
const entryFloats = 2;
/** Sizes of blocks are powers of two, up to this one. */
const sizes = 20;
const firstRoom = 1_024;
const roomStep = 131_072;

/** Room for the entries of many small windows in one typed array: blocks of 1, 2, 4 and so on entries. */
export class Blocks {
  /** Entry `i` has its time at `2 * i` and the hash of its id behind it. */
  floats: Float64Array;
  #room: number;
  #used = 0;
  /** The free block of each size that came last; each knows the one before it. */
  readonly #free = new Float64Array(sizes).fill(-1);
  /** Entries in free blocks. */
  #idle = 0;

  constructor(room = firstRoom) {
    this.#room = Math.max(room, firstRoom);
    this.floats = new Float64Array(this.#room * entryFloats);
  }

  /** Entries that blocks in use have room for. */
  get taken(): number {
    return this.#used - this.#idle;
  }

  /** Whether so much lies idle that moving all that is in use together is worth it. */
  get scattered(): boolean {
    return this.#used > roomStep && this.#idle * 4 > this.#used;
  }

  /** A block of `1 << log` entries; its number is that of its first entry. */
  take(log: number): number {
    const free = this.#free[log]!;
    if (free >= 0) {
      this.#free[log] = this.floats[free * entryFloats]!;
      this.#idle -= 1 << log;
      return free;
    }
    const block = this.#used;
    this.#used += 1 << log;
    if (this.#used > this.#room) {
      this.#room = Math.max(this.#used, this.#room + Math.min(this.#room, roomStep));
      const { floats } = this;
      this.floats = new Float64Array(this.#room * entryFloats);
      this.floats.set(floats);
    }
    return block;
  }

  give(block: number, log: number): void {
    this.floats[block * entryFloats] = this.#free[log]!;
    this.#free[log] = block;
    this.#idle += 1 << log;
  }

  /** Moves entries within and between blocks. */
  move(to: number, from: number, count: number): void {
    this.floats.copyWithin(to * entryFloats, from * entryFloats, (from + count) * entryFloats);
  }

  /** Takes over entries of other blocks. */
  copy(to: number, of: Blocks, from: number, count: number): void {
    this.floats.set(of.floats.subarray(from * entryFloats, (from + count) * entryFloats), to * entryFloats);
  }
}
