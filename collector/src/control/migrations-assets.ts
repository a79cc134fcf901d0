import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What assets need: when one was told to be offline, and the newest releases of programs. */
export const assetMigrations: Readonly<Record<string, Migration>> = {
  "0013_assets": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable("assets").addColumn("told_seen", "bigint").execute();
      await db.schema
        .createTable("releases")
        .addColumn("release_url", "text", (column) => column.primaryKey())
        .addColumn("version", "text", (column) => column.notNull())
        .addColumn("url", "text")
        .addColumn("noted_at", "bigint", (column) => column.notNull())
        .execute();
    },
  },
};
