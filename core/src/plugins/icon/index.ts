export { checkSpec, type SpecCheck } from "./check/check.ts";
export { findComponent, fullName } from "./component-of.ts";
export { connectionKind, connectionOwner, connectionSettings, connectionTypeOf } from "./connection-type.ts";
export { Dispatcher } from "./durable/dispatcher.ts";
export { SeenEvents } from "./durable/seen.ts";
export { FileStateStore, type StateStore } from "./durable/state-store.ts";
export { type RowSink, type TaskDeps, type TaskRun, TaskRunner, type TaskSettings } from "./durable/task.ts";
export {
  type TriggerDeps,
  type TriggerEvent,
  TriggerRunner,
  type TriggerSettings,
} from "./durable/trigger.ts";
export type { IconProblem } from "./findings.ts";
export { HttpTransport, httpDefaults } from "./http/client.ts";
export { iconRules, type Rule, type RuleId } from "./rules.ts";
export { commandOf, type HostedCommand, hostFile, hostFileName } from "./run/command.ts";
export type { JsonMap, StepStart } from "./run/envelope.ts";
export { startMessage } from "./run/envelope.ts";
export { IconError } from "./run/failure.ts";
export { HostedPlugin, type StepResult } from "./run/hosted.ts";
export { ProcessTransport } from "./run/process.ts";
export type { IconTransport, PluginUsage } from "./run/transport.ts";
export type { JsonSchema } from "./schema/builtin.ts";
export { compileComponent, compileConnection, type SchemaPart } from "./schema/compile.ts";
export { openIconServer } from "./serve/open.ts";
export { ownPlugin } from "./serve/own.ts";
export { stdioVerb } from "./serve/stdio.ts";
export { infoOf, sampleStart } from "./spec/describe.ts";
export { type LoadedSpec, parseSpec, readSpec } from "./spec/load.ts";
export type { IconComponent, IconField, IconSpec } from "./spec/model.ts";
