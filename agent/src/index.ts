export { type AgentConfig, agentConfig } from "./config/index.ts";
export type { AgentDeps } from "./parts.ts";
export { pipelinesOf } from "./pipelines.ts";
export { builtinPipelines, plugins } from "./plugins.ts";
export { type RunningAgent, startAgent } from "./run.ts";
export { catSpool, checkSpool, type SpoolReport } from "./spool/index.ts";
export type { AgentStats } from "./status.ts";
