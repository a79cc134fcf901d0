import type { Alert } from "@vedette/sdk";

/** An alert as a row of the `alerts` table. The whole of it is kept as `document`; the columns are there to filter by. */
export function alertRow(alert: Alert): Record<string, unknown> {
  const { adversary, target, events, lastEvent, impact, "@timestamp": timestamp, ...head } = alert;
  return {
    ...head,
    timestamp,
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
