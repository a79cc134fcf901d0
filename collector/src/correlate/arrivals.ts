import { EventIds, type PackedId } from "./event-ids.ts";
import { grown, release } from "./grown.ts";

const firstRoom = 256;

/** Ids that came after each other, with the place of each; found through a table of their hashes. */
class Generation {
  readonly #ids = new EventIds();
  #places = new Float64Array(firstRoom);
  /** Hashes of ids and behind each its number, +1; 0 is free. A power of two, at least twice the ids. */
  #slots = new Uint32Array(firstRoom * 4);
  size = 0;

  find(id: PackedId): number | undefined {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (id.hash * 2) & mask; ; slot = (slot + 2) & mask) {
      const number = slots[slot + 1]! - 1;
      if (number < 0) return undefined;
      if (slots[slot] === id.hash && this.#ids.is(number, id)) return this.#places[number]!;
    }
  }

  /** Adds an id that is not there. */
  add(id: PackedId, place: number): void {
    const number = this.size++;
    if (number === this.#places.length) this.#grow();
    this.#ids.set(number, id);
    this.#places[number] = place;
    this.#enter(number, id.hash);
  }

  #enter(number: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = (hash * 2) & mask;
    while (this.#slots[slot + 1] !== 0) slot = (slot + 2) & mask;
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = number + 1;
  }

  #grow(): void {
    this.#places = grown(this.#places, this.#places.length * 2);
    const slots = this.#slots;
    this.#slots = new Uint32Array(slots.length * 2);
    release(slots);
    for (let number = 0; number < this.size - 1; number++) this.#enter(number, this.#ids.hash(number));
  }

  /** Empties it; its room stays. */
  clear(): void {
    for (let number = 0; number < this.size; number++) this.#ids.clear(number);
    this.#slots.fill(0);
    this.size = 0;
  }
}

/**
 * Where events first stood in the order of arrival, by id, so that an event that comes again looks back from there. Remembers
 * at least the `limit` events that came or were asked for last, and at most twice as many: when one generation is full, the one
 * before it goes as a whole.
 */
export class Arrivals {
  readonly #limit: number;
  #young = new Generation();
  #old = new Generation();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The place of an event, if it came before. */
  find(key: PackedId): number | undefined {
    const young = this.#young.find(key);
    if (young !== undefined) return young;
    const old = this.#old.find(key);
    if (old !== undefined) this.#add(key, old);
    return old;
  }

  /** The place of an event: the first time's, when it came before. */
  placeOf(key: PackedId, place: number): number {
    const known = this.find(key);
    if (known === undefined) this.#add(key, place);
    return known ?? place;
  }

  #add(key: PackedId, place: number): void {
    if (this.#young.size >= this.#limit) {
      [this.#old, this.#young] = [this.#young, this.#old];
      this.#young.clear();
    }
    this.#young.add(key, place);
  }
}
