import { VedetteError } from "@vedette/sdk";
import { literal, quotedName } from "./literal.ts";

/** Where tables live: on one server, or sharded and replicated over a cluster. */
export interface Layout {
  readonly database: string;
  readonly cluster: string | undefined;
}

/**
 * What decides the shard of a row, where it is not the sorting key. A batch has one agent, so it goes to one shard
 * whole: it is there or not, and a repeat meets the token that its first delivery left.
 */
const shardBy: Readonly<Record<string, string>> = {
  events: "agentId",
  batches: "agentId",
  // A day is written as a whole, and read as one.
  rollups: "day",
};
/** This table is the same on every node. */
const everywhere = "migrations";

/** How long a shard remembers tokens, in seconds; the window on one server knows a number only. */
const rememberSeconds = 7 * 86_400;

const createTable =
  /^CREATE TABLE (?:IF NOT EXISTS )?(\w+)\s*(\([\s\S]*\))\s*ENGINE = (\w*MergeTree)(?:\(([^)]*)\))?\s([\s\S]*)$/;
const alterTable = /^ALTER TABLE (\w+)\s+([\s\S]+)$/;
const dropTable = /^DROP TABLE (?:IF EXISTS )?(\w+)$/;

/** Where the rows of a table are; in a cluster the table itself only sends statements there. */
export const rowsOf = (table: string, { cluster }: Layout): string =>
  cluster === undefined || table === everywhere ? table : `${table}_local`;

/** ` ON CLUSTER …`, or nothing. */
export const onCluster = ({ cluster }: Layout): string =>
  cluster === undefined ? "" : ` ON CLUSTER ${quotedName(cluster)}`;

/**
 * One statement of a migration in the form that a layout needs. Each may run again and by several collectors at once:
 * what is there already stays. Throws `internal.fault` on a statement that has no such form.
 */
export function statementsFor(statement: string, layout: Layout): string[] {
  const create = createTable.exec(statement);
  if (create) return createFor(create as unknown as CreateParts, layout);
  const alter = alterTable.exec(statement);
  if (alter) return alterFor(alter[1]!, repeatable(alter[2]!), layout);
  const drop = dropTable.exec(statement);
  if (drop)
    return tablesOf(drop[1]!, layout).map((table) => `DROP TABLE IF EXISTS ${table}${onCluster(layout)}`);
  throw noForm(statement);
}

type CreateParts = readonly [string, string, string, string, string | undefined, string];

function createFor([, table, columns, engine, args, rest]: CreateParts, layout: Layout): string[] {
  const { cluster, database } = layout;
  if (cluster === undefined) {
    const version = args === undefined ? "" : `(${args})`;
    return [`CREATE TABLE IF NOT EXISTS ${table}\n${columns}\nENGINE = ${engine}${version}\n${rest}`];
  }
  // A path of names, not of the table's own id: a node that joins later finds the others by running the same statements.
  const shared = table === everywhere;
  const path = `'/clickhouse/tables/${shared ? "" : "{shard}/"}{database}/${table}'`;
  const replica = shared ? "'{shard}-{replica}'" : "'{replica}'";
  const replicated = [path, replica, ...(args === undefined ? [] : [args])].join(", ");
  const local = rowsOf(table, layout);
  const rows =
    `CREATE TABLE IF NOT EXISTS ${local}${onCluster(layout)}\n${columns}\n` +
    `ENGINE = Replicated${engine}(${replicated})\n${rest.replace(
      /non_replicated_deduplication_window = (\d+)/,
      `replicated_deduplication_window = $1,\n  replicated_deduplication_window_seconds = ${rememberSeconds}`,
    )}`;
  if (shared) return [rows];
  const sharding = `cityHash64(${shardBy[table] ?? sortingKey(rest)})`;
  const door =
    `CREATE TABLE IF NOT EXISTS ${table}${onCluster(layout)} AS ${local}\n` +
    `ENGINE = Distributed(${literal(cluster)}, ${literal(database)}, ${literal(local)}, ${sharding})`;
  return [rows, door];
}

function alterFor(table: string, change: string, layout: Layout): string[] {
  const columns = /^(ADD|DROP|MODIFY|RENAME) COLUMN\b/.test(change);
  // Indexes and settings are of the rows; a column is also of the table that is asked.
  const tables = columns ? tablesOf(table, layout) : [rowsOf(table, layout)];
  return tables.map((each) => `ALTER TABLE ${each}${onCluster(layout)} ${change}`);
}

/** Rows first: a column must be there before it is asked for. */
const tablesOf = (table: string, layout: Layout): string[] => [...new Set([rowsOf(table, layout), table])];

function repeatable(change: string): string {
  const again = change
    .replace(/^ADD (COLUMN|INDEX) (?!IF NOT EXISTS)/, "ADD $1 IF NOT EXISTS ")
    .replace(/^DROP (COLUMN|INDEX) (?!IF EXISTS)/, "DROP $1 IF EXISTS ");
  if (/^(ADD (COLUMN|INDEX) IF NOT|DROP (COLUMN|INDEX) IF|MODIFY (COLUMN|SETTING|TTL)\b)/.test(again))
    return again;
  throw noForm(change);
}

function sortingKey(rest: string): string {
  const key = /^ORDER BY (?:\((.+)\)|(\S+))$/m.exec(rest);
  if (!key) throw noForm(rest);
  return key[1] ?? key[2]!;
}

const noForm = (statement: string): VedetteError =>
  new VedetteError(
    "internal.fault",
    `A migration has a statement without a form for clusters: ${statement.slice(0, 200)}`,
    {
      verdict: "stop",
    },
  );
