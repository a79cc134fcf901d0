import type { Clock } from "@vedette/sdk";
import { type Subject, severityOf } from "./subject.ts";

/** An incident as the store has it; times in milliseconds since 1970, as text. */
interface IncidentRow {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly risk: number;
  readonly first: string;
  readonly last: string;
  readonly alerts: number;
  readonly entities: readonly string[];
  readonly rules: readonly string[];
  readonly sources: readonly string[];
  readonly techniques: readonly string[];
}

interface IncidentSource {
  query<Row>(sql: string, params: Readonly<Record<string, string | number>>): Promise<Row[]>;
}

/** Incidents that changed within this time are looked at. */
const lookBackMs = 900_000;
const mostIncidents = 1_000;

/**
 * The incidents that changed lately, the latest first. They are looked for in the store, as one collector groups for all: who tells of them
 * is decided by the ids that were counted before.
 */
export async function changedIncidents(store: IncidentSource, clock: Clock): Promise<Subject[]> {
  const rows = await store.query<IncidentRow>(
    `SELECT id, title, severity, risk, toUnixTimestamp64Milli(firstAt) AS first,
       toUnixTimestamp64Milli(lastAt) AS last, alerts, entities, rules, sources, techniques
     FROM incidents FINAL WHERE updatedAt >= {since:DateTime64(3)}
     ORDER BY updatedAt DESC LIMIT {most:UInt32}`,
    { since: (clock.now() - lookBackMs) / 1_000, most: mostIncidents },
  );
  return rows.map(subjectOf);
}

function subjectOf(row: IncidentRow): Subject {
  const at = Number(row.last);
  const values: Readonly<Record<string, unknown>> = {
    ...{ id: row.id, name: row.title, title: row.title, severity: row.severity, risk: row.risk },
    ...{ count: row.alerts, alerts: row.alerts, source: row.entities[0], host: row.sources[0] },
    ...{ entities: row.entities.join(", "), sources: row.sources.join(", "), rules: row.rules.join(", ") },
    ...{ technique: row.techniques.join(", "), at: new Date(at).toISOString() },
  };
  return {
    ...{
      about: "incident",
      id: row.id,
      at,
      type: "",
      name: row.title,
      rule: row.rules[0] ?? "",
      dataType: "",
    },
    ...{ severity: severityOf(row.severity), countries: [], assets: row.sources },
    value: (path) => (Object.hasOwn(values, path) ? values[path] : undefined),
  };
}
