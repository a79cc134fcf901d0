import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
// Through their own doors: an agent need not hold a collector's code in memory, nor the other way round.
import { agentConfig } from "@vedette/agent/config";
import { collectorConfig } from "@vedette/collector/config";
import { readSource, requireConfig, type Source, substitute } from "@vedette/core/config";
import { z } from "zod";

/** The whole of vedette.yaml. */
export const configFile = z.strictObject({
  agent: agentConfig.prefault({}).describe("What runs on every host."),
  collector: collectorConfig.prefault({}).describe("What runs centrally."),
});
export type ConfigFile = z.infer<typeof configFile>;

export const defaultFile = "vedette.yaml";

export interface LoadedConfig {
  readonly config: ConfigFile;
  /** Relative paths in the configuration start here. */
  readonly baseDir: string;
  /** The file it came from; undefined when nothing but defaults is in use. */
  readonly file?: string;
  /** The same, for messages that name places in it. */
  readonly source?: Source;
}

/**
 * Reads a configuration file, or `vedette.yaml` in the working directory where that exists, or takes the defaults.
 * Throws a `ConfigError` that names every mistake with its place.
 */
export function loadConfig(file: string | undefined, env = process.env): LoadedConfig {
  const path = file ?? (existsSync(defaultFile) ? defaultFile : undefined);
  if (path === undefined) return { config: configFile.parse({}), baseDir: process.cwd() };
  const source = substitute(readSource(path), env);
  return { config: requireConfig(configFile, source), baseDir: dirname(resolve(path)), file: path, source };
}
