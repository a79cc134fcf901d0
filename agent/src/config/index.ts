export { type AgentConfig, agentConfig, type FileInputConfig } from "./schema.ts";
