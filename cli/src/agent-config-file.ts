import type { PluginSet } from "@vedette/agent";
import { agentConfigOf } from "@vedette/agent/config";
import { z } from "zod";
import { type Loaded, loadYaml } from "./yaml-file.ts";

/** vedette.yaml as an agent reads it: what a collector is told there is not the agent's business. */
const agentFileOf = (plugins: PluginSet, named: ReadonlySet<string>) =>
  z.strictObject({ agent: agentConfigOf(plugins, named).prefault({}), collector: z.unknown().optional() });
export type LoadedAgentConfig = Loaded<z.infer<ReturnType<typeof agentFileOf>>>;

/** The agent's configuration. Throws a `ConfigError` that names every mistake with its place. */
export const loadAgentConfig = (file: string | undefined): LoadedAgentConfig => loadYaml(agentFileOf, file);
