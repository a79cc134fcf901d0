import { Blocks } from "../blocks.ts";

/** Numbers of an entry: its time, the hash of its event's id, and the number of the event. */
const entryFloats = 3;
const [idAt, eventAt] = [1, 2];

/** Where the entries of all occurrences lie. */
export class EntryRoom {
  blocks = new Blocks(entryFloats);

  /** Moves all blocks together where much lies idle between them; `lists` gives all that have one. */
  tidy(lists: () => Iterable<MemberEntries>): void {
    if (!this.blocks.scattered) return;
    const blocks = new Blocks(entryFloats, this.blocks.taken);
    for (const each of lists()) each.move(blocks);
    this.blocks.end();
    this.blocks = blocks;
  }
}

/** What is remembered of the events of one member of an occurrence, in the order of their times; equal times in the order of arrival. */
export class MemberEntries {
  readonly #room: EntryRoom;
  #block = -1;
  #log = 0;
  /** Entries before this one are gone. Places are good until the next event is added. */
  head = 0;
  end = 0;

  constructor(room: EntryRoom) {
    this.#room = room;
  }

  get size(): number {
    return this.end - this.head;
  }
  time(at: number): number {
    return this.#room.blocks.floats[(this.#block + at) * entryFloats]!;
  }
  event(at: number): number {
    return this.#room.blocks.floats[(this.#block + at) * entryFloats + eventAt]!;
  }

  /** The first entry whose time is at least `time`. */
  from(time: number): number {
    return this.#search(time, false);
  }
  /** The first entry whose time is above `time`. */
  after(time: number): number {
    return this.#search(time, true);
  }

  #search(time: number, above: boolean): number {
    const { floats } = this.#room.blocks;
    let low = this.head;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = floats[(this.#block + middle) * entryFloats]!;
      if (at < time || (above && at === time)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds an entry; false where the same event is there already. */
  add(time: number, id: number, event: number): boolean {
    const { blocks } = this.#room;
    const isLatest = this.head === this.end || time >= this.time(this.end - 1);
    let place = isLatest ? this.end : this.after(time);
    for (let at = place - 1; at >= this.head; at--) {
      const entry = (this.#block + at) * entryFloats;
      if (blocks.floats[entry] !== time) break;
      if (blocks.floats[entry + idAt] === id) return false;
    }
    place -= this.#makeRoom(blocks);
    const own = this.#block + place;
    if (!isLatest) blocks.move(own + 1, own, this.end - place);
    const { floats } = blocks;
    floats[own * entryFloats] = time;
    floats[own * entryFloats + idAt] = id;
    floats[own * entryFloats + eventAt] = event;
    this.end++;
    return true;
  }

  /** Room for one more entry: a full block is moved to its beginning, or to one of a size that fits. Gives by how much places move down. */
  #makeRoom(blocks: Blocks): number {
    if (this.#block < 0) {
      this.#block = blocks.take(0);
      this.#log = 0;
      return 0;
    }
    const room = 1 << this.#log;
    if (this.end < room) return 0;
    const { head, size } = this;
    // Those of a member that did not come for a while may all be gone.
    const isWide = size * 8 < room && room > 1;
    const fits = size * 4 > room * 3 ? this.#log + 1 : isWide ? this.#log - 1 : this.#log;
    const from = this.#block;
    if (fits === this.#log) blocks.move(from, from + head, size);
    else {
      this.#block = blocks.take(fits);
      blocks.move(this.#block, from + head, size);
      blocks.give(from, this.#log);
      this.#log = fits;
    }
    this.head = 0;
    this.end = size;
    return head;
  }

  /** Forgets all entries, and gives their room back. */
  close(): void {
    if (this.#block >= 0) this.#room.blocks.give(this.#block, this.#log);
    this.#block = -1;
    this.head = 0;
    this.end = 0;
  }

  /** Takes its entries to other blocks. */
  move(to: Blocks): void {
    if (this.#block < 0) return;
    const own = to.take(this.#log);
    to.copy(own, this.#room.blocks, this.#block, this.end);
    this.#block = own;
  }
}
