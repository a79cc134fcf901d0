import type { Kysely, Selectable } from "kysely";
import type { Migration } from "kysely/migration";

/** Tables of the actions on the world outside. */
export interface ActionTables {
  action_runs: ActionRunsTable;
  action_approvals: ActionApprovalsTable;
  action_lists: ActionListsTable;
  action_operators: ActionOperatorsTable;
  action_armed: ActionArmedTable;
  action_events: ActionEventsTable;
}

/** Runs of actions: the write-ahead log of what was asked, begun, done and undone. */
interface ActionRunsTable {
  id: string;
  /** What was asked for twice under one key is one run. */
  key: string | null;
  /** `plugin/name`. */
  action: string;
  target_type: string;
  target: string;
  /** JSON. */
  parameters: string;
  reason: string;
  /** Who asked, for people. */
  actor: string;
  /** Who asked, by which they are told apart: a key's id, `rule` or `workflow` and a name. */
  actor_id: string;
  /** `person`, `rule` or `workflow`. */
  origin: string;
  /** What it belongs to with others: an alert, a job. */
  batch: string;
  /** JSON: the alert, the rule and the like, for people. */
  cause: string;
  dry: number;
  containment: number;
  /** How long it lasts; 0 where it does not. */
  ttl_seconds: number;
  state: string;
  /** Persons who must agree. */
  approvals: number;
  attempt: number;
  /** When it is looked at next; null where it has ended. */
  due_at: number | null;
  expires_at: number | null;
  created_at: number;
  begun_at: number | null;
  ended_at: number | null;
  /** A sentence: what came of it. */
  outcome: string;
  /** JSON: what undoing needs to know. */
  undo: string;
  /** 1 where nobody knows whether it was done. */
  uncertain: number;
  lift_by: string | null;
  /** 1 where a person lifted it. */
  lift_person: number;
  lift_reason: string | null;
  lift_attempt: number;
  /** One on its way or standing for each action and target. */
  standing_key: string | null;
  /** One at work for each target. */
  lock_key: string | null;
  owner: string | null;
  /** Grows with every owner; what an earlier one still writes is refused. */
  epoch: number;
  lease_until: number | null;
  /** Of the alert that it is for; null for the default tenant. */
  tenant_id: string | null;
  tenant_name: string | null;
}

/** Events that tell what became of runs, until the store has them. */
interface ActionEventsTable {
  id: string;
  at: number;
  /** JSON. */
  document: string;
  /** JSON that names the batch it is sent in, once somebody has claimed it. */
  batch: string | null;
  owner: string | null;
  lease_until: number | null;
}

interface ActionApprovalsTable {
  run_id: string;
  approver_id: string;
  approver: string;
  /** `approve` or `deny`. */
  decision: string;
  comment: string;
  at: number;
}

interface ActionListsTable {
  id: string;
  /** `never-touch` or `allow`. */
  list: string;
  entry: string;
  reason: string;
  author: string;
  created_at: number;
  ends_at: number | null;
}

/** Addresses from which people used the API. */
interface ActionOperatorsTable {
  address: string;
  name: string;
  seen_at: number;
}

/** Rules that may act for real, as they were when somebody said so. */
interface ActionArmedTable {
  rule: string;
  fingerprint: string;
  author: string;
  at: number;
}

export type ActionEventRow = Selectable<ActionEventsTable>;
export type ActionRunRow = Selectable<ActionRunsTable>;
export type ActionApprovalRow = Selectable<ActionApprovalsTable>;
export type ActionListRow = Selectable<ActionListsTable>;

/** Runs of actions, who agreed to them, lists, addresses of operators, rules that are armed. */
export const actionMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    let runs = db.schema.createTable("action_runs").addColumn("id", "text", (column) => column.primaryKey());
    for (const name of [
      ...["action", "target_type", "target", "parameters", "reason", "actor", "actor_id", "origin", "batch"],
      ...["cause", "state", "outcome", "undo"],
    ])
      runs = runs.addColumn(name, "text", (column) => column.notNull());
    for (const name of ["lift_by", "lift_reason", "owner"]) runs = runs.addColumn(name, "text");
    for (const name of ["key", "standing_key", "lock_key"])
      runs = runs.addColumn(name, "text", (column) => column.unique());
    for (const name of [
      ...["dry", "containment", "ttl_seconds", "approvals", "attempt", "created_at", "uncertain"],
      ...["lift_person", "lift_attempt", "epoch"],
    ])
      runs = runs.addColumn(name, "bigint", (column) => column.notNull());
    for (const name of ["due_at", "expires_at", "begun_at", "ended_at", "lease_until"])
      runs = runs.addColumn(name, "bigint");
    await runs.execute();
    await db.schema.createIndex("action_runs_due").on("action_runs").column("due_at").execute();
    await db.schema
      .createIndex("action_runs_state")
      .on("action_runs")
      .columns(["state", "created_at"])
      .execute();
    await db.schema.createIndex("action_runs_made").on("action_runs").column("created_at").execute();
    await db.schema
      .createIndex("action_runs_target")
      .on("action_runs")
      .columns(["target", "begun_at"])
      .execute();
    await db.schema.createIndex("action_runs_batch").on("action_runs").column("batch").execute();
    await db.schema
      .createTable("action_approvals")
      .addColumn("run_id", "text", (column) => column.notNull())
      .addColumn("approver_id", "text", (column) => column.notNull())
      .addColumn("approver", "text", (column) => column.notNull())
      .addColumn("decision", "text", (column) => column.notNull())
      .addColumn("comment", "text", (column) => column.notNull())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("action_approvals_key", ["run_id", "approver_id"])
      .execute();
    await db.schema
      .createTable("action_lists")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("list", "text", (column) => column.notNull())
      .addColumn("entry", "text", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("author", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("ends_at", "bigint")
      .execute();
    await db.schema
      .createTable("action_operators")
      .addColumn("address", "text", (column) => column.primaryKey())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("seen_at", "bigint", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("action_armed")
      .addColumn("rule", "text", (column) => column.primaryKey())
      .addColumn("fingerprint", "text", (column) => column.notNull())
      .addColumn("author", "text", (column) => column.notNull())
      .addColumn("at", "bigint", (column) => column.notNull())
      .execute();
  },
};

/** The tenant of a run, and its events on their way to the store. */
export const actionEventsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const name of ["tenant_id", "tenant_name"])
      await db.schema.alterTable("action_runs").addColumn(name, "text").execute();
    await db.schema
      .createTable("action_events")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("document", "text", (column) => column.notNull())
      .addColumn("batch", "text")
      .addColumn("owner", "text")
      .addColumn("lease_until", "bigint")
      .execute();
    await db.schema
      .createIndex("action_events_waiting")
      .on("action_events")
      .columns(["batch", "at"])
      .execute();
  },
};
