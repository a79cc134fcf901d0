import type { AgentConfig } from "./config/index.ts";
import type { AgentDeps } from "./parts.ts";
import type { RunningAgent } from "./run.ts";

export { type AgentConfig, agentConfig } from "./config/index.ts";
export { LineCutter } from "./input/index.ts";
export type { AgentDeps } from "./parts.ts";
export { pipelinesOf } from "./pipelines.ts";
export { builtinPipelines, plugins } from "./plugins.ts";
export type { RunningAgent } from "./run.ts";
export { catSpool, checkSpool, type SpoolReport } from "./spool/index.ts";
export type { AgentStats } from "./status.ts";

/** Starts an agent; see `run.ts`. Loaded on first use: most commands need neither spool nor gRPC. */
export async function startAgent(config: AgentConfig, deps: AgentDeps): Promise<RunningAgent> {
  return (await import("./run.ts")).startAgent(config, deps);
}
