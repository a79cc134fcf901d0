import type { Insertable, Selectable } from "kysely";
import type { ActionTables } from "./action-tables.ts";
import type { FleetTables } from "./fleet-tables.ts";

/** Times are milliseconds since 1970; flags are 0 or 1: both SQLite and PostgreSQL hold them alike. */
export interface ControlSchema extends ActionTables, FleetTables {
  api_keys: ApiKeysTable;
  settings: SettingsTable;
  plugin_settings: PluginSettingsTable;
  plugin_state: PluginStateTable;
  assets: AssetsTable;
  releases: ReleasesTable;
  secrets: SecretsTable;
  connections: ConnectionsTable;
  alert_controls: AlertControlsTable;
  cases: CasesTable;
  case_history: CaseHistoryTable;
  sources: SourcesTable;
  leases: LeasesTable;
  audit: AuditTable;
  notification_rules: NotificationRulesTable;
  notification_windows: NotificationWindowsTable;
  notification_seen: NotificationSeenTable;
  notifications: NotificationsTable;
  workflows: WorkflowsTable;
  jobs: JobsTable;
  job_steps: JobStepsTable;
  job_claims: JobClaimsTable;
  job_questions: JobQuestionsTable;
  question_tokens: QuestionTokensTable;
  global_artifacts: GlobalArtifactsTable;
}

