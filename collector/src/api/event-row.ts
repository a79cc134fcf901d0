import { columnFields, columnName } from "@vedette/core/batch";
import { type Event, eventField } from "@vedette/sdk";
import { assign, fieldValue, isObject } from "./row-values.ts";

/** A row of the events table as JSONEachRow gives it. */
export type EventRow = Readonly<Record<string, unknown>>;

/** Columns of an event, quoted for SELECT. */
export const eventColumns: readonly string[] = [
  ...columnFields.map((field) => columnName(field.path)),
  "rest",
];

const pathOfColumn = new Map(columnFields.map((field) => [columnName(field.path), field]));

/** Makes the event of a row, in the protojson shape: zero values absent, 64-bit integers as text, `rest` merged in. */
export function eventFromRow(row: EventRow): Event {
  const event: Record<string, unknown> = {};
  for (const [column, field] of pathOfColumn) {
    const value = fieldValue(field.kind, row[column]);
    if (value !== undefined) assign(event, field.path.split("."), value);
  }
  if (isObject(row.rest)) mergeRest(event, [], row.rest);
  return event as Event;
}

/** Values below `rest` are schema fields by their path, or `compliance`. */
function mergeRest(
  event: Record<string, unknown>,
  path: readonly string[],
  node: Record<string, unknown>,
): void {
  for (const [key, value] of Object.entries(node)) {
    if (value === null || value === undefined) continue;
    const here = [...path, key];
    const field = eventField(here.join("."));
    if (field) {
      const typed = fieldValue(field.kind, value);
      if (typed !== undefined) assign(event, here, typed);
    } else if (isObject(value)) mergeRest(event, here, value);
    else assign(event, here, value);
  }
}
