export {
  type Action,
  Actions,
  type Ask,
  type By,
  type Change,
  type Drift,
  EventShipper,
  type KillSwitch,
  type ListName,
  listNames,
  type Run,
  type RunState,
  runMessage,
  runStates,
} from "./actions/guarded/index.ts";
export { criticalRefused, httpRunner, iconRunner, joinRunners, knownActions } from "./actions/index.ts";
export { AgentHub, agentBans } from "./agents/index.ts";
export {
  Blocklist,
  type BouncerDecision,
  blocklistNames,
  decisionOf,
  filterOf,
  tagOf,
} from "./blocklist/index.ts";
export { parseExpression, printAst, SyntaxFault } from "./expression/index.ts";
export { type JobStatus, JobStore, JobWorker, statuses } from "./jobs/index.ts";
export {
  importedDocs,
  type LoadedWorkflow,
  loadWorkflows,
  printWorkflow,
  type StoredWorkflow,
} from "./library/index.ts";
export {
  catchUp,
  changedIncidents,
  type Delivery,
  incidentSubject,
  Notifier,
  tellOfQuestions,
} from "./notify/index.ts";
export { Respond } from "./respond.ts";
export { stepDocs, triggerDocs, workflowDoc } from "./workflow/index.ts";
