import { timeOf } from "../row-values.ts";
import { type Binder, type Cursor, moment, type Range, writeCursor } from "../search/index.ts";

export type Order = "asc" | "desc";

/** Rows after a cursor, by (time, id). The first part lets the primary key skip, the second is exact. */
export function afterCursor(column: string, cursor: Cursor, order: Order, bind: Binder): string {
  const at = moment(cursor.time, bind);
  const sign = order === "desc" ? "<" : ">";
  return `${column} ${sign}= ${at} AND (${column}, id) ${sign} (${at}, ${bind.text(cursor.id)})`;
}

/** A page out of rows of which one more than `limit` was asked for, and the cursor of the next page. */
export function pageOf<Row extends object>(
  rows: readonly Row[],
  limit: number,
  { column, range, hash }: { readonly column: keyof Row; readonly range: Range; readonly hash: string },
): { readonly page: Row[]; readonly next: string | null } {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  if (!last) return { page, next: null };
  const time = Date.parse(timeOf(last[column]) ?? "1970-01-01T00:00:00Z");
  const id = String((last as { id?: unknown }).id);
  return { page, next: writeCursor({ time, id, range }, hash) };
}

/** Ranges shorter than this are asked in one go. */
const shortRange = 2 * 3_600_000;

/**
 * Parts of a range that begin at its near end, each holding the one before, the last one the whole range. The rows
 * sought are the nearest ones, and a table sorted by hour gives a short range without reading the rest.
 */
export function nearParts(range: Range, order: Order, startAt?: number): Range[] {
  const near = startAt ?? (order === "desc" ? range.to : range.from);
  const span = order === "desc" ? near - range.from : range.to - near;
  if (span <= shortRange) return [range];
  const part = Math.max(span / 64, 600_000);
  return [
    order === "desc" ? { from: near - part, to: range.to } : { from: range.from, to: near + part },
    range,
  ];
}

/** The rows of the first part that has enough of them, or of the last part. */
export async function firstFull<Row>(
  parts: readonly Range[],
  wanted: number,
  ask: (part: Range) => Promise<Row[]>,
): Promise<Row[]> {
  let rows: Row[] = [];
  for (const part of parts) {
    rows = await ask(part);
    if (rows.length >= wanted) break;
  }
  return rows;
}
