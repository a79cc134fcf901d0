import { resolve } from "node:path";
import { ConfigError } from "@vedette/core/config";
import type { CollectorConfig } from "./config/index.ts";
import { loadRules, type Rule } from "./detect/index.ts";
import { plugins } from "./plugins.ts";

/** The rule files that come with the plugins. */
export const builtinRules = (): URL[] => plugins.flatMap((plugin) => [...(plugin.analyze?.rules ?? [])]);

/** Reads rules from files and folders. Throws a `ConfigError` that names every mistake in them. */
export function requireRules(paths: readonly (string | URL)[]): readonly Rule[] {
  const { rules, problems } = loadRules(paths);
  if (problems.length > 0) throw new ConfigError(problems);
  return rules;
}

/** The rules a configuration asks for. Throws a `ConfigError` that names every mistake in them. */
export function rulesOf(config: CollectorConfig, baseDir: string): readonly Rule[] {
  const own = config.rules.map((path) => resolve(baseDir, path));
  return requireRules([...(config.builtinRules ? builtinRules() : []), ...own]);
}
