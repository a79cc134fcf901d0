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
