import { collectorTarget, replaySpool } from "@vedette/agent";
import { createLogger } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { UsageError } from "../exit.ts";
import { untilStopped } from "../signals.ts";
import { version } from "../version.ts";

export interface ReplayFlags {
  readonly to: string;
  readonly all?: true;
  readonly patience: number;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly dangerouslyAllowPlaintext?: true;
  readonly json?: true;
}

/** Ships a spool to a collector, with progress for a person. Exit code 1 when something was kept as a dead letter. */
export async function runReplay(dir: string, flags: ReplayFlags): Promise<void> {
  const { ca, cert, key } = flags;
  const files = {
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  };
  const parsed = collectorTarget.safeParse({
    address: flags.to,
    ...(Object.keys(files).length > 0 && { tls: files }),
    dangerouslyAllowPlaintext: flags.dangerouslyAllowPlaintext ?? false,
  });
  if (!parsed.success) throw new UsageError(parsed.error.issues.map(({ message }) => message).join(" "));
  const signal = untilStopped();
  let told = 0;
  const report = await replaySpool(
    {
      dir,
      collector: parsed.data,
      all: flags.all ?? false,
      patienceMs: flags.patience * 1_000,
    },
    {
      log: createLogger({ name: "replay", level: "warn" }),
      clock: systemClock,
      signal,
      version,
      progress: (done, total) => {
        if (performance.now() - told < 1_000 && done < total) return;
        told = performance.now();
        process.stderr.write(`${done} of ${total} batches\n`);
      },
    },
  );
  if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const { batches, rows, stored, duplicates, deadLettered } = report;
    process.stdout.write(
      `${batches} batches, ${rows} events: ${stored} stored, ${duplicates} known already, ${deadLettered} dead letters.\n`,
    );
  }
  if (report.deadLettered > 0) process.exitCode = 1;
}
