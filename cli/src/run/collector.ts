import { startCollector } from "@vedette/collector";
import { createLogger } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { loadConfig } from "../config-file.ts";
import { untilStopped } from "../signals.ts";
import { version } from "../version.ts";
import { stopped } from "./stopped.ts";

/** Runs a collector until a signal comes. */
export async function runCollector(file: string | undefined): Promise<void> {
  const { config, baseDir } = loadConfig(file);
  const signal = untilStopped();
  const log = createLogger({ name: "collector", level: config.collector.log });
  const collector = await startCollector(config.collector, {
    log,
    clock: systemClock,
    signal,
    baseDir,
    version,
  });
  process.stderr.write(`Page and API on ${collector.url}, agents on ${collector.ingestAddress}.\n`);
  await stopped(signal);
  await collector.stop();
}
