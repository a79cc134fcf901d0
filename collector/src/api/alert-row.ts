import { columnName } from "@vedette/core/batch";
import { type Alert, alertFields } from "@vedette/sdk";
import { assign, fieldValue, jsonOf } from "./row-values.ts";

/** A row of the alerts table as JSONEachRow gives it. */
export type AlertRow = Readonly<Record<string, unknown>>;

/** Columns of an alert without its events. */
export const alertColumns: readonly string[] = [
  ...alertFields.map((field) => columnName(field.path)),
  "adversary",
  "target",
];

/** The alert of a row without its events, in the protojson shape. */
export function alertHeadFromRow(row: AlertRow): Alert {
  const alert: Record<string, unknown> = {};
  for (const { path, kind } of alertFields) {
    const value = fieldValue(kind, row[columnName(path)]);
    if (value !== undefined) assign(alert, path.split("."), value);
  }
  for (const name of ["adversary", "target"]) {
    const value = jsonOf(row[name]);
    if (value !== undefined) alert[name] = value;
  }
  return alert as Alert;
}

/** The whole alert: its document as written, with what has changed since from the columns. */
export function alertFromDocument(row: AlertRow): Alert {
  const head = alertHeadFromRow(row);
  const document = jsonOf(row.document);
  return { ...(document as Alert | undefined), ...head };
}
