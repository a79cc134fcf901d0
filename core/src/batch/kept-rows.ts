import type { Event } from "@vedette/sdk";
import type { Batch } from "./batch.ts";
import type { Column, NumberColumn, Texts } from "./column.ts";
import { eventOf } from "./event-of.ts";
import { readColumn } from "./read-columns.ts";
import { type Encoding, nativeTypes } from "./types.ts";

/** Some rows of a batch, kept when the batch itself goes. */
export interface KeptRows {
  /** The event of a row, by its place among the rows that were asked for. */
  event(place: number): Event;
}

type Values = Pick<Column, "path" | "value">;

/** Copies some rows out of a batch, as bytes: what they hold is no reason to keep the batch, and no event is made of them yet. */
export function keepRows(batch: Batch, rows: Uint32Array): KeptRows {
  const columns: Values[] = [];
  for (const column of batch.columns.values()) {
    if (rows.some((row) => column.has(row))) columns.push(keep(column, rows));
  }
  return { event: (place) => eventOf(columns, place) };
}

function keep(column: Column, rows: Uint32Array): Values {
  if (column.kind === "number") return keepNumbers(column, rows);
  if (column.kind === "text" && column.nativeType === nativeTypes.dict) {
    // Few strings, which are made once and shared by all rows.
    const keys = Array.from(rows, (row) => column.value(row));
    return { path: column.path, value: (place) => keys[place] };
  }
  const texts = column.kind === "texts" ? undefined : column.texts();
  if (texts) return keepTexts(column, texts, rows);
  const values = Array.from(rows, (row) => column.value(row));
  return { path: column.path, value: (place) => values[place] };
}

const encodings = new Map(
  Object.entries(nativeTypes).map(([encoding, type]) => [type, encoding as Encoding]),
);

function keepNumbers({ path, nativeType, native }: NumberColumn, rows: Uint32Array): Values {
  const width = nativeType === nativeTypes.u32 ? 4 : 8;
  const bytes = Buffer.allocUnsafeSlow(rows.length * width);
  for (const [place, row] of rows.entries()) {
    for (let i = 0; i < width; i++) bytes[place * width + i] = native[row * width + i]!;
  }
  return readColumn(path, encodings.get(nativeType)!, bytes, rows.length);
}

function keepTexts(column: Column, { bytes, bounds, index }: Texts, rows: Uint32Array): Values {
  const valueAt = (row: number): number => (index ? index[row]! : row);
  const ends = new Uint32Array(rows.length);
  let size = 0;
  for (const [place, row] of rows.entries()) {
    const value = valueAt(row);
    size += bounds[value * 2 + 1]! - bounds[value * 2]!;
    ends[place] = size;
  }
  const kept = Buffer.allocUnsafeSlow(size);
  const has = new Uint8Array(rows.length);
  for (const [place, row] of rows.entries()) {
    const value = valueAt(row);
    copy(bytes, bounds[value * 2]!, bounds[value * 2 + 1]!, kept, place === 0 ? 0 : ends[place - 1]!);
    has[place] = column.has(row) ? 1 : 0;
  }
  return {
    path: column.path,
    value: (place) =>
      has[place] === 1 ? kept.toString("utf8", place === 0 ? 0 : ends[place - 1], ends[place]) : undefined,
  };
}

/** Below this many bytes a plain loop is faster than a call. */
const short = 64;

function copy(from: Buffer, start: number, end: number, to: Buffer, at: number): void {
  if (end - start > short) from.copy(to, at, start, end);
  else for (let i = start; i < end; i++) to[at + i - start] = from[i]!;
}
