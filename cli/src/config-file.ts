// Through their own doors: an agent need not hold a collector's code in memory, nor the other way round.
import { agentConfig } from "@vedette/agent/config";
import { collectorConfig } from "@vedette/collector/config";
import type { SecretLookup } from "@vedette/core/config";
import { z } from "zod";
import { type Loaded, loadYaml } from "./yaml-file.ts";

/** The whole of vedette.yaml. */
export const configFile = z.strictObject({
  agent: agentConfig.prefault({}).describe("What runs on every host."),
  collector: collectorConfig.prefault({}).describe("What runs centrally."),
});
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
): LoadedConfig => loadYaml(configFile, file, env, secrets);
