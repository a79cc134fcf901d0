import { resolve } from "node:path";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import type { AgentConfig } from "./config/index.ts";
import { builtinPipelines } from "./plugins.ts";

/**
 * The pipelines a configuration asks for: a user's own take the place of the built-in ones for the data types they
 * name. Throws a `ConfigError` that names every mistake in them.
 */
export function pipelinesOf(
  { pipelines, builtinPipelines: builtin }: AgentConfig,
  baseDir: string,
): PipelineSet {
  const own = pipelines.map((path) => resolve(baseDir, path));
  if (!builtin) return loadPipelines(own);
  const named = own.length > 0 ? loadPipelines(own).dataTypes : [];
  return loadPipelines([...builtinPipelines(named), ...own]);
}
