export { Alerting } from "./alerting.ts";
export { tacticName, techniqueName } from "./attack/index.ts";
export {
  type CaseChange,
  type CaseKind,
  type CaseState,
  caseChangeSchema,
  caseLimits,
  caseStatuses,
  type HistoryEntry,
} from "./case.ts";
export { type Control, type ControlKind, controlKinds, controlSchemas, stateOf } from "./controls.ts";
export type { AlertKeeper } from "./keeper.ts";

export { preview } from "./preview.ts";
export type { Rememberer } from "./releases.ts";
export { advices, scorecard } from "./scorecard/index.ts";
export { hiddenReasons } from "./screen.ts";
export { listSources } from "./sources/index.ts";
