import { resolve } from "node:path";
import { ConfigError, type Problem } from "@vedette/core/config";
import type { AnyPlugin } from "@vedette/sdk";
import type { CollectorConfig } from "./config/index.ts";
import { type LoadedRules, loadRules, type Rule, type RuleOptions, readRules } from "./detect/index.ts";
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
  return sound(loadRules(paths, options), warn);
}

function sound({ rules, problems, warnings }: LoadedRules, warn: Warn): readonly Rule[] {
  for (const warning of warnings) warn(warning);
  if (problems.length > 0) throw new ConfigError(problems);
  return rules;
}

/** The rules a configuration asks for, read while others go on. Rejects with a `ConfigError` that names every mistake in them. */
export async function rulesOf(
  config: CollectorConfig,
  baseDir: string,
  warn: Warn,
  further: readonly AnyPlugin[] = [],
  options: RuleOptions = {},
): Promise<readonly Rule[]> {
  const own = config.rules.map((path) => resolve(baseDir, path));
  const builtin = config.builtinRules ? builtinRules([...plugins, ...further]) : [];
  return sound(await readRules([...builtin, ...own], options), warn);
}
