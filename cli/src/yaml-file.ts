import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readSource, requireConfig, type SecretLookup, type Source, substitute } from "@vedette/core/config";
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

/** The file that is read; undefined where there is none. */
export const configPath = (file: string | undefined): string | undefined =>
  file ?? (existsSync(defaultFile) ? defaultFile : undefined);

/** Leaves what is for a collector as it is written: it alone has the secrets. */
const collectorsOwn: SecretLookup = (name, [section]) =>
  section === "collector"
    ? undefined
    : {
        problem: `The secret ${name} cannot be used here: only a collector has secrets, and only its section may name them.`,
        suggestion: "Take it from the environment, ${NAME}.",
      };

/**
 * Reads a configuration file, or `vedette.yaml` in the working directory where that exists, or takes the defaults.
 * Throws a `ConfigError` that names every mistake with its place.
 */
export function loadYaml<Config>(
  schema: z.ZodType<Config>,
  file: string | undefined,
  env = process.env,
  secrets: SecretLookup = collectorsOwn,
): Loaded<Config> {
  const path = configPath(file);
  if (path === undefined) return { config: schema.parse({}), baseDir: process.cwd() };
  const source = substitute(readSource(path), env, secrets);
  return { config: requireConfig(schema, source), baseDir: dirname(resolve(path)), file: path, source };
}
