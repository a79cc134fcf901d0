import { createDatabase } from "./client.ts";
import type { Layout } from "./layout.ts";
import { quotedName } from "./literal.ts";
import { noteStatement, readMigrations, wholeSchema } from "./migrate.ts";
import { type Retention, retentionStatements } from "./retention.ts";

/** Everything that makes the store, as statements to review and to run: each may run again where it has run before. */
export async function schemaStatements(layout: Layout, retention: Retention): Promise<string[]> {
  const migrations = await readMigrations();
  return [
    createDatabase(layout),
    `USE ${quotedName(layout.database)}`,
    ...wholeSchema(migrations, layout),
    ...migrations.map(noteStatement),
    ...retentionStatements(retention, layout),
  ];
}

/**
 * What the collector's user must be granted. One who only stores and asks needs the schema made for it; one who also
 * makes it needs more.
 */
export function grantStatements(user: string, { database, cluster }: Layout, makesSchema: boolean): string[] {
  const to = `TO ${quotedName(user)}`;
  const inside = `ON ${quotedName(database)}.*`;
  return [
    `GRANT SELECT, INSERT, SHOW TABLES, SHOW COLUMNS ${inside} ${to}`,
    `GRANT SELECT ON system.* ${to}`,
    ...(makesSchema
      ? [
          `GRANT CREATE DATABASE, CREATE TABLE, DROP TABLE, ALTER COLUMN, ALTER INDEX, ALTER TTL, ALTER SETTINGS ${inside} ${to}`,
          ...(cluster === undefined ? [] : [`GRANT CLUSTER, REMOTE ON *.* ${to}`]),
        ]
      : []),
  ];
}
