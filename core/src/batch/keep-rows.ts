import { deserialize } from "node:v8";
import type { Event } from "@vedette/sdk";
import type { Batch } from "./batch.ts";
import type { Column } from "./column.ts";
import { eventMaker } from "./event-of.ts";
import { isoTime } from "./iso-time.ts";
import { addSizes, type Form, forms, isAlike, type KeptColumn, keptColumn, write } from "./kept-columns.ts";
import { Pieces, type Room } from "./pieces.ts";
import { SharedTexts } from "./shared-texts.ts";

/** Rows of a batch that outlive it, each by itself, so that one of them is an event again at little cost. */
export interface KeptRows {
  /** Bytes that they take. */
  readonly bytes: number;
  /** The event of the row of this place among them: what the batch gave for it. */
  event(place: number): Event;
  /** Gives their memory back; there must be no asking for events afterwards. */
  free(): void;
}

/** How a row becomes an event: the values of its columns are put into `values`, then the event is made of them. */
interface Plan {
  readonly values: unknown[];
  make(row: number): Event;
}

const mostPlans = 256;

const known = new SharedTexts();
const plans = new Map<string, Plan>();
const pieces = new Pieces();
let scratch = new Float64Array(0);
/** Numbers; more are not kept. */
const mostScratch = 1 << 19;

/**
 * Copies rows out of a batch, each as the values that it has, one behind the other: a row is read in few places of memory, where columns
 * are one or more each. Texts of short dictionaries are numbers of texts that all kept rows share, and what all rows have alike is
 * there once. It is done column by column, so that each loop reads one place of memory on and on.
 */
export function keepRows(batch: Batch, rows: Uint32Array): KeptRows {
  const columns = [...batch.columns.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const alike: KeptColumn[] = [];
  const kept: KeptColumn[] = [];
  const rowForms: Form[] = [];
  const room = scratchOf(columns.length * rows.length);
  for (const [place, column] of columns.entries()) {
    const own = room.subarray(place * rows.length, (place + 1) * rows.length);
    const each = keptColumn(column, place, rows, known, own);
    (isAlike(each) ? alike : kept).push(each);
    rowForms.push(each.form);
  }
  // What is alike is written as a row of its own, before all others.
  const first = rows.subarray(0, 1);
  const head = new Uint32Array(1);
  for (const each of alike) addSizes(each, first, head);
  const starts = new Uint32Array(rows.length + 1);
  for (const each of kept) addSizes(each, rows, starts);
  const space = pieces.take(placed(starts, head[0]!));
  head[0] = space.from;
  for (const each of alike) write(each, first, space, head);
  const cursor = starts.map((start) => start + space.from);
  for (const each of kept) write(each, rows, space, cursor);
  return new Rows(space, starts, rowForms, planOf(columns));
}

function scratchOf(numbers: number): Float64Array {
  if (numbers > mostScratch) return new Float64Array(numbers);
  if (numbers > scratch.length) scratch = new Float64Array(Math.min(mostScratch, numbers * 2));
  return scratch;
}

/** Makes of sizes where each begins, one behind the other from `from` on; gives where the last one ends. */
function placed(sizes: Uint32Array, from: number): number {
  let start = from;
  for (let at = 0; at < sizes.length; at++) {
    const size = sizes[at]!;
    sizes[at] = start;
    start += size;
  }
  return start;
}

function planOf(columns: readonly Column[]): Plan {
  let name = "";
  for (const { path } of columns) name += `${path}\n`;
  const before = plans.get(name);
  if (before) return before;
  const values: unknown[] = new Array(columns.length).fill(undefined);
  const make = eventMaker(columns.map(({ path }, at) => ({ path, value: () => values[at] })));
  const plan = { values, make };
  if (plans.size === mostPlans) plans.clear();
  plans.set(name, plan);
  return plan;
}

class Rows implements KeptRows {
  readonly #space: Room;
  /** Where each row begins, behind where the space does; at last where all end. */
  readonly #starts: Uint32Array;
  readonly #forms: readonly Form[];
  readonly #plan: Plan;

  constructor(space: Room, starts: Uint32Array, rowForms: readonly Form[], plan: Plan) {
    this.#space = space;
    this.#starts = starts;
    this.#forms = rowForms;
    this.#plan = plan;
  }

  get bytes(): number {
    return this.#space.size + this.#starts.byteLength;
  }

  event(place: number): Event {
    const { values, make } = this.#plan;
    values.fill(undefined);
    this.#read(0, this.#starts[0]!);
    this.#read(this.#starts[place]!, this.#starts[place + 1]!);
    return make(place);
  }

  /** Puts the values that lie in a part into the plan. */
  #read(from: number, to: number): void {
    const { bytes, view, from: base } = this.#space;
    const { values } = this.#plan;
    let at = base + from;
    const length = (): number => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++]!;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) return value >>> 0;
      }
    };
    while (at < base + to) {
      const place = length();
      const form = this.#forms[place]!;
      if (form === forms.shared) {
        const told = bytes[at]! | (bytes[at + 1]! << 8);
        at += 2;
        if (told !== 0) {
          values[place] = known.text(told - 1);
          continue;
        }
      }
      if (form === forms.shared || form === forms.text) {
        const end = length() + at;
        values[place] = bytes.toString("utf8", at, end);
        at = end;
      } else if (form === forms.other) {
        const end = length() + at;
        values[place] = deserialize(bytes.subarray(at, end));
        at = end;
      } else {
        values[place] = numberAt(view, at, form);
        at += 8;
      }
    }
  }

  free(): void {
    this.#space.free();
  }
}

function numberAt(view: DataView, at: number, form: Form): unknown {
  if (form === forms.counter) return view.getBigUint64(at, true).toString();
  const value = view.getFloat64(at, true);
  return form === forms.time ? isoTime(value) : value;
}
