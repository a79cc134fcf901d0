import { VedetteError } from "@vedette/sdk";
import { type Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { migrations } from "./migrations.ts";
import type { ControlSchema } from "./schema.ts";

/**
 * Brings a control database up to date, each step whole or not at all; of several programs that start at once one does
 * it while the others wait. Throws `control.newer` where a newer Vedette has been there.
 */
export async function migrate(
  database: Kysely<ControlSchema>,
  known: Readonly<Record<string, Migration>> = migrations,
): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve({ ...known }) };
  const migrator = new Migrator({ db: database, provider });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const foreign = await unknownSteps(database, known).catch(() => []);
  if (foreign.length > 0) {
    const message =
      `The control database has the step ${foreign.at(-1)}, which this Vedette does not know. ` +
      "Use the newer Vedette that made it, or another database (collector.control.url, or collector.stateDir).";
    throw new VedetteError("control.newer", message, { verdict: "stop" }, { cause: error });
  }
  throw error;
}

/** Steps that a database has and this program does not know, in order. */
export async function unknownSteps(
  database: Kysely<ControlSchema>,
  known: Readonly<Record<string, Migration>>,
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
    database,
  );
  return rows.map((row) => row.name).filter((name) => !Object.hasOwn(known, name));
}
