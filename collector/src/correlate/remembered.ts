import { doubled } from "./doubled.ts";
import { EventIds, packed } from "./event-ids.ts";

/** What is remembered of an event in any case. */
export interface Head {
  readonly id: string;
  /** Event time, milliseconds since 1970. */
  readonly time: number;
  readonly dataType: string;
}

const firstRoom = 256;

/**
 * Remembered events by number. What is known of them lies in columns, because hundreds of thousands of objects that live
 * for minutes cost the garbage collector more than all of detection. A number is given anew after `free`.
 */
export class Remembered {
  #times = new Float64Array(firstRoom);
  #seqs = new Float64Array(firstRoom);
  #uses = new Uint32Array(firstRoom);
  /** The next event of the same bucket, or of the list of free numbers. */
  #next = new Int32Array(firstRoom);
  #buckets = new Int32Array(firstRoom * 2).fill(-1);
  readonly #ids = new EventIds();
  readonly #dataTypes: string[] = [];
  #free = -1;

  id(event: number): string {
    return this.#ids.text(event);
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
  use(event: number): void {
    this.#uses[event]!++;
  }
  /** Takes a use back and gives how many are left. */
  unuse(event: number): number {
    return --this.#uses[event]!;
  }

  /** Whether an event of this id is remembered. */
  knows(id: string): boolean {
    const key = packed(id);
    for (let event = this.#buckets[this.#bucket(key.hash)]!; event >= 0; event = this.#next[event]!) {
      if (this.#ids.is(event, key)) return true;
    }
    return false;
  }

  is(event: number, id: string): boolean {
    return this.#ids.is(event, packed(id));
  }

  /** Gives the event a number. It has no use yet. */
  add({ id, time, dataType }: Head, seq: number): number {
    let event = this.#free;
    if (event >= 0) this.#free = this.#next[event]!;
    else {
      event = this.#dataTypes.length;
      if (event === this.#times.length) this.#grow();
    }
    const key = packed(id);
    this.#ids.set(event, key);
    this.#dataTypes[event] = dataType;
    this.#times[event] = time;
    this.#seqs[event] = seq;
    this.#uses[event] = 0;
    this.#enter(event, key.hash);
    return event;
  }

  free(event: number): void {
    const bucket = this.#bucket(this.#ids.hash(event));
    let at = this.#buckets[bucket]!;
    if (at === event) this.#buckets[bucket] = this.#next[event]!;
    else {
      while (this.#next[at] !== event) at = this.#next[at]!;
      this.#next[at] = this.#next[event]!;
    }
    this.#ids.clear(event);
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

  /** Called when no number is free. */
  #grow(): void {
    const count = this.#times.length;
    this.#times = doubled(this.#times);
    this.#seqs = doubled(this.#seqs);
    this.#uses = doubled(this.#uses);
    this.#next = doubled(this.#next);
    this.#buckets = new Int32Array(count * 4).fill(-1);
    for (let event = 0; event < count; event++) this.#enter(event, this.#ids.hash(event));
  }
}
