import { type RunningCollector, startCollector } from "@vedette/collector";
import { createLogger, Redactor } from "@vedette/core/telemetry";
import { type Logger, systemClock } from "@vedette/sdk";
import { loadWithSecrets } from "../config-secrets.ts";
import { untilStopped } from "../signals.ts";
import { version } from "../version.ts";
import { stopped } from "./stopped.ts";

/** Runs a collector until a signal comes; SIGHUP makes it read its rules again. */
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
  reloadRulesOnHangup(collector, log);
  await stopped(signal);
  await collector.stop();
}

/** A SIGHUP reads rules again; what is wrong with them is told, and the old ones go on. */
export function reloadRulesOnHangup(collector: RunningCollector, log: Logger): void {
  process.on("SIGHUP", () => {
    collector.reloadRules().catch((error: unknown) => {
      log.error({ error }, "The rules were not taken over; everything goes on as before.");
    });
  });
}
