export { createApi } from "./api.ts";
export type { AgentStatus, ApiDeps, CollectorStatus, DatabaseStatus, QueryStore } from "./deps.ts";
export { type EventRow, eventFromRow } from "./event-row.ts";
export { TailBus } from "./live/index.ts";
