import { deserialize, serialize } from "node:v8";
import type { Event } from "@vedette/sdk";
import type { Batch } from "./batch.ts";
import type { Column, NumberColumn, Texts } from "./column.ts";
import { eventMaker } from "./event-of.ts";
import { isoTime } from "./iso-time.ts";
import { freeBytes } from "./memory.ts";
import { SharedTexts } from "./shared-texts.ts";
import { nativeTypes } from "./types.ts";

/** Rows of a batch that outlive it, each by itself, so that one of them is an event again at little cost. */
export interface KeptRows {
  /** Bytes that they take. */
  readonly bytes: number;
  /** The event of the row of this place among them: what the batch gave for it. */
  event(place: number): Event;
  /** Gives their memory back; there are no events afterwards. */
  free(): void;
}

/** How the values of a column lie in a row. */
const [text, shared, number, counter, time, other] = [0, 1, 2, 3, 4, 5];
type Form = typeof text | typeof shared | typeof number | typeof counter | typeof time | typeof other;

interface Kept {
  readonly column: Column;
  readonly form: Form;
  readonly texts: Texts | undefined;
  /** By key of a dictionary: the number of its text, plus one; 0 where that is not known yet. */
  readonly numbers: Uint16Array | undefined;
}

/** How a row becomes an event: the values of its columns are put into `values`, then the event is made of them. */
interface Plan {
  readonly values: unknown[];
  make(row: number): Event;
}

/** Dictionaries of more keys have their texts in each row. */
const mostKeys = 512;
const mostPlans = 256;

const known = new SharedTexts();
const plans = new Map<string, Plan>();
let scratch = Buffer.allocUnsafeSlow(1 << 16);
/** A larger one is not kept. */
const mostScratch = 8 << 20;

/**
 * Copies rows out of a batch, each as the values that it has, one behind the other: a row is read in few places of memory, where columns
 * are one or more each. Texts of short dictionaries are numbers of texts that all kept rows share.
 */
export function keepRows(batch: Batch, rows: Uint32Array): KeptRows {
  const columns = [...batch.columns.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const kept = columns.map(keptOf);
  const starts = new Uint32Array(rows.length + 1);
  let at = 0;
  for (let place = 0; place < rows.length; place++) {
    at = writeRow(kept, rows[place]!, at);
    starts[place + 1] = at;
  }
  const bytes = Buffer.allocUnsafeSlow(at);
  scratch.copy(bytes, 0, 0, at);
  if (scratch.length > mostScratch) scratch = Buffer.allocUnsafeSlow(1 << 16);
  const forms = kept.map(({ form }) => form);
  const plan = planOf(columns);
  return {
    bytes: bytes.length + starts.byteLength,
    event: (place) => {
      readRow(bytes, starts[place]!, starts[place + 1]!, forms, plan.values);
      return plan.make(place);
    },
    free: () => freeBytes(bytes),
  };
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

function keptOf(column: Column): Kept {
  if (column.kind === "number") return { column, form: formOf(column), texts: undefined, numbers: undefined };
  const texts = column.kind === "texts" ? undefined : column.texts();
  if (!texts) return { column, form: other, texts, numbers: undefined };
  const numbers = texts.index && texts.count <= mostKeys ? new Uint16Array(texts.count) : undefined;
  return { column, form: numbers ? shared : text, texts, numbers };
}

function formOf({ nativeType }: NumberColumn): Form {
  if (nativeType === nativeTypes.time) return time;
  return nativeType === nativeTypes.u64 ? counter : number;
}

/** Most bytes of a value beside its text: the number of its column, and its length or a number of its own. */
const most = 5 + 8;

function room(at: number, bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const grown = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(grown, 0, 0, at);
  scratch = grown;
}

function writeRow(kept: readonly Kept[], row: number, start: number): number {
  let at = start;
  for (let place = 0; place < kept.length; place++) {
    const { column, form, texts, numbers } = kept[place]!;
    room(at, most);
    if (texts) {
      const key = texts.index ? texts.index[row]! : row;
      const from = texts.bounds[key * 2]!;
      const to = texts.bounds[key * 2 + 1]!;
      // Of a column for any values, an empty text is one.
      if (from === to && (column.kind === "text" || !column.has(row))) continue;
      at = varint(place, at);
      if (numbers) {
        let told = numbers[key]!;
        if (told === 0) {
          told = known.numberOf(texts.bytes, from, to) + 1;
          numbers[key] = told;
        }
        scratch[at++] = told;
        scratch[at++] = told >>> 8;
        if (told !== 0) continue;
      }
      at = writeText(texts.bytes, from, to, at);
    } else if (column.kind !== "number") {
      const value = column.value(row);
      if (value === undefined) continue;
      const bytes = serialize(value);
      at = writeText(bytes, 0, bytes.length, varint(place, at));
    } else {
      const value = column.number(row);
      if (value === 0) continue;
      at = varint(place, at);
      if (form === counter) scratch.set(column.native.subarray(row * 8, row * 8 + 8), at);
      else scratch.writeDoubleLE(value, at);
      at += 8;
    }
  }
  return at;
}

function varint(value: number, start: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) scratch[at++] = (rest & 0x7f) | 0x80;
  scratch[at++] = rest;
  return at;
}

/** Below this many bytes a plain loop is faster than a call. */
const short = 64;

function writeText(bytes: Buffer, from: number, to: number, start: number): number {
  room(start, to - from + most);
  let at = varint(to - from, start);
  if (to - from > short) {
    bytes.copy(scratch, at, from, to);
    return at + to - from;
  }
  for (let next = from; next < to; next++) scratch[at++] = bytes[next]!;
  return at;
}

/** Puts the values of a row into `values`; undefined where it has none. */
function readRow(bytes: Buffer, from: number, to: number, forms: readonly Form[], values: unknown[]): void {
  values.fill(undefined);
  let at = from;
  const length = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < to) {
    const place = length();
    const form = forms[place]!;
    if (form === shared) {
      const told = bytes[at]! | (bytes[at + 1]! << 8);
      at += 2;
      if (told !== 0) {
        values[place] = known.text(told - 1);
        continue;
      }
    }
    if (form === shared || form === text) {
      const end = length() + at;
      values[place] = bytes.toString("utf8", at, end);
      at = end;
    } else if (form === other) {
      const end = length() + at;
      values[place] = deserialize(bytes.subarray(at, end));
      at = end;
    } else {
      values[place] = numberAt(bytes, at, form);
      at += 8;
    }
  }
}

function numberAt(bytes: Buffer, at: number, form: Form): unknown {
  if (form === counter) return bytes.readBigUInt64LE(at).toString();
  const value = bytes.readDoubleLE(at);
  return form === time ? isoTime(value) : value;
}
