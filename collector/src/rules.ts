import { resolve } from "node:path";
import { ConfigError, type Problem } from "@vedette/core/config";
import type { AnyPlugin } from "@vedette/sdk";
import type { CollectorConfig } from "./config/index.ts";
import { loadRules, type Rule, type RuleOptions } from "./detect/index.ts";
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
  const { rules, problems, warnings } = loadRules(paths, options);
  for (const warning of warnings) warn(warning);
  if (problems.length > 0) throw new ConfigError(problems);
  return rules;
}

/** The rules a configuration asks for. Throws a `ConfigError` that names every mistake in them. */
export function rulesOf(
  config: CollectorConfig,
  baseDir: string,
  warn: Warn,
  further: readonly AnyPlugin[] = [],
  options: RuleOptions = {},
): readonly Rule[] {
  const own = config.rules.map((path) => resolve(baseDir, path));
  const builtin = config.builtinRules ? builtinRules([...plugins, ...further]) : [];
  return requireRules([...builtin, ...own], warn, options);
}
