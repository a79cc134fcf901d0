import { resolve } from "node:path";
import type { ControlPlace } from "@vedette/collector";
import { collectorConfig } from "@vedette/collector/config";
import { loadConfig } from "./config-file.ts";
import { defaultDataDir } from "./data-dir.ts";

/** Where a collector keeps its state and its control database, as `up --data-dir` or the configuration says. */
export function collectorPlace(options: {
  readonly config?: string;
  readonly dataDir?: string;
}): ControlPlace {
  // A data folder belongs to `up` without a configuration file, which keeps everything in it.
  const loaded = options.dataDir === undefined ? loadConfig(options.config) : undefined;
  if (loaded?.file === undefined) {
    const stateDir = resolve(options.dataDir ?? defaultDataDir, "collector");
    return { control: collectorConfig.parse({}).control, stateDir, baseDir: process.cwd() };
  }
  const { control, stateDir } = loaded.config.collector;
  return { control, stateDir: resolve(loaded.baseDir, stateDir), baseDir: loaded.baseDir };
}
