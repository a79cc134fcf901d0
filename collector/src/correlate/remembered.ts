import { digitsOf, forms, type PackedId } from "./event-ids.ts";
import { grown, nextRoom } from "./grown.ts";
import { IdSet } from "./id-set.ts";
import { rowFloats, rowInts } from "./row-index.ts";

/** What is remembered of an event in any case. */
export interface Head {
  /** Its id; may be void after the next call of anything. */
  key(): PackedId;
  /** Event time, milliseconds since 1970. */
  readonly time: number;
  readonly dataType: string;
}

/** Numbers of an event, behind the four of its id. */
const [hashAt, formAt, usesAt, nextAt, typeAt, holderAt, placeAt, turnAt] = [4, 5, 6, 7, 8, 9, 10, 11];
const [timeAt, seqAt] = [6, 7];

const firstRoom = 256;
/** Names of data types that have a number; those of others are kept with each event. */
const maxTypes = 4_096;

/**
 * Remembered events by number, each a row of one typed array: hundreds of thousands of objects that live for minutes cost the garbage
 * collector more than all of detection, and what is known of one event lies together. A number is given anew after `free`.
 */
export class Remembered {
  #ints = new Int32Array(firstRoom * rowInts);
  #floats = new Float64Array(this.#ints.buffer);
  readonly #known = new IdSet();
  /** The id that is looked for. */
  #sought!: PackedId;
  readonly #isSought = (event: number): boolean => this.is(event, this.#sought);
  #room = firstRoom;
  #used = 0;
  #free = -1;
  /** Ids that are not 128 bits, by event. */
  readonly #texts = new Map<number, string>();
  readonly #types: string[] = [];
  readonly #typeNumbers = new Map<string, number>();
  readonly #otherTypes = new Map<number, string>();
  #lastType: string | undefined;
  #lastTypeNumber = -1;

  id(event: number): string {
    const row = event * rowInts;
    const form = this.#ints[row + formAt]!;
    if (form === forms.none) return "";
    return form === forms.text ? this.#texts.get(event)! : digitsOf(this.#ints, row, form === forms.uuid);
  }
  dataType(event: number): string {
    const type = this.#ints[event * rowInts + typeAt]!;
    return type < 0 ? this.#otherTypes.get(event)! : this.#types[type]!;
  }
  /** Event time, milliseconds since 1970. */
  time(event: number): number {
    return this.#floats[event * rowFloats + timeAt]!;
  }
  /** Order of arrival. */
  seq(event: number): number {
    return this.#floats[event * rowFloats + seqAt]!;
  }
  setSeq(event: number, seq: number): void {
    this.#floats[event * rowFloats + seqAt] = seq;
  }
  /** Another one each time that a number is given anew. */
  turn(event: number): number {
    return this.#ints[event * rowInts + turnAt]!;
  }
  use(event: number): void {
    this.#ints[event * rowInts + usesAt]!++;
  }
  /** Takes a use back and gives how many are left. */
  unuse(event: number): number {
    return --this.#ints[event * rowInts + usesAt]!;
  }
  /** Where its body is, as `setBody` was told; -1 where it has none. */
  holder(event: number): number {
    return this.#ints[event * rowInts + holderAt]!;
  }
  place(event: number): number {
    return this.#ints[event * rowInts + placeAt]!;
  }
  setBody(event: number, holder: number, place: number): void {
    this.#ints[event * rowInts + holderAt] = holder;
    this.#ints[event * rowInts + placeAt] = place;
  }

  /** Whether an event of this id is remembered. */
  knows(key: PackedId): boolean {
    this.#sought = key;
    return this.#known.some(key.hash, this.#isSought);
  }

  is(event: number, { hash, form, words, text }: PackedId): boolean {
    const ints = this.#ints;
    const row = event * rowInts;
    if (ints[row + hashAt] !== (hash | 0) || ints[row + formAt] !== form) return false;
    if (form === forms.text) return this.#texts.get(event) === text;
    for (let at = 0; at < 4; at++) if (ints[row + at] !== (words[at]! | 0)) return false;
    return true;
  }

  /** Gives the event a number. It has no use, no body and no place in the order of arrival yet. */
  add(head: Head): number {
    const { hash, form, words, text } = head.key();
    let event = this.#free;
    if (event >= 0) this.#free = this.#ints[event * rowInts + nextAt]!;
    else {
      event = this.#used++;
      if (event === this.#room) this.#grow();
    }
    const ints = this.#ints;
    const row = event * rowInts;
    if (form === forms.text) this.#texts.set(event, text);
    else for (let at = 0; at < 4; at++) ints[row + at] = words[at]!;
    ints[row + hashAt] = hash;
    ints[row + formAt] = form;
    ints[row + usesAt] = 0;
    ints[row + typeAt] = this.#typeOf(head.dataType, event);
    ints[row + holderAt] = -1;
    this.#floats[event * rowFloats + timeAt] = head.time;
    this.#floats[event * rowFloats + seqAt] = 0;
    this.#known.add(hash, event);
    return event;
  }

  #typeOf(dataType: string, event: number): number {
    if (dataType === this.#lastType) return this.#lastTypeNumber;
    let type = this.#typeNumbers.get(dataType);
    if (type === undefined) {
      if (this.#types.length === maxTypes) {
        this.#otherTypes.set(event, dataType);
        return -1;
      }
      type = this.#types.push(dataType) - 1;
      this.#typeNumbers.set(dataType, type);
    }
    this.#lastType = dataType;
    this.#lastTypeNumber = type;
    return type;
  }

  free(event: number): void {
    const ints = this.#ints;
    const row = event * rowInts;
    this.#known.delete(ints[row + hashAt]! >>> 0, event);
    if (ints[row + formAt] === forms.text) this.#texts.delete(event);
    if (ints[row + typeAt]! < 0) this.#otherTypes.delete(event);
    ints[row + formAt] = forms.none;
    ints[row + turnAt]!++;
    ints[row + nextAt] = this.#free;
    this.#free = event;
  }

  /** Called when no number is free. */
  #grow(): void {
    this.#room = nextRoom(this.#room);
    this.#ints = grown(this.#ints, this.#room * rowInts);
    this.#floats = new Float64Array(this.#ints.buffer);
  }
}
