import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { actionEventsMigration, actionMigration } from "./action-tables.ts";
import { sourcesByTenant } from "./migrations-alerting.ts";
import { assetMigrations } from "./migrations-assets.ts";
import { fleetMigration } from "./migrations-fleet.ts";

/**
 * The control database, step by step. Names sort in the order of running; a step that was released never changes.
 * Only what SQLite and PostgreSQL both understand: text and bigint columns, explicit indexes.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001_api_keys_and_settings": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("api_keys")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("prefix", "text", (column) => column.notNull().unique())
        .addColumn("hash", "text", (column) => column.notNull())
        .addColumn("scopes", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint")
        .addColumn("last_used_at", "bigint")
        .addColumn("revoked_at", "bigint")
        .execute();
      await db.schema
        .createTable("settings")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("value", "text", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .execute();
    },
  },
  "0003_plugins": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("plugin_settings")
        .addColumn("plugin", "text", (column) => column.notNull())
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("value", "text", (column) => column.notNull())
        .addColumn("sealed", "bigint", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("plugin_settings_key", ["plugin", "key"])
        .execute();
      await db.schema
        .createTable("plugin_state")
        .addColumn("plugin", "text", (column) => column.notNull())
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("value", "text", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("plugin_state_key", ["plugin", "key"])
        .execute();
      await db.schema
        .createTable("assets")
        .addColumn("plugin", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("document", "text", (column) => column.notNull())
        .addColumn("active", "bigint", (column) => column.notNull())
        .addColumn("first_seen", "bigint", (column) => column.notNull())
        .addColumn("last_seen", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("assets_key", ["plugin", "id"])
        .execute();
    },
  },
  "0004_secrets_and_connections": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("secrets")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("sealed", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("connections")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("plugin", "text", (column) => column.notNull())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("settings", "text", (column) => column.notNull())
        .addColumn("sealed", "text", (column) => column.notNull())
        .addColumn("version", "bigint", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .addColumn("tested_at", "bigint")
        .addColumn("tested_version", "bigint")
        .addColumn("test_status", "text")
        .addColumn("test_message", "text")
        .execute();
    },
  },
  "0005_alerting": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("alert_controls")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("document", "text", (column) => column.notNull())
        .addColumn("ends_at", "bigint")
        .addColumn("version", "bigint", (column) => column.notNull())
        .addColumn("revision", "bigint", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("cases")
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("verdict", "text", (column) => column.notNull())
        .addColumn("assignee", "text", (column) => column.notNull())
        .addColumn("version", "bigint", (column) => column.notNull())
        .addColumn("revision", "bigint", (column) => column.notNull())
        .addColumn("copied", "bigint", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("cases_key", ["kind", "id"])
        .execute();
      await db.schema.createIndex("cases_by_revision").on("cases").column("revision").execute();
      await db.schema.createIndex("cases_by_copied").on("cases").column("copied").execute();
      await db.schema
        .createTable("case_history")
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("case_id", "text", (column) => column.notNull())
        .addColumn("version", "bigint", (column) => column.notNull())
        .addColumn("at", "bigint", (column) => column.notNull())
        .addColumn("author", "text", (column) => column.notNull())
        .addColumn("changes", "text", (column) => column.notNull())
        .addColumn("comment", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("case_history_key", ["kind", "case_id", "version"])
        .execute();
      await db.schema
        .createTable("sources")
        .addColumn("data_type", "text", (column) => column.notNull())
        .addColumn("data_source", "text", (column) => column.notNull())
        .addColumn("first_at", "bigint", (column) => column.notNull())
        .addColumn("last_at", "bigint", (column) => column.notNull())
        .addColumn("pause_now", "bigint", (column) => column.notNull())
        .addColumn("pause_before", "bigint", (column) => column.notNull())
        .addColumn("span", "bigint", (column) => column.notNull())
        .addColumn("alert_id", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("sources_key", ["data_type", "data_source"])
        .execute();
      await db.schema
        .createTable("leases")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("holder", "text", (column) => column.notNull())
        .addColumn("until", "bigint", (column) => column.notNull())
        .addColumn("place", "text", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("audit")
        .addColumn("seq", "bigint", (column) => column.primaryKey())
        .addColumn("at", "bigint", (column) => column.notNull())
        .addColumn("author", "text", (column) => column.notNull())
        .addColumn("action", "text", (column) => column.notNull())
        .addColumn("subject", "text", (column) => column.notNull())
        .addColumn("detail", "text", (column) => column.notNull())
        .addColumn("hash", "text", (column) => column.notNull())
        .execute();
    },
  },
  "0006_notifications": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("notification_rules")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("settings", "text", (column) => column.notNull())
        .addColumn("version", "bigint", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("notification_windows")
        .addColumn("rule", "text", (column) => column.primaryKey())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("due_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("notification_seen")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("seen_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("notifications")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("channel", "text", (column) => column.notNull())
        .addColumn("rule", "text", (column) => column.notNull())
        .addColumn("notice", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("attempts", "bigint", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("due_at", "bigint", (column) => column.notNull())
        .addColumn("claimed_by", "text")
        .addColumn("uncertain", "bigint", (column) => column.notNull())
        .addColumn("ended_at", "bigint")
        .addColumn("outcome", "text")
        .execute();
      await db.schema
        .createIndex("notifications_due")
        .on("notifications")
        .columns(["state", "due_at"])
        .execute();
      await db.schema
        .createIndex("notifications_created")
        .on("notifications")
        .columns(["created_at", "id"])
        .execute();
      await db.schema.createIndex("notification_seen_at").on("notification_seen").column("seen_at").execute();
    },
  },
  "0007_jobs": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("jobs")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("workflow", "text", (column) => column.notNull())
        .addColumn("docs", "text", (column) => column.notNull())
        .addColumn("started_by", "text", (column) => column.notNull())
        .addColumn("trigger_key", "text", (column) => column.unique())
        .addColumn("input", "text", (column) => column.notNull())
        .addColumn("dry", "bigint", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("error", "text")
        .addColumn("owner", "text")
        .addColumn("epoch", "bigint", (column) => column.notNull())
        .addColumn("lease_until", "bigint")
        .addColumn("wake_at", "bigint")
        .addColumn("cancelled_by", "text")
        .addColumn("rerun_of", "text")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("started_at", "bigint")
        .addColumn("ended_at", "bigint")
        .addColumn("deadline_at", "bigint", (column) => column.notNull())
        .addColumn("time_saved", "bigint", (column) => column.notNull())
        .execute();
      await db.schema.createIndex("jobs_due").on("jobs").columns(["status", "wake_at"]).execute();
      await db.schema.createIndex("jobs_of").on("jobs").columns(["workflow", "created_at"]).execute();
      await db.schema
        .createTable("job_steps")
        .addColumn("job_id", "text", (column) => column.notNull())
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("seq", "bigint", (column) => column.notNull())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("attempt", "bigint", (column) => column.notNull())
        .addColumn("started_at", "bigint", (column) => column.notNull())
        .addColumn("ended_at", "bigint")
        .addColumn("wake_at", "bigint")
        .addColumn("input", "text")
        .addColumn("output", "text")
        .addColumn("sealed", "text")
        .addColumn("error", "text")
        .addColumn("note", "text")
        .addPrimaryKeyConstraint("job_steps_key", ["job_id", "key"])
        .execute();
      await db.schema
        .createTable("job_claims")
        .addColumn("key", "text", (column) => column.primaryKey())
        .addColumn("job_id", "text", (column) => column.notNull())
        .addColumn("step", "text", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("job_questions")
        .addColumn("job_id", "text", (column) => column.notNull())
        .addColumn("step", "text", (column) => column.notNull())
        .addColumn("question", "text", (column) => column.notNull())
        .addColumn("options", "text", (column) => column.notNull())
        .addColumn("asked_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("answer", "text")
        .addColumn("answered_by", "text")
        .addColumn("answered_at", "bigint")
        .addPrimaryKeyConstraint("job_questions_key", ["job_id", "step"])
        .execute();
      await db.schema
        .createTable("global_artifacts")
        .addColumn("artifact", "text", (column) => column.notNull())
        .addColumn("job_id", "text", (column) => column.notNull())
        .addColumn("step", "text", (column) => column.notNull())
        .addColumn("row", "text", (column) => column.notNull())
        .addColumn("added_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("global_artifacts_key", ["artifact", "job_id", "step"])
        .execute();
    },
  },
  "0010_actions": actionMigration,
  ...assetMigrations,
  "0014_workflows": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("workflows")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("yaml", "text", (column) => column.notNull())
        .addColumn("version", "bigint", (column) => column.notNull())
        .addColumn("active", "bigint", (column) => column.notNull())
        .addColumn("changed_by", "text", (column) => column.notNull())
        .addColumn("changed_at", "bigint", (column) => column.notNull())
        .execute();
    },
  },
  "0015_action_events": actionEventsMigration,
  "0016_question_tokens": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("question_tokens")
        .addColumn("digest", "text", (column) => column.primaryKey())
        .addColumn("job_id", "text", (column) => column.notNull())
        .addColumn("step", "text", (column) => column.notNull())
        .addColumn("channel", "text", (column) => column.notNull())
        .addColumn("answer", "text")
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("question_tokens_job")
        .on("question_tokens")
        .columns(["job_id", "step"])
        .execute();
    },
  },
  "0017_sources_by_tenant": sourcesByTenant,
  "0018_fleet": fleetMigration,
};
