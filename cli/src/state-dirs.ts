import { join, resolve } from "node:path";
import { loadConfig } from "./config-file.ts";
import { defaultDataDir } from "./data-dir.ts";

/** The collector's state directory, as `up --data-dir` or the configuration places it. */
export async function collectorStateDir(options: {
  readonly config?: string;
  readonly dataDir?: string;
}): Promise<string> {
  if (options.dataDir !== undefined) return join(options.dataDir, "collector");
  const { config, baseDir, file } = loadConfig(options.config);
  return file === undefined ? join(defaultDataDir, "collector") : resolve(baseDir, config.collector.stateDir);
}
