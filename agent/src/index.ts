import type { AgentConfig } from "./config/index.ts";
import type { AgentDeps } from "./parts.ts";
import type { ReplayDeps, ReplayOptions, ReplayReport } from "./replay.ts";
import type { RunningAgent } from "./run.ts";

export { type AgentConfig, agentConfig, agentConfigOf, carrierOf, collectorTarget } from "./config/index.ts";
export { controlSocket } from "./control/index.ts";
export { enrolHost, enrolmentFile, readEnrolment } from "./enrol/index.ts";
export { LineCutter } from "./input/index.ts";
export type { AgentDeps } from "./parts.ts";
export { pipelinesOf } from "./pipelines.ts";
export type { PluginSet } from "./plugin-set.ts";
export { builtin, plugins } from "./plugins.ts";
export type { ReloadReport } from "./reload.ts";
export type { ReplayOptions, ReplayReport } from "./replay.ts";
export type { RunningAgent } from "./run.ts";
export { catSpool, checkSpool, type SpoolReport } from "./spool/index.ts";
export type { AgentStats, AgentStatus } from "./status.ts";

/** Starts an agent; see `run.ts`. Loaded on first use: most commands need neither spool nor gRPC. */
export async function startAgent(config: AgentConfig, deps: AgentDeps): Promise<RunningAgent> {
  return (await import("./run.ts")).startAgent(config, deps);
}

/** Ships the batches of a spool that no agent runs on any more; see `replay.ts`. */
export async function replaySpool(options: ReplayOptions, deps: ReplayDeps): Promise<ReplayReport> {
  return (await import("./replay.ts")).replaySpool(options, deps);
}
