import type { Clock } from "@vedette/sdk";
import { type Subject, severityOf } from "./subject.ts";

/** An incident as the store has it. */
export interface Incident {
  readonly id: string;
  /** Empty for those of before incidents had one. */
  readonly tenantId: string;
  readonly title: string;
  readonly severity: string;
  readonly risk: number;
  /** RFC 3339, of its first and its last alert. */
  readonly firstAt: string;
  readonly lastAt: string;
  /** How many it has. */
  readonly alerts: number;
  readonly entities: readonly string[];
  /** Names of rules. */
  readonly rules: readonly string[];
  readonly sources: readonly string[];
  /** Of MITRE ATT&CK. */
  readonly techniques: readonly string[];
}

/** Times in milliseconds since 1970, as text. */
type IncidentRow = Omit<Incident, "firstAt" | "lastAt"> & { readonly first: string; readonly last: string };

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
export async function changedIncidents(store: IncidentSource, clock: Clock): Promise<Incident[]> {
  const rows = await store.query<IncidentRow>(
    `SELECT id, tenantId, title, severity, risk, toUnixTimestamp64Milli(firstAt) AS first,
       toUnixTimestamp64Milli(lastAt) AS last, alerts, entities, rules, sources, techniques
     FROM incidents FINAL WHERE updatedAt >= {since:DateTime64(3)}
     ORDER BY updatedAt DESC LIMIT {most:UInt32}`,
    { since: (clock.now() - lookBackMs) / 1_000, most: mostIncidents },
  );
  return rows.map(({ first, last, ...row }) => ({ ...row, firstAt: iso(first), lastAt: iso(last) }));
}

const iso = (ms: string): string => new Date(Number(ms)).toISOString();

/** An incident as rules of notifications see it. */
export function incidentSubject(row: Incident): Subject {
  const at = Date.parse(row.lastAt);
  const values: Readonly<Record<string, unknown>> = {
    ...{
      id: row.id,
      tenantId: row.tenantId,
      name: row.title,
      title: row.title,
      severity: row.severity,
      risk: row.risk,
    },
    ...{ count: row.alerts, alerts: row.alerts, source: row.entities[0], host: row.sources[0] },
    ...{ entities: row.entities.join(", "), sources: row.sources.join(", "), rules: row.rules.join(", ") },
    ...{ technique: row.techniques.join(", "), at: row.lastAt },
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
