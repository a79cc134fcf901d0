import { hash } from "node:crypto";
import { type Clock, severities } from "@vedette/sdk";
import { stableId } from "../../correlate/index.ts";
import type { Store } from "../../store/index.ts";
import { partsOfEntity } from "../entities.ts";
import { halfLivesKept } from "../risk.ts";
import type { Groupable } from "./memory.ts";

/** Alerts looked at in one go. */
export const pageAlerts = 2_000;
const maxRebuilt = 50_000;
/** Different clocks, and inserts that took their time: so far back alerts are looked for that were not seen. */
const overlapMs = 60_000;
/** How far back alerts are grouped where nobody ever did. */
const firstLookMs = 86_400_000;
/** Values of each kind that an incident lists. */
const listed = 50;

/** An alert that no incident has yet. `storedAt` in milliseconds since 1970. */
export interface Ungrouped extends Groupable {
  readonly storedAt: number;
}

const columns = `id, tenantId, toUnixTimestamp64Milli(timestamp) AS raisedAt, toUnixTimestamp64Milli(storedAt) AS storedMs,
  parentId, entities, eventIds`;

interface AlertRow {
  readonly id: string;
  readonly tenantId: string;
  readonly raisedAt: string;
  readonly storedMs: string;
  readonly parentId: string;
  readonly entities: string[];
  readonly eventIds: string[];
}

/** Answers are called like what they are made of: within a query the column is meant. */
const columnsFirst = { settings: { prefer_column_name_to_alias: 1 } } as const;

const severityRank = `indexOf([${severities.map((each) => `'${each}'`).join(", ")}], severity)`;

