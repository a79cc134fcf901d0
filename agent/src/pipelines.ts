import { resolve } from "node:path";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import { type AgentConfig, pluginSettings } from "./config/index.ts";
import type { PluginSet } from "./plugin-set.ts";
import { builtin as builtinPlugins } from "./plugins.ts";

/** Data types that the logs of the configured inputs may have. */
export function dataTypesOf(inputs: AgentConfig["inputs"], plugins: PluginSet): ReadonlySet<string> {
  return new Set(
    inputs.flatMap((input) => {
      return [input.dataType, ...(plugins.input(input.type)?.input.dataTypes?.(pluginSettings(input)) ?? [])];
    }),
  );
}

/**
 * The pipelines a configuration asks for: a user's own take the place of the built-in ones for the data types they
 * name. Of the built-in ones only those are loaded whose data types the inputs use, as each costs memory; `all` loads
 * every one, for those who ask what there is. Throws a `ConfigError` that names every mistake in them.
 */
export function pipelinesOf(
  { inputs, pipelines, builtinPipelines: builtin, socketPlugins }: AgentConfig,
  baseDir: string,
  which: "used" | "all" = "used",
  plugins: PluginSet = builtinPlugins,
): PipelineSet {
  const own = pipelines.map((path) => resolve(baseDir, path));
  const options = { callsPlugins: socketPlugins !== undefined, parsers: plugins.parsers };
  if (!builtin) return loadPipelines(own, options);
  const named = own.length > 0 ? loadPipelines(own, options).dataTypes : [];
  // What data types input plugins bring, nobody knows beforehand.
  const used = which === "used" && !socketPlugins ? dataTypesOf(inputs, plugins) : undefined;
  return loadPipelines([...plugins.pipelines(named, used), ...own], options);
}
