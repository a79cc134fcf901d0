import { messageOf } from "@vedette/sdk";
import { Kysely } from "kysely";
import { openingError } from "./errors.ts";
import { unknownSteps } from "./migrate.ts";
import { migrations } from "./migrations.ts";
import { postgresDialect } from "./postgres.ts";
import type { ControlSchema } from "./schema.ts";
import type { PostgresTarget } from "./target.ts";

/** How a PostgreSQL database looks to a collector with this configuration. Changes nothing; does not wait. */
export async function examinePostgres(
  target: PostgresTarget,
): Promise<{ readonly good: boolean; readonly said: string; readonly cure?: string }> {
  const database = new Kysely<ControlSchema>({ dialect: await postgresDialect(target, () => {}) });
  try {
    const there = await database.introspection.getTables({ withInternalKyselyTables: true });
    if (!there.some(({ name }) => name === "kysely_migration"))
      return {
        good: true,
        said: "PostgreSQL answers; the database has no schema yet, the first start makes it.",
      };
    const [newer] = await unknownSteps(database, migrations);
    return newer === undefined
      ? { good: true, said: "PostgreSQL answers, and its schema is one that this Vedette knows." }
      : {
          good: false,
          said: `The control database has the step ${newer}, which this Vedette does not know.`,
          cure: "Use the newer Vedette, or another database (collector.control.url).",
        };
  } catch (error) {
    return { good: false, said: messageOf(openingError(error, target)) };
  } finally {
    await database.destroy();
  }
}