/** Incidents in the store: which alerts have none yet, which has which, and what follows of each from its alerts. */
export class IncidentStore {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Alerts that no incident has, stored after a time or a little before it, in the order in which they were raised. */
  async ungrouped(after: number | undefined): Promise<Ungrouped[]> {
    const since = after === undefined ? this.#clock.now() - firstLookMs : after - overlapMs;
    const rows = await this.#store.query<AlertRow>(
      `SELECT ${columns} FROM alerts FINAL
       WHERE storedAt >= fromUnixTimestamp64Milli({since:Int64}) AND hidden = ''
         AND id NOT IN (SELECT alertId FROM incident_alerts WHERE groupedAt >= fromUnixTimestamp64Milli({grouped:Int64}))
       ORDER BY timestamp, id LIMIT {page:UInt32}`,
      { since, grouped: since - 10 * overlapMs, page: pageAlerts },
    );
    return rows.map(ungroupedOf);
  }

  /** Alerts since a time and the incident of each, oldest first: what grouping remembers after a restart. */
  async grouped(since: number): Promise<{ readonly alert: Ungrouped; readonly incidentId: string }[]> {
    const rows = await this.#store.query<AlertRow & { incidentId: string }>(
      `SELECT ${columns}, incidentId FROM alerts FINAL
       INNER JOIN (SELECT alertId, incidentId FROM incident_alerts FINAL WHERE raisedAt >= fromUnixTimestamp64Milli({since:Int64})) AS of
         ON of.alertId = alerts.id
       WHERE timestamp >= fromUnixTimestamp64Milli({since:Int64})
       ORDER BY timestamp DESC, id DESC LIMIT {most:UInt32}`,
      { since, most: maxRebuilt },
    );
    return rows.reverse().map((row) => ({ alert: ungroupedOf(row), incidentId: row.incidentId }));
  }

  /** Keeps which incident alerts belong to. */
  async assign(alerts: readonly Groupable[], incidents: readonly string[]): Promise<void> {
    const groupedAt = iso(this.#clock.now());
    const rows = alerts.map(({ id, raisedAt }, at) => ({
      ...{ alertId: id, incidentId: incidents[at], raisedAt: iso(raisedAt), groupedAt },
    }));
    const token = hash("sha256", rows.map(({ alertId }) => alertId).join("\n"));
    await this.#store.insertRows("incident_alerts", rows, `${token}:incidents`);
  }

  /** Incidents that got an alert since a time. */
  async touchedSince(time: number): Promise<string[]> {
    const rows = await this.#store.query<{ incidentId: string }>(
      `SELECT DISTINCT incidentId FROM incident_alerts
       WHERE groupedAt >= fromUnixTimestamp64Milli({time:Int64}) LIMIT {most:UInt32}`,
      { time, most: pageAlerts },
    );
    return rows.map(({ incidentId }) => incidentId);
  }

  /** Writes incidents anew as they follow from their alerts. */
  async derive(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const rows = await this.#store.query<IncidentRow>(
      `SELECT incidentId AS id, toUnixTimestamp64Milli(min(timestamp)) AS firstMs,
         toUnixTimestamp64Milli(max(timestamp)) AS lastMs, count() AS alerts, toUInt32(least(sum(risk), 4000000000)) AS risk,
         argMax(severity, ${severityRank}) AS severity, argMax(name, (${severityRank}, -toUnixTimestamp64Milli(timestamp))) AS lead,
         groupUniqArray(${listed})(name) AS rules, groupUniqArrayArray(${listed})(entities) AS entities,
         groupUniqArray(${listed})(dataSource) AS sources, groupUniqArrayArray(${listed})(tactics) AS tactics,
         groupUniqArrayArray(${listed})(techniques) AS techniques,
         any(alerts.tenantId) AS tenantId
       FROM alerts FINAL
       INNER JOIN (SELECT alertId, incidentId FROM incident_alerts FINAL WHERE incidentId IN {ids:Array(String)}) AS of
         ON of.alertId = alerts.id
       WHERE alerts.id IN (SELECT alertId FROM incident_alerts WHERE incidentId IN {ids:Array(String)})
       GROUP BY incidentId`,
      { ids },
      columnsFirst,
    );
    await this.#write(
      rows.map(({ firstMs, lastMs, lead, ...row }) => {
        const entities = sorted(row.entities);
        const rules = [...row.rules].sort();
        return {
          ...{ ...row, kind: "story", title: titleOf(lead, rules.length, entities), entities, rules },
          ...{ firstAt: iso(Number(firstMs)), lastAt: iso(Number(lastMs)), alerts: Number(row.alerts) },
        };
      }),
    );
  }

  /**
   * Raises an incident for each of some entities whose risk is over the threshold and that had none within a half-life. What was
   * closed as a false positive does not count.
   */
  async raiseRisks(
    entities: readonly string[],
    { threshold, halfLifeMs }: { readonly threshold: number; readonly halfLifeMs: number },
  ): Promise<number> {
    if (entities.length === 0) return 0;
    const now = this.#clock.now();
    const risky = await this.#store.query<RiskRow>(
      `${riskQuery("AND entity IN {entities:Array(String)}")} HAVING score >= {threshold:Float64}`,
      { entities, threshold, ...riskParams(now, halfLifeMs) },
      columnsFirst,
    );
    if (risky.length === 0) return 0;
    const told = await this.#store.query<{ tenantId: string; entity: string }>(
      `SELECT DISTINCT tenantId, arrayJoin(entities) AS entity FROM incidents FINAL
       WHERE kind = 'risk' AND updatedAt >= fromUnixTimestamp64Milli({since:Int64})`,
      { since: now - halfLifeMs },
    );
    // One that was raised before incidents had a tenant counts for every tenant.
    const known = new Set(told.map(({ tenantId, entity }) => `${tenantId}\n${entity}`));
    const fresh = risky.filter(
      ({ tenantId, entity }) => !known.has(`${tenantId}\n${entity}`) && !known.has(`\n${entity}`),
    );
    await this.#write(fresh.map((row) => riskIncident(row, now)));
    return fresh.length;
  }

  /** The entities with the highest risk now. */
  async risks(limit: number, halfLifeMs: number): Promise<RiskRow[]> {
    return this.#store.query<RiskRow>(
      `${riskQuery("")} ORDER BY score DESC, entity, tenantId LIMIT {limit:UInt32}`,
      { limit, ...riskParams(this.#clock.now(), halfLifeMs) },
      columnsFirst,
    );
  }

  async #write(rows: readonly { readonly id: string }[]): Promise<void> {
    const updatedAt = iso(this.#clock.now());
    const token = hash("sha256", [updatedAt, ...rows.map(({ id }) => id)].join("\n"));
    await this.#store.insertRows(
      "incidents",
      rows.map((row) => ({ ...row, updatedAt })),
      token,
    );
  }
}

