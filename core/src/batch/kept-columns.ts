import { serialize } from "node:v8";
import type { Column, NumberColumn, Texts } from "./column.ts";
import type { Room } from "./pieces.ts";
import type { SharedTexts } from "./shared-texts.ts";
import { nativeTypes } from "./types.ts";

/** How the values of a column lie in a row that is kept, each behind the number of its column. */
export const forms = { text: 0, shared: 1, number: 2, counter: 3, time: 4, other: 5 } as const;
export type Form = (typeof forms)[keyof typeof forms];

/** The rows of one column that are kept. */
export interface KeptColumn {
  /** Its number among all. */
  readonly place: number;
  readonly column: Column;
  readonly form: Form;
  /** Of texts: these, and the key of each row. */
  readonly texts: Texts | undefined;
  readonly keys: Uint32Array;
  /** By key of a short dictionary: the number of its text, plus one; 0 where it has none. */
  readonly told: Uint16Array;
  /** Of numbers: the value of each row, 0 where it has none. */
  readonly numbers: Float64Array;
  /** Of anything else: what is written of each row, undefined where it has none. */
  readonly written: readonly (Buffer | undefined)[];
}

/** Dictionaries of more keys have their texts in each row. */
const mostKeys = 512;

const noKeys = new Uint32Array(0);
const noNumbers = new Float64Array(0);
const noneTold = new Uint16Array(0);
const unwritten: readonly Buffer[] = [];

/** Looks up what is kept of a column. `room` has eight bytes for each row, and is looked at until all is written. */
export function keptColumn(
  column: Column,
  place: number,
  rows: Uint32Array,
  known: SharedTexts,
  room: Float64Array,
): KeptColumn {
  const none = { texts: undefined, keys: noKeys, told: noneTold, numbers: noNumbers, written: unwritten };
  if (column.kind === "number") {
    for (let at = 0; at < rows.length; at++) room[at] = column.number(rows[at]!);
    return { ...none, place, column, form: formOf(column), numbers: room };
  }
  const texts = column.kind === "texts" ? undefined : column.texts();
  if (!texts) {
    const written = Array.from(rows, (row) => {
      const value = column.value(row);
      return value === undefined ? undefined : serialize(value);
    });
    return { ...none, place, column, form: forms.other, written };
  }
  const keys = new Uint32Array(room.buffer, room.byteOffset, rows.length);
  const { index } = texts;
  if (index) for (let at = 0; at < rows.length; at++) keys[at] = index[rows[at]!]!;
  else keys.set(rows);
  if (!index || texts.count > mostKeys) return { ...none, place, column, form: forms.text, texts, keys };
  return { ...none, place, column, form: forms.shared, texts, keys, told: toldOf(texts, keys, known) };
}

function formOf({ nativeType }: NumberColumn): Form {
  if (nativeType === nativeTypes.time) return forms.time;
  return nativeType === nativeTypes.u64 ? forms.counter : forms.number;
}

/** The numbers of the keys that rows have. */
function toldOf({ bytes, bounds, count }: Texts, keys: Uint32Array, known: SharedTexts): Uint16Array {
  const told = new Uint16Array(count);
  const seen = new Uint8Array(count);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!;
    if (seen[key] === 1) continue;
    seen[key] = 1;
    told[key] = known.numberOf(bytes, bounds[key * 2]!, bounds[key * 2 + 1]!) + 1;
  }
  return told;
}

/** Whether all rows have the same text, which has a number. */
export function isAlike({ form, texts, keys, told }: KeptColumn): boolean {
  if (form !== forms.shared || keys.length === 0) return false;
  const key = keys[0]!;
  if (told[key] === 0 || texts!.bounds[key * 2] === texts!.bounds[key * 2 + 1]) return false;
  for (let at = 1; at < keys.length; at++) if (keys[at] !== key) return false;
  return true;
}

const varintBytes = (value: number): number => {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) bytes++;
  return bytes;
};

