export type { ConnectionLease } from "./clients.ts";
export { Connections, type ConnectionUse, SettingsRefused } from "./connections.ts";
export { type IconPlugin, iconConnections } from "./icon.ts";
export type { DescribedKind } from "./kinds.ts";
export { shownOf, wholeOf } from "./parts.ts";
export { type Connection, connectionName, connectionStore, type TestOutcome } from "./store.ts";
