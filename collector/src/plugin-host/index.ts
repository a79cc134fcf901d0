export type { PluginEntry } from "./entry.ts";
export { pluginMetrics } from "./metrics.ts";
export { discoverPlugins, type OpenedPlugins, openPlugins } from "./open.ts";
export { type Effective, type SettingProblem, SettingsRefused } from "./settings.ts";
export { threadStats } from "./thread/index.ts";
export { matchesType } from "./wildcard.ts";