/** Whether an empty text is none. Of a column for any values it may be one. */
const isNone = (column: Column, row: number): boolean => column.kind === "text" || !column.has(row);

/** Adds to `sizes` what the value of each row takes. */
export function addSizes(kept: KeptColumn, rows: Uint32Array, sizes: Uint32Array): void {
  const { place, column, form, texts, keys, told, numbers, written } = kept;
  const head = varintBytes(place);
  const { length } = rows;
  if (texts) {
    const { bounds } = texts;
    for (let at = 0; at < length; at++) {
      const key = keys[at]!;
      const size = bounds[key * 2 + 1]! - bounds[key * 2]!;
      if (size === 0 && isNone(column, rows[at]!)) continue;
      const number = form === forms.shared ? 2 : 0;
      sizes[at]! += head + number + (number > 0 && told[key] !== 0 ? 0 : varintBytes(size) + size);
    }
  } else if (form === forms.other) {
    for (let at = 0; at < length; at++) {
      const own = written[at];
      if (own) sizes[at]! += head + varintBytes(own.length) + own.length;
    }
  } else for (let at = 0; at < length; at++) if (numbers[at] !== 0) sizes[at]! += head + 8;
}

/** Writes the value of each row, of the first `count` ones, where `cursor` says, which moves on. */
export function write(kept: KeptColumn, rows: Uint32Array, room: Room, cursor: Uint32Array): void {
  const { texts, form } = kept;
  if (texts) writeTexts(kept, texts, rows, room, cursor);
  else if (form === forms.other) writeOthers(kept, rows, room, cursor);
  else writeNumbers(kept, rows, room, cursor);
}

function writeTexts(
  { place, column, form, keys, told }: KeptColumn,
  { bytes, bounds }: Texts,
  rows: Uint32Array,
  room: Room,
  cursor: Uint32Array,
): void {
  const to = room.bytes;
  for (let at = 0; at < rows.length; at++) {
    const key = keys[at]!;
    const from = bounds[key * 2]!;
    const end = bounds[key * 2 + 1]!;
    if (from === end && isNone(column, rows[at]!)) continue;
    let next = varint(to, place, cursor[at]!);
    let isTold = false;
    if (form === forms.shared) {
      const number = told[key]!;
      to[next++] = number;
      to[next++] = number >>> 8;
      isTold = number !== 0;
    }
    cursor[at] = isTold ? next : writeText(bytes, from, end, to, next);
  }
}

/** Below this many bytes a plain loop is faster than a call. */
const short = 64;

function writeText(bytes: Buffer, from: number, end: number, to: Buffer, start: number): number {
  let next = varint(to, end - from, start);
  if (end - from > short) {
    bytes.copy(to, next, from, end);
    return next + end - from;
  }
  for (let at = from; at < end; at++) to[next++] = bytes[at]!;
  return next;
}

function writeOthers(
  { place, written }: KeptColumn,
  rows: Uint32Array,
  { bytes }: Room,
  cursor: Uint32Array,
): void {
  for (let at = 0; at < rows.length; at++) {
    const own = written[at];
    if (own) cursor[at] = writeText(own, 0, own.length, bytes, varint(bytes, place, cursor[at]!));
  }
}

function writeNumbers(
  { place, column, form, numbers }: KeptColumn,
  rows: Uint32Array,
  { bytes, view }: Room,
  cursor: Uint32Array,
): void {
  const { native } = column;
  for (let at = 0; at < rows.length; at++) {
    const value = numbers[at]!;
    if (value === 0) continue;
    const next = varint(bytes, place, cursor[at]!);
    // Of counters a number does not have all digits.
    if (form === forms.counter) bytes.set(native.subarray(rows[at]! * 8, rows[at]! * 8 + 8), next);
    else view.setFloat64(next, value, true);
    cursor[at] = next + 8;
  }
}

function varint(to: Buffer, value: number, start: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) to[at++] = (rest & 0x7f) | 0x80;
  to[at++] = rest;
  return at;
}