interface IncidentRow {
  readonly id: string;
  readonly tenantId: string;
  readonly firstMs: string;
  readonly lastMs: string;
  readonly alerts: string;
  readonly risk: number;
  readonly severity: string;
  readonly lead: string;
  readonly rules: string[];
  readonly entities: string[];
  readonly sources: string[];
  readonly tactics: string[];
  readonly techniques: string[];
}

/** The risk of an entity. `score` decays, the rest is of the alerts that it came of. */
export interface RiskRow {
  readonly tenantId: string;
  readonly entity: string;
  readonly score: number;
  readonly alerts: string;
  readonly firstMs: string;
  readonly lastMs: string;
  readonly lastAlert: string;
  readonly severity: string;
  readonly rules: string[];
  readonly sources: string[];
  readonly tactics: string[];
  readonly techniques: string[];
}

const riskParams = (now: number, halfLifeMs: number) => ({
  ...{ now, halfLife: halfLifeMs, since: now - halfLivesKept * halfLifeMs },
});

const riskQuery = (where: string): string => `
  SELECT tenantId, entity, sum(risk * exp2(-greatest(0, {now:Int64} - toUnixTimestamp64Milli(timestamp)) / {halfLife:Float64})) AS score,
    count() AS alerts, toUnixTimestamp64Milli(min(timestamp)) AS firstMs, toUnixTimestamp64Milli(max(timestamp)) AS lastMs,
    argMax(id, (timestamp, id)) AS lastAlert, argMax(severity, ${severityRank}) AS severity,
    groupUniqArray(${listed})(name) AS rules, groupUniqArray(${listed})(dataSource) AS sources,
    groupUniqArrayArray(${listed})(tactics) AS tactics, groupUniqArrayArray(${listed})(techniques) AS techniques
  FROM alerts FINAL ARRAY JOIN entities AS entity
  WHERE hidden = '' AND timestamp >= fromUnixTimestamp64Milli({since:Int64}) ${where}
    AND id NOT IN (SELECT id FROM case_states FINAL WHERE kind = 'alert' AND verdict = 'false_positive')
  GROUP BY tenantId, entity`;

function riskIncident(row: RiskRow, now: number) {
  const { value } = partsOfEntity(row.entity);
  return {
    id: stableId("risk", row.entity, row.lastAlert),
    tenantId: row.tenantId,
    ...{
      kind: "risk",
      title: `Many findings add up: ${value}`,
      severity: "high",
      risk: Math.round(row.score),
    },
    ...{
      firstAt: iso(Number(row.firstMs)),
      lastAt: iso(now),
      alerts: Number(row.alerts),
      entities: [row.entity],
    },
    ...{ rules: row.rules, sources: row.sources, tactics: row.tactics, techniques: row.techniques },
  };
}

const iso = (time: number): string => new Date(time).toISOString();

/** Addresses first, then users, then hosts. */
const sorted = (entities: readonly string[]): string[] => {
  const rank = (entity: string): number => ["ip", "user", "host"].indexOf(partsOfEntity(entity).kind);
  return [...entities].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
};

function titleOf(lead: string, rules: number, entities: readonly string[]): string {
  const more = rules > 1 ? ` and ${rules - 1} more` : "";
  const who = entities[0] === undefined ? "" : `: ${partsOfEntity(entities[0]).value}`;
  return `${lead}${more}${who}`;
}

const ungroupedOf = ({ raisedAt, storedMs, ...row }: AlertRow): Ungrouped => ({
  ...{ id: row.id, tenantId: row.tenantId, parentId: row.parentId, entities: row.entities },
  ...{ eventIds: row.eventIds, raisedAt: Number(raisedAt), storedAt: Number(storedMs) },
});
