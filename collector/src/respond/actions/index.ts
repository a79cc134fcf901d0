export {
  type ActingPlugin,
  Actions,
  guardedIconActions,
  managedRunner,
} from "./guarded/index.ts";
export { criticalRefused, type Guards, killable } from "./guards.ts";
export { httpRunner } from "./http.ts";
export { type HostedActions, iconRunner, type LeaseConnections } from "./icon.ts";
export { knownActions } from "./known.ts";
export {
  type ActionCall,
  ActionFailure,
  type ActionInfo,
  type ActionInput,
  type ActionRunner,
  joinRunners,
} from "./runner.ts";
