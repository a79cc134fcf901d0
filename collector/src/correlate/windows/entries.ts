/** What is remembered of events, in the order of their times; equal times in the order of arrival. */
export class Entries {
  times: number[] = [];
  /** Hashes of event ids. */
  ids: number[] = [];
  /** What is measured of each: a number, or the hash of a text. Empty where nothing is. */
  data: number[] = [];
  readonly #hasData: boolean;
  /** Entries before this one are gone. */
  head = 0;

  constructor(hasData: boolean) {
    this.#hasData = hasData;
  }

  get end(): number {
    return this.times.length;
  }
  get size(): number {
    return this.times.length - this.head;
  }
  /** Time of the latest; -Infinity where there is none. */
  get last(): number {
    return this.size > 0 ? this.times[this.times.length - 1]! : Number.NEGATIVE_INFINITY;
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
    let low = this.head;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.times[middle]!;
      if (at < time || (above && at === time)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds an entry and gives its place; -1 where the same event is there already. */
  add(time: number, id: number, datum: number): number {
    if (this.times.length === 0) {
      // Most groups of a flood have one event. A list that is written out takes the room of one, an empty one that grows that of 17.
      this.times = [time];
      this.ids = [id];
      if (this.#hasData) this.data = [datum];
      return 0;
    }
    const { times, ids, data } = this;
    let place = times.length;
    if (time < this.last) place = this.after(time);
    for (let at = place - 1; at >= this.head && times[at] === time; at--) if (ids[at] === id) return -1;
    if (place === times.length) {
      times.push(time);
      ids.push(id);
      if (this.#hasData) data.push(datum);
      return place;
    }
    times.splice(place, 0, time);
    ids.splice(place, 0, id);
    if (this.#hasData) data.splice(place, 0, datum);
    return place;
  }

  /** Forgets the entries before a place. Gives by how much all places move down. */
  drop(to: number): number {
    this.head = to;
    if (to < 32 || to < this.times.length >>> 1) return 0;
    this.times.splice(0, to);
    this.ids.splice(0, to);
    if (this.#hasData) this.data.splice(0, to);
    this.head = 0;
    return to;
  }

  /** Keeps the entries that pass, from the head on. */
  keep(test: (at: number) => boolean): void {
    let to = 0;
    for (let at = this.head; at < this.times.length; at++) {
      if (!test(at)) continue;
      this.times[to] = this.times[at]!;
      this.ids[to] = this.ids[at]!;
      if (this.#hasData) this.data[to] = this.data[at]!;
      to++;
    }
    this.head = 0;
    this.times.length = to;
    this.ids.length = to;
    if (this.#hasData) this.data.length = to;
  }
}
