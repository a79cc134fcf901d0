/** Plugins as processes of their own, spoken with over sockets: the protocol of the EventProcessor (docs/guide/socket-plugins.md). */
export type { PluginLog, TakeLog } from "./engine.ts";
export { SocketHost } from "./host.ts";
export { programMetrics } from "./metrics.ts";
export type { PluginStatus } from "./status.ts";
