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

/** The keys of paths, for their text is cut and looked up anew otherwise for each value. Paths below `log.` are anybody's, so bounded. */
const keys = new Map<string, readonly string[]>();
const mostPaths = 8_192;

function keysOf(path: string): readonly string[] {
  let known = keys.get(path);
  if (!known) {
    if (keys.size >= mostPaths) keys.clear();
    known = path.split(".");
    keys.set(path, known);
  }
  return known;
}

/**
 * Sets a dotted path. Where a parent already holds a scalar, the rest of the path stays one key beside it;
 * columns are in path order, so a parent always comes first.
 */
function assign(target: Record<string, unknown>, path: string, value: unknown): void {
  const parts = keysOf(path);
  const last = parts.length - 1;
  let node = target;
  for (let at = 0; at < last; at++) {
    const key = parts[at]!;
    const child = node[key];
    if (child === undefined) node[key] = {};
    else if (typeof child !== "object" || Array.isArray(child)) {
      node[parts.slice(at).join(".")] = value;
      return;
    }
    node = node[key] as Record<string, unknown>;
  }
  node[parts[last]!] = value;
}
