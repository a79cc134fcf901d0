import { resolve } from "node:path";
import { builtinPipelines } from "@vedette/agent";
import { builtinRules, loadRules } from "@vedette/collector";
import { ConfigError, type Problem } from "@vedette/core/config";
import { loadPipelines } from "@vedette/core/pipeline";
import { isVedetteError } from "@vedette/sdk";
import { type LoadedConfig, loadConfig } from "../config-file.ts";

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
export function checkAll(what: What): CheckReport {
  const problems: Problem[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (error instanceof ConfigError) problems.push(...error.problems);
      else if (isVedetteError(error))
        problems.push({ file: "", line: 1, column: 1, path: "", message: error.message });
      else throw error;
      return undefined;
    }
  };
  const explicit = what.pipeline.length + what.rules.length > 0 && what.config === undefined;
  const loaded = explicit ? undefined : attempt(() => loadConfig(what.config));
  const pipelines = attempt(() =>
    loadPipelines(what.pipeline.length > 0 ? what.pipeline : configured(loaded, "pipelines")),
  );
  const rules = attempt(() => loadRules(what.rules.length > 0 ? what.rules : configured(loaded, "rules")));
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

function configured(loaded: LoadedConfig | undefined, kind: "pipelines" | "rules"): (string | URL)[] {
  const builtin = kind === "pipelines" ? builtinPipelines() : builtinRules();
  if (!loaded) return [...builtin];
  const own = kind === "pipelines" ? loaded.config.agent.pipelines : loaded.config.collector.rules;
  return [...builtin, ...own.map((path) => resolve(loaded.baseDir, path))];
}
