export { Actions, type AskPreview } from "./actions.ts";
export type { Drift } from "./drift.ts";
export type { KillSwitch } from "./kill-switch.ts";
export type { Change } from "./ledger.ts";
export { type ListName, listNames } from "./lists.ts";
export { managedRunner } from "./managed-runner.ts";
export type { RulePreview } from "./preview.ts";
export type { ActingPlugin, Action } from "./registry.ts";
export { type Ask, type By, type Run, type RunState, runStates } from "./types.ts";
