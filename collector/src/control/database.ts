import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Logger } from "@vedette/sdk";
import { type Dialect, Kysely } from "kysely";
import { openingError } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { postgresDialect } from "./postgres.ts";
import type { ControlSchema } from "./schema.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import type { ControlTarget } from "./target.ts";

export type ControlDatabase = Kysely<ControlSchema>;

/**
 * Opens the control database and brings it up to date. Throws `control.unavailable`, with the verdict `retry` where a
 * server does not answer yet, and `control.newer` where a newer Vedette has been there. Close it with `destroy()`.
 */
export async function openControlDatabase(target: ControlTarget, log?: Logger): Promise<ControlDatabase> {
  let database: ControlDatabase | undefined;
  try {
    database = new Kysely<ControlSchema>({ dialect: await dialectOf(target, log) });
    await migrate(database);
    return database;
  } catch (error) {
    await database?.destroy();
    throw openingError(error, target);
  }
}

/** Whether opening it makes nothing new on this machine; a server is taken to be there. */
export const hasControlDatabase = (target: ControlTarget): boolean =>
  target.kind === "postgres" || existsSync(join(target.dir, "control.sqlite"));

function dialectOf(target: ControlTarget, log: Logger | undefined): Dialect | Promise<Dialect> {
  if (target.kind === "sqlite") return openSqlite(target.dir);
  return postgresDialect(target, (error) =>
    // The driver hangs the whole connection on the error.
    log?.warn(
      { reason: error.message },
      "A connection to the control database was lost; the next statement makes another.",
    ),
  );
}

/** The directory is made 0700 and the file 0600, because hashes of keys are in it. */
function openSqlite(dir: string): Dialect {
  const file = join(dir, "control.sqlite");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  // Made with its mode before SQLite opens it; its journal files take the same mode.
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const sqlite = new DatabaseSync(file, { timeout: 5_000 });
  // From here on the dialect waits for another process, without holding up this one.
  sqlite.exec(
    "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 0;",
  );
  return sqliteDialect(sqlite);
}
