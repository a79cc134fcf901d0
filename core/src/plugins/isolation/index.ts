/** Keeps plugins that are programs of their own apart (docs/guide/isolation.md). */
export { type IsolationConfig, isolationConfig } from "./config.ts";
export type { Confinement } from "./confinement.ts";
export { Isolation, ownFolders } from "./isolation.ts";
export { type Launch, launched } from "./launch.ts";
