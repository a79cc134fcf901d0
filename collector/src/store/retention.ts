import { type Layout, onCluster, rowsOf } from "./layout.ts";
import { literal } from "./literal.ts";

/** How long rows of some kind are kept. The first rule that fits a row counts. */
export interface RetentionRule {
  /** Data type, with `*` for any text. */
  readonly dataType?: string | undefined;
  /** Tenant id. */
  readonly tenant?: string | undefined;
  readonly days: number;
  /** Days after which these rows may go to the slower volume, where they differ from the others. */
  readonly moveAfterDays?: number | undefined;
}

/** How long events and matches are kept, and where. */
export interface Retention {
  /** Days after which rows are deleted that no rule fits; 0 keeps them. */
  readonly days: number;
  readonly rules?: readonly RetentionRule[];
  /** Days after which findings are deleted: alerts, incidents and which alerts they have. For ever where undefined. */
  readonly findingDays?: number | undefined;
  /** Storage policy of the tables; left as it is where undefined. */
  readonly storagePolicy?: string | undefined;
  /** Volume of that policy to which rows go after some days. */
  readonly moveTo?: { readonly volume: string; readonly afterDays: number } | undefined;
}

/** Tables whose rows are deleted by age. */
export const agingTables = ["events", "matches"] as const;

/** Tables of findings, each with the time that says how old a row is. An alert and its place in an incident go together. */
const findingTables = [
  { table: "alerts", column: "timestamp" },
  { table: "incident_alerts", column: "raisedAt" },
  { table: "incidents", column: "lastAt" },
] as const;

const forEver = 36_500;
const mostDays = 36_500;

/** What the retention takes of a database. */
interface Tables {
  readonly layout: Layout;
  query<Row>(sql: string, params: Record<string, unknown>): Promise<Row[]>;
  run(sql: string, settings: { materialize_ttl_after_modify: 0 }): Promise<void>;
}

/** Brings the tables to a retention and returns those that had another. Throws a RangeError on days out of range. */
export async function applyRetention(tables: Tables, retention: Retention): Promise<string[]> {
  const changed: string[] = [];
  for (const table of agingTables) {
    const [row] = await tables.query<{ created: string; wanted: string }>(
      `SELECT create_table_query AS created, formatQuerySingleLine({like:String}) AS wanted
       FROM system.tables WHERE database = currentDatabase() AND name = {table:String}`,
      { table: rowsOf(table, tables.layout), like: `CREATE TABLE t (c Int8) ${sampleOf(retention)}` },
    );
    const changes = changesOf(retention, row?.created ?? "", row?.wanted ?? "");
    // Parts that are already too old go with the next merge; rewriting the others would stall a large store.
    for (const change of changes)
      await tables.run(alter(table, change, tables.layout), { materialize_ttl_after_modify: 0 });
    if (changes.length > 0) changed.push(table);
  }
  for (const { table, column } of findingTables) {
    const wanted = findingTtl(column, retention);
    const [row] = await tables.query<{ created: string; wanted: string }>(
      `SELECT create_table_query AS created, formatQuerySingleLine({like:String}) AS wanted
       FROM system.tables WHERE database = currentDatabase() AND name = {table:String}`,
      {
        table: rowsOf(table, tables.layout),
        like: `CREATE TABLE t (c Int8) ENGINE = MergeTree ORDER BY c ${wanted === undefined ? "" : `TTL ${wanted}`} SETTINGS index_granularity = 8192`,
      },
    );
    if (ttlIn(row?.created ?? "") === ttlIn(row?.wanted ?? "")) continue;
    const change = wanted === undefined ? "REMOVE TTL" : `MODIFY TTL ${wanted}`;
    await tables.run(alter(table, change, tables.layout), { materialize_ttl_after_modify: 0 });
    changed.push(table);
  }
  return changed;
}

function findingTtl(column: string, { findingDays = 0 }: Retention): string | undefined {
  if (!Number.isInteger(findingDays) || findingDays < 0 || findingDays > mostDays)
    throw new RangeError("Findings are kept for 0 to 36500 whole days.");
  return findingDays === 0 ? undefined : `toDateTime(${column}) + toIntervalDay(${findingDays})`;
}

