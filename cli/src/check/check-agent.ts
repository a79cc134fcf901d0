import { pipelinesOf } from "@vedette/agent";
import { didYouMean, locate, type Problem } from "@vedette/core/config";
import type { PipelineSet } from "@vedette/core/pipeline";
import { systemClock } from "@vedette/sdk";
import { type LoadedAgentConfig, loadAgentConfig } from "../agent-config-file.ts";
import { brokenPlugins } from "../yaml-file.ts";
import { Attempts } from "./attempt.ts";
import { tlsProblems, tlsSections } from "./tls.ts";

export interface AgentReport {
  readonly problems: readonly Problem[];
  /** The file that was checked; undefined when there is none. */
  readonly config: string | undefined;
  /** Data types that pipelines parse. */
  readonly dataTypes: number;
}

/** Checks everything that the start of an agent would read, and gives all problems at once. */
export function checkAgent(file: string | undefined): AgentReport {
  const attempts = new Attempts();
  const loaded = attempts.try(() => loadAgentConfig(file));
  const pipelines =
    loaded && attempts.try(() => pipelinesOf(loaded.config.agent, loaded.baseDir, "all", loaded.plugins));
  if (loaded) {
    const sections = tlsSections({ agent: loaded.config.agent });
    attempts.problems.push(...brokenPlugins(loaded.plugins));
    attempts.problems.push(...tlsProblems(sections, loaded, systemClock.now()));
  }
  const doubts =
    loaded && pipelines ? [...unparsedInputs(loaded, pipelines), ...pipelines.plan.warnings] : [];
  return {
    problems: [...attempts.problems, ...doubts],
    config: loaded?.file,
    dataTypes: pipelines?.dataTypes.length ?? 0,
  };
}

/** Inputs whose lines no pipeline parses: allowed, as they are stored as they are, but seldom meant. */
export function unparsedInputs({ config, source }: LoadedAgentConfig, pipelines: PipelineSet): Problem[] {
  if (!source) return [];
  return config.agent.inputs.flatMap(({ dataType }, index): Problem[] => {
    if (pipelines.dataTypes.includes(dataType)) return [];
    const suggestion = didYouMean(dataType, pipelines.dataTypes);
    return [
      {
        file: source.file,
        ...locate(source, ["agent", "inputs", index, "dataType"]),
        path: `agent.inputs[${index}].dataType`,
        message: `No pipeline parses "${dataType}"; its lines are stored as they are.`,
        severity: "warning",
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ];
  });
}
