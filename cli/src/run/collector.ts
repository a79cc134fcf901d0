import { startCollector } from "@vedette/collector";
import { createLogger, Redactor } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { loadWithSecrets } from "../config-secrets.ts";
import { untilStopped } from "../signals.ts";
import { version } from "../version.ts";
import { stopped } from "./stopped.ts";

/** Runs a collector until a signal comes. */
export async function runCollector(file: string | undefined): Promise<void> {
  const redactor = new Redactor();
  const { config, baseDir } = await loadWithSecrets(file, (secret) => redactor.know(secret));
  const signal = untilStopped();
  const log = createLogger({ name: "collector", level: config.collector.log, redact: redactor.text });
  const collector = await startCollector(config.collector, {
    log,
    clock: systemClock,
    signal,
    baseDir,
    version,
    redactor,
  });
  process.stderr.write(`Page and API on ${collector.url}, agents on ${collector.ingestAddress}.\n`);
  await stopped(signal);
  await collector.stop();
}
