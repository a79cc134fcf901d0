import type { Alert } from "@vedette/sdk";

/**
 * An alert as a row of the `alerts` table. The whole of it is kept as `document`; the columns are there to filter by.
 * `storedAt` in milliseconds since 1970; when it was last updated where that is left out.
 */
export function alertRow(alert: Alert, storedAt?: number): Record<string, unknown> {
  const { adversary, target, events, lastEvent, impact, "@timestamp": timestamp, ...head } = alert;
  return {
    ...head,
    timestamp,
    ...(storedAt !== undefined && { storedAt: new Date(storedAt).toISOString() }),
    lastUpdate: head.lastUpdate ?? timestamp,
    "impact.confidentiality": impact?.confidentiality ?? 0,
    "impact.integrity": impact?.integrity ?? 0,
    "impact.availability": impact?.availability ?? 0,
    status: head.status ?? "open",
    adversary: adversary ?? {},
    target: target ?? {},
    eventIds: [
      ...new Set([...(events ?? []), ...(lastEvent ? [lastEvent] : [])].map((event) => event.id ?? "")),
    ],
    document: JSON.stringify(alert),
  };
}
