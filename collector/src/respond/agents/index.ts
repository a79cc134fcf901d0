export { AgentHub } from "./hub.ts";
export { agentBans } from "./plugin.ts";
