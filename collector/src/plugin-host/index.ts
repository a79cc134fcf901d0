export { Assets, type KnownAsset } from "./assets.ts";
export type { ComponentStats, Role } from "./component.ts";
export { discover, inUse } from "./discover.ts";
export { type PluginCondition, PluginEntry } from "./entry.ts";
export { type BrokenPlugin, PluginHost, type PluginHostDeps } from "./host.ts";
export { type Effective, type Sealer, type SettingProblem, SettingsRefused } from "./settings.ts";
export { deadlines } from "./types.ts";
