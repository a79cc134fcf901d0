import { resolve } from "node:path";
import { ConfigError, type Problem } from "@vedette/core/config";
import type { AnyPlugin } from "@vedette/sdk";
import type { CollectorConfig } from "./config/index.ts";
import {
  type LoadedRules,
  loadRules,
  type ReadRules,
  type Rule,
  type RuleOptions,
  RuleReader,
} from "./detect/index.ts";
import type { PackContent } from "./open-packs.ts";
import { plugins } from "./plugins.ts";

/** The rule files that come with the plugins. */
export const builtinRules = (from: readonly AnyPlugin[] = plugins): URL[] =>
  from.flatMap((plugin) => [...(plugin.analyze?.rules ?? []), ...(plugin.analyze?.insights ?? [])]);

/** Told of every doubt about a rule that runs all the same. */
type Warn = (problem: Problem) => void;

/** Reads rules from files and folders. Throws a `ConfigError` that names every mistake in them. */
export function requireRules(
  paths: readonly (string | URL)[],
  warn: Warn,
  options: RuleOptions = {},
): readonly Rule[] {
  return sound(loadRules(paths, options), warn).rules;
}

function sound<T extends LoadedRules>(loaded: T, warn: Warn): T {
  for (const warning of loaded.warnings) warn(warning);
  if (loaded.problems.length > 0) throw new ConfigError(loaded.problems);
  return loaded;
}

/**
 * Gives what reads the rules a configuration asks for, again and again, while others go on; what did not change is remembered.
 * It rejects with a `ConfigError` that names every mistake in them.
 */
export function ruleReading(
  config: CollectorConfig,
  baseDir: string,
  warn: Warn,
  packs: () => Promise<PackContent>,
  further: readonly AnyPlugin[] = [],
  options: RuleOptions = {},
): () => Promise<ReadRules> {
  const reader = new RuleReader(options);
  const own = config.rules.map((path) => resolve(baseDir, path));
  const builtin = config.builtinRules ? builtinRules([...plugins, ...further]) : [];
  return async () => {
    const content = await packs();
    const read = await reader.read([...builtin, ...content.rules, ...own]);
    return sound({ ...read, warnings: [...content.warnings, ...read.warnings] }, warn);
  };
}
