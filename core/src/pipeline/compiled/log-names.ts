import type { TextColumnBuilder } from "../../batch/index.ts";
import { type JsonObject, sanitizeName, setPath } from "../paths/index.ts";
import type { RowWriter } from "./row-writer.ts";
import { asciiText, slice } from "./slices.ts";
import { weigh } from "./weigh.ts";

/** A field of `log` that a log has named. */
interface LogField {
  readonly name: string;
  /** Place in `lent` where a step names it too, else -1. */
  readonly slot: number;
  /** Its number among the columns of a batch; -1 beyond the bound of names that are remembered. */
  readonly id: number;
}

/** A key as a log has it. */
export interface LogKey {
  readonly key: string;
  readonly field: LogField;
  /** More than one where its dots nest. */
  readonly segments: readonly string[];
}

/** Names that are remembered; a hostile source could name fields without end. */
const maxNames = 4_096;
/** Keys of one object whose order is expected again in the next. */
const maxOrder = 256;

/**
 * What a row says below `log.` under names that came with the log: fields that a step names go to `lent`, from where
 * the row takes them, all others are kept here. One serves a program; `clear` begins a row.
 */
export class LogNames {
  /** Values for the slots of `log`, undefined where the log has none. */
  readonly lent: unknown[];
  /** Where those lie in the bytes of the line that are a `slice`. */
  readonly lentFrom: number[];
  readonly lentTo: number[];
  readonly #slots: ReadonlyMap<string, number>;
  readonly #keys = new Map<string, LogKey>();
  readonly #fields = new Map<string, LogField>();
  /** The keys of the object before, which mostly come again in the same order. */
  readonly #order: LogKey[] = [];
  readonly #values: unknown[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #held: LogField[] = [];
  #bytes: Uint8Array | undefined;
  /** Where a field is held, true while `#marks` has the number of the row. */
  readonly #places: number[] = [];
  readonly #marks: number[] = [];
  /** Places of fields without a number. */
  readonly #others = new Map<string, number>();
  #row = 0;
  count = 0;

  /** `slots` are the names of fields that have a place in `lent`. */
  constructor(slots: readonly string[]) {
    this.#slots = new Map(slots.map((name, index) => [name, index]));
    this.lent = slots.map(() => undefined);
    this.lentFrom = slots.map(() => 0);
    this.lentTo = slots.map(() => 0);
  }

  /** Begins a row; `bytes` are those that slices lie in. */
  clear(bytes: Uint8Array | undefined): void {
    this.#bytes = bytes;
    this.count = 0;
    this.#row++;
    if (this.#others.size > 0) this.#others.clear();
  }

  /** The key that is expected at a place of an object, or looked up. Undefined where nothing is left of its name. */
  #key(text: string, at: number): LogKey | undefined {
    const expected = at < this.#order.length ? this.#order[at]! : undefined;
    if (expected !== undefined && expected.key === text) return expected;
    let key = this.#keys.get(text);
    if (key === undefined) {
      const segments = sanitizeName(text);
      if (segments.length === 0) return undefined;
      key = { key: text, segments, field: this.#field(segments[0]!) };
      if (this.#keys.size < maxNames && text.length <= 256) this.#keys.set(text, key);
    }
    if (at < this.#order.length) this.#order[at] = key;
    else if (at === this.#order.length && at < maxOrder) this.#order.push(key);
    return key;
  }

  #field(name: string): LogField {
    const known = this.#fields.get(name);
    if (known) return known;
    const id = this.#fields.size < maxNames ? this.#fields.size : -1;
    const field = { name, slot: this.#slots.get(name) ?? -1, id };
    if (id >= 0) this.#fields.set(name, field);
    return field;
  }

  #place({ id, name }: LogField): number {
    if (id < 0) return this.#others.get(name) ?? -1;
    return this.#marks[id] === this.#row ? this.#places[id]! : -1;
  }

  #set(field: LogField, value: unknown, from = 0, to = 0): void {
    const { slot } = field;
    if (slot >= 0) {
      this.lent[slot] = value;
      this.lentFrom[slot] = from;
      this.lentTo[slot] = to;
      return;
    }
    const place = this.#place(field);
    this.#from[place < 0 ? this.count : place] = from;
    this.#to[place < 0 ? this.count : place] = to;
    if (place >= 0) {
      this.#values[place] = value;
      return;
    }
    const { id } = field;
    if (id < 0) this.#others.set(field.name, this.count);
    else {
      this.#marks[id] = this.#row;
      this.#places[id] = this.count;
    }
    this.#held[this.count] = field;
    this.#values[this.count++] = value;
  }

  #get(field: LogField): unknown {
    const { slot } = field;
    if (slot >= 0) {
      const value = this.lent[slot];
      return value === slice ? this.#text(this.lentFrom[slot]!, this.lentTo[slot]!) : value;
    }
    const place = this.#place(field);
    return place < 0 ? undefined : this.#value(place);
  }

  #value(place: number): unknown {
    const value = this.#values[place];
    return value === slice ? this.#text(this.#from[place]!, this.#to[place]!) : value;
  }

