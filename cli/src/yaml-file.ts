import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readSource, requireConfig, type Source, substitute } from "@vedette/core/config";
import type { z } from "zod";

export const defaultFile = "vedette.yaml";

/** A configuration file, checked. */
export interface Loaded<Config> {
  readonly config: Config;
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
export function loadYaml<Config>(
  schema: z.ZodType<Config>,
  file: string | undefined,
  env = process.env,
): Loaded<Config> {
  const path = file ?? (existsSync(defaultFile) ? defaultFile : undefined);
  if (path === undefined) return { config: schema.parse({}), baseDir: process.cwd() };
  const source = substitute(readSource(path), env);
  return { config: requireConfig(schema, source), baseDir: dirname(resolve(path)), file: path, source };
}
