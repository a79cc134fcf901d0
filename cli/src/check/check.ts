import { resolve } from "node:path";
import { builtin, pipelinesOf } from "@vedette/agent";
import { builtinRules, loadRules } from "@vedette/collector";
import type { Problem } from "@vedette/core/config";
import { type ListTests, loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import { systemClock } from "@vedette/sdk";
import type { LoadedConfig } from "../config-file.ts";
import { loadWithSecrets } from "../config-secrets.ts";
import { brokenPlugins } from "../yaml-file.ts";
import { Attempts } from "./attempt.ts";
import { unparsedInputs } from "./check-agent.ts";
import { tlsProblems, tlsSections } from "./tls.ts";

export interface CheckReport {
  readonly problems: readonly Problem[];
  readonly checked: {
    readonly config: string | undefined;
    readonly pipelines: number;
    readonly rules: number;
  };
}

interface What {
  readonly config?: string;
  readonly pipeline: readonly string[];
  readonly rules: readonly string[];
}

/** Checks everything that a start would read, and gives all problems at once. Reads files, does nothing else. */
export async function checkAll(what: What): Promise<CheckReport> {
  const attempts = new Attempts();
  const { problems } = attempts;
  const explicit = what.pipeline.length + what.rules.length > 0 && what.config === undefined;
  const loaded = explicit ? undefined : await attempts.wait(() => loadWithSecrets(what.config));
  const pipelines = attempts.try(() => pipelinesFor(what.pipeline, loaded));
  // Named patterns of pipeline files given here work in rules given here, as in `vedette process`.
  const own = {
    ...(what.pipeline.length > 0 && pipelines ? { patterns: pipelines.plan.patterns } : {}),
    ...(loaded ? { lists: configuredLists(loaded) } : {}),
  };
  const rules = attempts.try(() =>
    loadRules(what.rules.length > 0 ? what.rules : configuredRules(loaded), own),
  );
  if (loaded) problems.push(...brokenPlugins(loaded.plugins));
  if (loaded && pipelines) problems.push(...unparsedInputs(loaded, pipelines));
  if (loaded) problems.push(...tlsProblems(tlsSections(loaded.config), loaded, systemClock.now()));
  if (pipelines?.dataTypes.length === 0) problems.push(...holdNothing(what.pipeline, "pipeline"));
  if (rules && rules.rules.length + rules.problems.length + rules.disabled === 0)
    problems.push(...holdNothing(what.rules, "rule"));
  problems.push(...(rules?.problems ?? []), ...(pipelines?.plan.warnings ?? []), ...(rules?.warnings ?? []));
  return {
    problems,
    checked: {
      config: loaded?.file,
      pipelines: pipelines?.dataTypes.length ?? 0,
      rules: rules?.rules.length ?? 0,
    },
  };
}

/** Paths that were given and hold nothing: seldom meant. */
const holdNothing = (paths: readonly string[], kind: string): Problem[] =>
  paths.map((file) => {
    const message = `There is no ${kind} here; files end in .yaml or .yml.`;
    return { file, line: 1, column: 1, path: "", message, severity: "warning" };
  });

function pipelinesFor(given: readonly string[], loaded: LoadedConfig | undefined): PipelineSet {
  const { parsers } = loaded?.plugins ?? builtin;
  if (given.length > 0) return loadPipelines(given, { parsers });
  return loaded
    ? pipelinesOf(loaded.config.agent, loaded.baseDir, "all", loaded.plugins)
    : loadPipelines(builtin.pipelines(), { parsers });
}

/** The lists of a configuration by name; what they hold is not read. */
function configuredLists({ config }: LoadedConfig): ListTests {
  const names = config.collector.intel.lists.map(({ name }) => name);
  return { names, test: (name) => (names.includes(name) ? () => false : undefined) };
}

function configuredRules(loaded: LoadedConfig | undefined): (string | URL)[] {
  if (!loaded) return builtinRules();
  const { rules, builtinRules: builtin } = loaded.config.collector;
  return [...(builtin ? builtinRules() : []), ...rules.map((path) => resolve(loaded.baseDir, path))];
}