/** All statements of a retention, whatever the tables have now. */
export const retentionStatements = (retention: Retention, layout: Layout): string[] => [
  ...agingTables.flatMap((table) =>
    changesOf(retention, "", "TTL").map((change) => alter(table, change, layout)),
  ),
  ...findingTables.flatMap(({ table, column }) => {
    const ttl = findingTtl(column, retention);
    return ttl === undefined ? [] : [alter(table, `MODIFY TTL ${ttl}`, layout)];
  }),
];

const alter = (table: string, change: string, layout: Layout): string =>
  `ALTER TABLE ${rowsOf(table, layout)}${onCluster(layout)} ${change}`;

/** The same end of a table's definition as the server would write it, so that both are compared as the server writes them. */
const sampleOf = (retention: Retention): string => {
  const ttl = ttlOf(retention);
  return `ENGINE = MergeTree ORDER BY c ${ttl === undefined ? "" : `TTL ${ttl}`} SETTINGS index_granularity = 8192`;
};

const ttlIn = (definition: string): string | undefined => / TTL (.+?) SETTINGS /.exec(definition)?.[1];

function changesOf(retention: Retention, created: string, wanted: string): string[] {
  const changes: string[] = [];
  const { storagePolicy: policy } = retention;
  // Before the volumes of the policy are named.
  if (policy !== undefined && /storage_policy = '([^']*)'/.exec(created)?.[1] !== policy)
    changes.push(`MODIFY SETTING storage_policy = ${literal(policy)}`);
  const onlyWhole = dropsWholeParts(retention) ? "1" : "0";
  if (/ttl_only_drop_parts = (\d)/.exec(created)?.[1] !== onlyWhole)
    changes.push(`MODIFY SETTING ttl_only_drop_parts = ${onlyWhole}`);
  const ttl = ttlOf(retention);
  if (created === "" || ttlIn(created) !== ttlIn(wanted))
    changes.push(ttl === undefined ? "REMOVE TTL" : `MODIFY TTL ${ttl}`);
  return changes;
}

/**
 * Whether a part may wait until all of it is too old. A part holds all data types of its day: where they are kept for
 * different times, it is rewritten once for each of them, or the shortest would last as long as the longest.
 */
const dropsWholeParts = ({ days, rules = [] }: Retention): boolean =>
  rules.every((rule) => rule.days === days);

function ttlOf({ days, rules = [], moveTo }: Retention): string | undefined {
  for (const each of [days, ...rules.map((rule) => rule.days)])
    if (!Number.isInteger(each) || each < 0 || each > mostDays)
      throw new RangeError("Retention is 0 to 36500 whole days.");
  const parts: string[] = [];
  if (days > 0 || rules.length > 0)
    parts.push(
      after(
        rules.map((rule) => [rule, rule.days] as const),
        days === 0 ? forEver : days,
      ),
    );
  if (moveTo)
    parts.push(
      `${after(
        rules.map((rule) => [rule, rule.moveAfterDays ?? moveTo.afterDays] as const),
        moveTo.afterDays,
      )} TO VOLUME ${literal(moveTo.volume)}`,
    );
  return parts.length === 0 ? undefined : parts.join(", ");
}

/** So many days after a row's time: a number, or the one of the first rule that fits it. */
function after(cases: readonly (readonly [RetentionRule, number])[], otherwise: number): string {
  const different = cases.some(([, days]) => days !== otherwise);
  const number = different
    ? `multiIf(${cases.map(([rule, days]) => `${conditionOf(rule)}, ${days}`).join(", ")}, ${otherwise})`
    : String(otherwise);
  return `toDateTime(timestamp) + toIntervalDay(${number})`;
}

function conditionOf({ dataType, tenant }: RetentionRule): string {
  const parts: string[] = [];
  if (dataType !== undefined)
    parts.push(
      dataType.includes("*")
        ? `dataType LIKE ${literal(dataType.replaceAll(/[%_\\]/g, "\\$&").replaceAll("*", "%"))}`
        : `dataType = ${literal(dataType)}`,
    );
  if (tenant !== undefined) parts.push(`tenantId = ${literal(tenant)}`);
  return parts.length === 0 ? "true" : parts.map((part) => `(${part})`).join(" AND ");
}
