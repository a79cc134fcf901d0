import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf, VedetteError } from "@vedette/sdk";
import { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { migrations } from "./migrations.ts";
import type { ControlSchema } from "./schema.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

export type ControlDatabase = Kysely<ControlSchema>;

/**
 * Opens the control database below a directory and brings it up to date. The directory is made 0700 and the file 0600,
 * because hashes of keys are in it. Throws `control.unavailable` where that fails. Close it with `destroy()`.
 */
export async function openControlDatabase(stateDir: string): Promise<ControlDatabase> {
  const file = join(stateDir, "control.sqlite");
  let database: ControlDatabase | undefined;
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    chmodSync(stateDir, 0o700);
    // Made with its mode before SQLite opens it; its journal files take the same mode.
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
    const sqlite = new DatabaseSync(file, { timeout: 5_000 });
    sqlite.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;");
    database = new Kysely<ControlSchema>({ dialect: sqliteDialect(sqlite) });
    await migrate(database);
    return database;
  } catch (error) {
    await database?.destroy();
    throw new VedetteError(
      "control.unavailable",
      `The control database ${file} cannot be opened: ${messageOf(error)}`,
      { verdict: "stop" },
      { cause: error },
    );
  }
}

async function migrate(database: ControlDatabase): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
