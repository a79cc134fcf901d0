import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { builtin, type PluginSet } from "@vedette/agent";
import {
  ConfigError,
  type Problem,
  readSource,
  requireConfig,
  type SecretLookup,
  type Source,
  substitute,
} from "@vedette/core/config";
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
  /** The agent's plugins, with those of `agent.pluginFolders`. */
  readonly plugins: PluginSet;
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
  schemaOf: (plugins: PluginSet, inputTypes: ReadonlySet<string>) => z.ZodType<Config>,
  file: string | undefined,
  env = process.env,
  secrets: SecretLookup = collectorsOwn,
): Loaded<Config> {
  const path = configPath(file);
  if (path === undefined)
    return { config: schemaOf(builtin, new Set()).parse({}), baseDir: process.cwd(), plugins: builtin };
  const source = substitute(readSource(path), env, secrets);
  const baseDir = dirname(resolve(path));
  const plugins = builtin.with(foldersIn(source).map((folder) => resolve(baseDir, folder)));
  try {
    return {
      config: requireConfig(schemaOf(plugins, inputTypesIn(source)), source),
      baseDir,
      file: path,
      source,
      plugins,
    };
  } catch (error) {
    // An input of a plugin that could not be loaded looks as if there were none such.
    if (error instanceof ConfigError && plugins.broken.length > 0)
      throw new ConfigError([...error.problems, ...brokenPlugins(plugins)]);
    throw error;
  }
}

/** What keeps plugins of folders from being loaded. */
export const brokenPlugins = ({ broken }: PluginSet): Problem[] =>
  broken.map(({ place, reason }) => ({
    file: place,
    line: 1,
    column: 1,
    path: "",
    message: `The plugin cannot be loaded: ${reason}`,
  }));

/** The types of the inputs that a file names, right or wrong. */
function inputTypesIn({ value }: Source): ReadonlySet<string> {
  const inputs = (value as { readonly agent?: { readonly inputs?: unknown } } | null)?.agent?.inputs;
  return new Set(Array.isArray(inputs) ? inputs.map((input) => String(input?.type)) : []);
}

/** What makes the schema of the rest, so that it is read before it is checked; what is wrong with it the check says. */
function foldersIn({ value }: Source): string[] {
  const folders = (value as { readonly agent?: { readonly pluginFolders?: unknown } } | null)?.agent
    ?.pluginFolders;
  return Array.isArray(folders) ? folders.filter((each): each is string => typeof each === "string") : [];
}
