import { type Event, eventField } from "@vedette/sdk";
import type { Column } from "./column.ts";

/** The event of a row over columns in the order of their paths. */
export function eventOf(columns: Iterable<Pick<Column, "path" | "value">>, row: number): Event {
  const event: Record<string, unknown> = {};
  for (const column of columns) {
    const value = column.value(row);
    if (value !== undefined) assign(event, column.path, parsed(column.path, value));
  }
  return event as Event;
}

/** Lists of objects travel as JSON text (only `disks` in the schema). */
const parsed = (path: string, value: unknown): unknown =>
  typeof value === "string" && eventField(path)?.kind === "json" ? JSON.parse(value) : value;

/**
 * Sets a dotted path. Where a parent already holds a scalar, the rest of the path stays one key beside it;
 * columns are in path order, so a parent always comes first.
 */
function assign(target: Record<string, unknown>, path: string, value: unknown): void {
  let node = target;
  let from = 0;
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", from)) {
    const key = path.slice(from, dot);
    const child = node[key];
    if (child === undefined) node[key] = {};
    else if (typeof child !== "object" || Array.isArray(child)) break;
    node = node[key] as Record<string, unknown>;
    from = dot + 1;
  }
  node[path.slice(from)] = value;
}