export interface ApiKeysTable {
  id: string;
  name: string;
  /** First characters of the key: finds the row without hashing anything. */
  prefix: string;
  /** SHA-256 of the whole key, hexadecimal. */
  hash: string;
  /** Scopes separated by commas. */
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

interface SettingsTable {
  name: string;
  /** JSON. */
  value: string;
  updated_at: number;
}

interface PluginSettingsTable {
  plugin: string;
  key: string;
  /** JSON, sealed where it is a secret. */
  value: string;
  sealed: number;
  updated_at: number;
}

interface PluginStateTable {
  plugin: string;
  key: string;
  /** JSON. */
  value: string;
  updated_at: number;
}

interface AssetsTable {
  plugin: string;
  id: string;
  /** JSON. */
  document: string;
  active: number;
  first_seen: number;
  last_seen: number;
  /** The `last_seen` for which it was told that the asset is offline. */
  told_seen: number | null;
}

interface ReleasesTable {
  release_url: string;
  version: string;
  url: string | null;
  noted_at: number;
}

interface SecretsTable {
  name: string;
  /** Sealed under `secret/<name>`. */
  sealed: string;
  created_at: number;
  updated_at: number;
}

export interface ConnectionsTable {
  name: string;
  plugin: string;
  /** The kind of connection among those of the plugin. */
  kind: string;
  /** JSON, without what is secret. */
  settings: string;
  /** JSON: each secret by its path, as JSON sealed under `connection/<name>/<path>`. */
  sealed: string;
  /** Grows with every change of the settings. */
  version: number;
  created_at: number;
  updated_at: number;
  tested_at: number | null;
  /** The version that was tested. */
  tested_version: number | null;
  test_status: string | null;
  test_message: string | null;
}

/** Silences, maintenance windows and exceptions. */
interface AlertControlsTable {
  id: string;
  kind: string;
  /** JSON: what it matches, when, why. */
  document: string;
  /** After this it hides nothing any more; null where it has no end. */
  ends_at: number | null;
  /** Grows with every change of this row. */
  version: number;
  /** The revision of the alert pipeline's settings that brought its last change. */
  revision: number;
  created_at: number;
  updated_at: number;
}

/** What people made of an alert or an incident. What nobody touched has no row. */
export interface CasesTable {
  kind: string;
  id: string;
  status: string;
  verdict: string;
  assignee: string;
  version: number;
  revision: number;
  /** 1 once the store has this version. */
  copied: number;
  updated_at: number;
}

interface CaseHistoryTable {
  kind: string;
  case_id: string;
  version: number;
  at: number;
  author: string;
  /** JSON: each field that changed, with what it was and is. */
  changes: string;
  comment: string;
}

/** How often each source is heard. Times are the collector's. */
interface SourcesTable {
  tenant_id: string;
  data_type: string;
  data_source: string;
  first_at: number;
  last_at: number;
  /** The longest pauses of this span of seven days and of the one before, in milliseconds. */
  pause_now: number;
  pause_before: number;
  span: number;
  /** The alert that says it is silent; empty while it is heard. */
  alert_id: string;
}

/** Work that one collector at a time does. */
interface LeasesTable {
  name: string;
  holder: string;
  until: number;
  /** How far the work is, JSON. */
  place: string;
}

interface AuditTable {
  seq: number;
  at: number;
  author: string;
  action: string;
  subject: string;
  /** JSON. */
  detail: string;
  /** SHA-256 over the hash of the entry before and this one's columns, hexadecimal. */
  hash: string;
}

export type CaseRow = Selectable<CasesTable>;

interface NotificationRulesTable {
  name: string;
  /** JSON, as it was sent. */
  settings: string;
  /** Grows with every change. */
  version: number;
  updated_at: number;
}

interface NotificationWindowsTable {
  rule: string;
  /** JSON: what the rule has gathered and not told yet. */
  state: string;
  /** When its digest is due; 0 while nothing is open. */
  due_at: number;
}

/** What was counted, so that a repeat is not. */
interface NotificationSeenTable {
  id: string;
  seen_at: number;
}

interface NotificationsTable {
  id: string;
  /** Name of the connection it goes over. */
  channel: string;
  rule: string;
  /** JSON. */
  notice: string;
  /** `waiting`, `sending`, `sent` or `dead`. */
  state: string;
  attempts: number;
  created_at: number;
  /** When the next attempt is due; while it is being sent, when whoever sends it is taken for dead. */
  due_at: number;
  claimed_by: string | null;
  /** 1 where an attempt may have reached the other side without its answer reaching us. */
  uncertain: number;
  ended_at: number | null;
  /** What the other side said last. */
  outcome: string | null;
}

export type NotificationRow = Selectable<NotificationsTable>;
/** A run of a workflow. */
interface JobsTable {
  id: string;
  workflow: string;
  /** JSON: the workflow as it was when the job was made, and those it runs, by their ids. */
  docs: string;
  /** What started it, for people: `alert`, `schedule`, a key's name. */
  started_by: string;
  /** The same trigger twice is one job. */
  trigger_key: string | null;
  /** JSON. */
  input: string;
  dry: number;
  status: string;
  error: string | null;
  owner: string | null;
  /** Grows with every owner; what an earlier one still writes is refused. */
  epoch: number;
  lease_until: number | null;
  wake_at: number | null;
  cancelled_by: string | null;
  rerun_of: string | null;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  deadline_at: number;
  /** Seconds. */
  time_saved: number;
}

/** The journal of a job: one row a step, a round of a loop counted each. */
interface JobStepsTable {
  job_id: string;
  /** Where in the job it is, such as `Loop#3/Step`. */
  key: string;
  seq: number;
  kind: string;
  /** begun, done, failed, waiting, retry, uncertain. */
  state: string;
  attempt: number;
  started_at: number;
  ended_at: number | null;
  wake_at: number | null;
  /** JSON without secrets. */
  input: string | null;
  /** JSON without secrets. */
  output: string | null;
  /** The output with its secrets, sealed under `job/<id>/<key>`, where it has any. */
  sealed: string | null;
  error: string | null;
  note: string | null;
}

interface JobClaimsTable {
  key: string;
  job_id: string;
  step: string;
  expires_at: number;
}

interface JobQuestionsTable {
  job_id: string;
  step: string;
  question: string;
  /** JSON: a list of answers. */
  options: string;
  asked_at: number;
  expires_at: number;
  answer: string | null;
  answered_by: string | null;
  answered_at: number | null;
}

/** What lets its bearer answer a question from a channel. */
interface QuestionTokensTable {
  /** SHA-256 of the token, hexadecimal. */
  digest: string;
  job_id: string;
  step: string;
  channel: string;
  /** The one answer it gives; null where its bearer chooses. */
  answer: string | null;
  expires_at: number;
}

interface GlobalArtifactsTable {
  artifact: string;
  job_id: string;
  step: string;
  /** JSON. */
  row: string;
  added_at: number;
}

/** Workflows that people keep. */
interface WorkflowsTable {
  id: string;
  yaml: string;
  version: number;
  /** 0 for a draft. */
  active: number;
  changed_by: string;
  changed_at: number;
}

export type WorkflowRow = Selectable<WorkflowsTable>;
export type JobRow = Selectable<JobsTable>;
export type JobStepRow = Selectable<JobStepsTable>;
export type JobQuestionRow = Selectable<JobQuestionsTable>;
export type ConnectionRow = Selectable<ConnectionsTable>;
export type ApiKeyRow = Selectable<ApiKeysTable>;
export type NewApiKeyRow = Insertable<ApiKeysTable>;
