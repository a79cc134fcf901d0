export type { ActionApprovalRow, ActionEventRow, ActionListRow, ActionRunRow } from "./action-tables.ts";
export { type ApiKey, type ApiKeys, apiKeys, type NewKey, type Scope, scopes } from "./api-keys.ts";
export {
  type AuditEntry,
  type AuditRecord,
  appendAudit,
  readAudit,
  verifyAudit,
  writeAudit,
} from "./audit.ts";
export { type ControlDatabase, hasControlDatabase, openControlDatabase } from "./database.ts";
export { examinePostgres } from "./examine.ts";
export type { EnrolledRow, EnrolTokenRow } from "./fleet-tables.ts";
export { type ControlKeep, pruneControl } from "./prune.ts";
export { currentRevision, nextRevision, takeAuditTurn } from "./revision.ts";
export {
  authoritySealedAs,
  connectionSealedAs,
  jobSealedAs,
  type Rotation,
  rotateSecrets,
} from "./rotate.ts";
export type {
  CaseRow,
  ConnectionRow,
  JobQuestionRow,
  JobRow,
  JobStepRow,
  NotificationRow,
  WorkflowRow,
} from "./schema.ts";
export { takeSealingTurn } from "./sealing-turn.ts";
export {
  isSealed,
  maxSecretBytes,
  openSecretBox,
  type RotatingBox,
  type SecretBox,
  watchedBox,
} from "./secret-box.ts";
export { type SecretEntry, type SecretStore, secretName, secretStore } from "./secrets.ts";
export { type ControlTarget, controlTarget } from "./target.ts";
