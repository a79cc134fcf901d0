/** What is remembered of an event in any case. */
export interface Head {
  readonly id: string;
  /** Event time, milliseconds since 1970. */
  readonly time: number;
  readonly dataType: string;
}

type Numbers = Float64Array | Uint32Array | Int32Array | Uint8Array;

/** The same numbers with twice the room. */
export function doubled<T extends Numbers>(numbers: T): T {
  const grown = new (numbers.constructor as new (length: number) => T)(numbers.length * 2);
  grown.set(numbers);
  return grown;
}

const firstRoom = 256;
/** Characters of an id that its hash is made of, from the end: ids of one agent begin alike. */
const hashed = 32;

/**
 * Remembered events by number. What is known of them lies in columns, because hundreds of thousands of objects that live
 * for minutes cost the garbage collector more than all of detection. A number is given anew after `free`.
 */
export class Remembered {
  #times = new Float64Array(firstRoom);
  #seqs = new Float64Array(firstRoom);
  #uses = new Uint32Array(firstRoom);
  #wanted = new Uint8Array(firstRoom);
  #hashes = new Uint32Array(firstRoom);
  /** The next event of the same bucket, or of the list of free numbers. */
  #next = new Int32Array(firstRoom);
  #buckets = new Int32Array(firstRoom).fill(-1);
  readonly #ids: string[] = [];
  readonly #dataTypes: string[] = [];
  #free = -1;
  #lastId = "";
  #lastHash = 0;

  id(event: number): string {
    return this.#ids[event]!;
  }
  dataType(event: number): string {
    return this.#dataTypes[event]!;
  }
  /** Event time, milliseconds since 1970. */
  time(event: number): number {
    return this.#times[event]!;
  }
  /** Order of arrival. */
  seq(event: number): number {
    return this.#seqs[event]!;
  }
  /** How many series hold it; 0 of a number that stands for none. */
  uses(event: number): number {
    return this.#uses[event]!;
  }
  /** True when a series holds it beside others, so that an alert is likely to show it. */
  isWanted(event: number): boolean {
    return this.#wanted[event] === 1;
  }
  want(event: number): void {
    this.#wanted[event] = 1;
  }
  use(event: number): void {
    this.#uses[event]!++;
  }
  /** Takes a use back and gives how many are left. */
  unuse(event: number): number {
    return --this.#uses[event]!;
  }

  /** Whether an event of this id is remembered. */
  knows(id: string): boolean {
    const hash = this.#hash(id);
    for (let event = this.#buckets[this.#bucket(hash)]!; event >= 0; event = this.#next[event]!) {
      if (this.#hashes[event] === hash && this.#ids[event] === id) return true;
    }
    return false;
  }

  is(event: number, id: string): boolean {
    return this.#hashes[event] === this.#hash(id) && this.#ids[event] === id;
  }

  /** Gives the event a number. It has no use yet. */
  add({ id, time, dataType }: Head, seq: number): number {
    let event = this.#free;
    if (event >= 0) this.#free = this.#next[event]!;
    else {
      event = this.#ids.length;
      if (event === this.#times.length) this.#grow();
    }
    const hash = this.#hash(id);
    this.#ids[event] = id;
    this.#dataTypes[event] = dataType;
    this.#times[event] = time;
    this.#seqs[event] = seq;
    this.#uses[event] = 0;
    this.#wanted[event] = 0;
    this.#hashes[event] = hash;
    this.#enter(event, hash);
    return event;
  }

  free(event: number): void {
    const bucket = this.#bucket(this.#hashes[event]!);
    let at = this.#buckets[bucket]!;
    if (at === event) this.#buckets[bucket] = this.#next[event]!;
    else {
      while (this.#next[at] !== event) at = this.#next[at]!;
      this.#next[at] = this.#next[event]!;
    }
    this.#ids[event] = "";
    this.#next[event] = this.#free;
    this.#free = event;
  }

  #enter(event: number, hash: number): void {
    const bucket = this.#bucket(hash);
    this.#next[event] = this.#buckets[bucket]!;
    this.#buckets[bucket] = event;
  }

  #bucket(hash: number): number {
    return hash & (this.#buckets.length - 1);
  }

  /** Of the last id it is known: an event is looked for several times in a row. */
  #hash(id: string): number {
    if (id === this.#lastId) return this.#lastHash;
    let hash = 0x811c9dc5;
    for (let i = Math.max(0, id.length - hashed); i < id.length; i++) {
      hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
    }
    this.#lastId = id;
    this.#lastHash = (hash ^ (hash >>> 15)) >>> 0;
    return this.#lastHash;
  }

  /** Called when no number is free. */
  #grow(): void {
    const count = this.#times.length;
    this.#times = doubled(this.#times);
    this.#seqs = doubled(this.#seqs);
    this.#uses = doubled(this.#uses);
    this.#wanted = doubled(this.#wanted);
    this.#hashes = doubled(this.#hashes);
    this.#next = doubled(this.#next);
    this.#buckets = new Int32Array(count * 2).fill(-1);
    for (let event = 0; event < count; event++) this.#enter(event, this.#hashes[event]!);
  }
}