  #text(from: number, to: number): string {
    return asciiText(this.#bytes!, from, to);
  }

  /** The key of a name that is one field; undefined for one that nests or of which nothing is left. */
  plainKey(text: string): LogKey | undefined {
    const key = this.#key(text, maxOrder);
    return key?.segments.length === 1 ? key : undefined;
  }

  /** As `put`, of a key that `plainKey` gave; a `slice` lies from `from` up to `to` in the bytes of the line. */
  set(key: LogKey, value: unknown, from: number, to: number): void {
    this.#set(key.field, value, from, to);
  }

  /** Sets a value as `putKey` does; `at` is its place among the keys of its object. False where nothing is left of the name. */
  put(text: string, value: unknown, at: number): boolean {
    const key = this.#key(text, at);
    if (key === undefined) return false;
    const { field, segments } = key;
    if (segments.length === 1) {
      this.#set(field, value);
      return true;
    }
    const part: JsonObject = { [field.name]: this.#get(field) };
    try {
      setPath(part, segments, value);
    } finally {
      this.#set(field, part[field.name]);
    }
    return true;
  }

  /** Keeps a field under a name that needs no check. */
  keep(name: string, value: unknown): void {
    this.#set(this.#field(name), value);
  }

  /** What is held, as an object; undefined where there is nothing. */
  object(): JsonObject | undefined {
    if (this.count === 0) return undefined;
    const made: JsonObject = {};
    for (let index = 0; index < this.count; index++) made[this.#held[index]!.name] = this.#value(index);
    return made;
  }

  /** Values that are held, those of objects and lists included; infinite where one is too deep for an event. */
  weight(): number {
    let weight = this.count;
    for (let index = 0; index < this.count; index++) {
      const value = this.#values[index];
      if (typeof value === "object" && value !== null && value !== slice) weight += weigh(value, 2);
    }
    return weight;
  }

  /** Writes what is held into columns, which are kept by the numbers of the fields. */
  write(columns: (TextColumnBuilder | undefined)[], writer: RowWriter, row: number): void {
    for (let index = 0; index < this.count; index++) {
      const value = this.#values[index];
      if (value === undefined || value === null || value === "") continue;
      const { name, id } = this.#held[index]!;
      const isSlice = value === slice;
      if (isSlice && this.#from[index] === this.#to[index]) continue;
      if (!isSlice && typeof value === "object" && !Array.isArray(value)) {
        writer.below(name, value, row);
        continue;
      }
      const column = (id < 0 ? undefined : columns[id]) ?? writer.openText(`log.${name}`);
      if (id >= 0) columns[id] = column;
      if (isSlice) column.addSlice(row, this.#bytes!, this.#from[index]!, this.#to[index]!);
      else column.add(row, value);
    }
  }
}
