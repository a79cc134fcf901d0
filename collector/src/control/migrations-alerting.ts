import { defaultTenant } from "@vedette/sdk";
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Sources are known by tenant too; those of before are of the default one. */
export const sourcesByTenant: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("sources_of_tenants")
      .addColumn("tenant_id", "text", (column) => column.notNull())
      .addColumn("data_type", "text", (column) => column.notNull())
      .addColumn("data_source", "text", (column) => column.notNull())
      .addColumn("first_at", "bigint", (column) => column.notNull())
      .addColumn("last_at", "bigint", (column) => column.notNull())
      .addColumn("pause_now", "bigint", (column) => column.notNull())
      .addColumn("pause_before", "bigint", (column) => column.notNull())
      .addColumn("span", "bigint", (column) => column.notNull())
      .addColumn("alert_id", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("sources_of_tenants_key", ["tenant_id", "data_type", "data_source"])
      .execute();
    const columns = sql.raw(
      "data_type, data_source, first_at, last_at, pause_now, pause_before, span, alert_id",
    );
    await sql`INSERT INTO sources_of_tenants (tenant_id, ${columns}) SELECT ${sql.lit(defaultTenant.id)}, ${columns} FROM sources`.execute(
      db,
    );
    await db.schema.dropTable("sources").execute();
    await db.schema.alterTable("sources_of_tenants").renameTo("sources").execute();
  },
};
