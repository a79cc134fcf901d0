// Through their own doors: an agent need not hold a collector's code in memory, nor the other way round.
import { builtin, type PluginSet } from "@vedette/agent";
import { agentConfigOf } from "@vedette/agent/config";
import { collectorConfig } from "@vedette/collector/config";
import type { SecretLookup } from "@vedette/core/config";
import { z } from "zod";
import { type Loaded, loadYaml } from "./yaml-file.ts";

const configFileOf = (plugins: PluginSet) =>
  z.strictObject({
    agent: agentConfigOf(plugins).prefault({}).describe("What runs on every host."),
    collector: collectorConfig.prefault({}).describe("What runs centrally."),
  });

/** The whole of vedette.yaml, with the plugins that come with it. */
export const configFile = configFileOf(builtin);
export type ConfigFile = z.infer<typeof configFile>;
export type LoadedConfig = Loaded<ConfigFile>;

/**
 * The configuration of everything, with `${secret:name}` as it is written: for what needs no secret. Throws a `ConfigError`
 * that names every mistake with its place.
 */
export const loadConfig = (
  file: string | undefined,
  env = process.env,
  secrets?: SecretLookup,
): LoadedConfig => loadYaml(configFileOf, file, env, secrets);
