import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { VedetteError } from "@vedette/sdk";
import { type Layout, statementsFor } from "./layout.ts";

/** One step of the schema, read from a numbered SQL file. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
  /** SHA-256 of the statements without comments and spare space: a comment may change, the schema may not. */
  readonly checksum: string;
}

/** What the migration runner asks of a database. */
export interface MigrationTarget {
  run(sql: string): Promise<void>;
  /** What was applied; undefined where the table that remembers it is missing. */
  applied(): Promise<{ readonly version: number; readonly checksum: string }[] | undefined>;
  note(migration: Migration): Promise<void>;
  readonly layout: Layout;
}

const FILE = /^(\d{4})_([a-z0-9_]+)\.sql$/;
const folder = new URL("./migrations/", import.meta.url);

/** Reads the migrations that belong to this program, in order. */
export async function readMigrations(): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => FILE.test(file)).sort();
  const versions = new Set(files.map((file) => Number(FILE.exec(file)![1])));
  if (versions.size < files.length || Math.max(...versions) !== files.length)
    throw new Error(`Migrations of the store are not numbered from 1 without a gap: ${files.join(", ")}`);
  return Promise.all(
    files.map(async (file) => {
      const [, version, name] = FILE.exec(file)!;
      return migrationOf(Number(version), name!, await readFile(new URL(file, folder), "utf8"));
    }),
  );
}

/** Cuts a migration file into statements: each ends with a semicolon at the end of a line. */
export function migrationOf(version: number, name: string, sql: string): Migration {
  const statements = sql
    .replace(/^\s*--.*$/gm, "")
    .split(/;[ \t]*(?:\r?\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  const checksum = createHash("sha256").update(statements.join(";").replace(/\s+/g, " ")).digest("hex");
  return { version, name, statements, checksum };
}

/** The table that remembers what was applied. */
const migrationsTable = `CREATE TABLE IF NOT EXISTS migrations
(
  \`version\` UInt32,
  \`name\` String,
  \`checksum\` String,
  \`appliedAt\` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

/**
 * Applies what is missing, in order, and returns how many that were. ClickHouse has neither transactions nor locks for
 * this, so every statement may meet what is there already: after a crash, or when several collectors start at once.
 * Throws `store.newer` where the database knows a version that we do not, and `store.rejected` where an applied step differs from ours.
 */
export async function migrate(target: MigrationTarget, migrations: readonly Migration[]): Promise<number> {
  const known = await target.applied();
  // A schema that is up to date takes no right to change it.
  if (known === undefined)
    for (const statement of statementsFor(migrationsTable, target.layout)) await target.run(statement);
  const applied = new Map((known ?? []).map((row) => [row.version, row.checksum]));
  const newest = migrations.at(-1)?.version ?? 0;
  for (const version of applied.keys()) if (version > newest) throw newer(version, newest);
  let count = 0;
  for (const migration of migrations) {
    const checksum = applied.get(migration.version);
    if (checksum === migration.checksum) continue;
    if (checksum !== undefined) throw changed(migration);
    for (const statement of schemaOf([migration], target.layout)) await target.run(statement);
    await target.note(migration);
    count++;
  }
  return count;
}

/** The statements of migrations, in the form that a layout needs. */
export const schemaOf = (migrations: readonly Migration[], layout: Layout): string[] =>
  migrations.flatMap(({ statements }) => statements.flatMap((statement) => statementsFor(statement, layout)));

/** The whole schema, beginning with the table that remembers it. */
export const wholeSchema = (migrations: readonly Migration[], layout: Layout): string[] => [
  ...statementsFor(migrationsTable, layout),
  ...schemaOf(migrations, layout),
];

/** The statement that remembers a migration as applied. */
export const noteStatement = ({ version, name, checksum }: Migration): string =>
  `INSERT INTO migrations (version, name, checksum, appliedAt) VALUES (${version}, '${name}', '${checksum}', now64(3))`;

const newer = (version: number, newest: number) =>
  new VedetteError(
    "store.newer",
    `The database has schema version ${version}, this Vedette knows ${newest}. Use the newer Vedette, or another database.`,
    { verdict: "stop" },
  );

const changed = ({ version, name }: Migration) =>
  new VedetteError(
    "store.rejected",
    `Migration ${version} (${name}) was applied to this database in another form. Use another database, or the Vedette that made it.`,
    { verdict: "stop" },
  );
