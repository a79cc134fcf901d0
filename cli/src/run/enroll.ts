import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { enrolHost, enrolmentFile } from "@vedette/agent";
import { hostPort } from "@vedette/core/config";
import { systemClock } from "@vedette/sdk";
import { loadAgentConfig } from "../agent-config-file.ts";
import { UsageError } from "../exit.ts";
import { untilStopped } from "../signals.ts";
import { version } from "../version.ts";

export interface EnrollFlags {
  readonly token: string;
  readonly collector?: string;
  readonly config?: string;
  readonly json?: true;
}

/** Enrols this host and says what comes next. */
export async function runEnroll(flags: EnrollFlags): Promise<void> {
  const { config, baseDir, file } = loadAgentConfig(flags.config);
  const { collector: target, agentId } = config.agent;
  const stateDir = resolve(baseDir, config.agent.stateDir);
  const collector = flags.collector ?? target?.address;
  if (collector === undefined) throw new UsageError("Say where the collector is: --collector host:port.");
  if (!hostPort.safeParse(collector).success)
    throw new UsageError(`--collector ${collector} is not host:port.`);
  const token = flags.token === "-" ? await text(process.stdin) : flags.token;
  const deps = { clock: systemClock, version, signal: untilStopped() };
  if (!flags.json) process.stderr.write(`Asking ${collector} for a certificate ...\n`);
  const enrolled = await enrolHost({ collector, token, stateDir, agentId }, deps);
  const kept = enrolmentFile(stateDir);
  const until = new Date(enrolled.endsAt).toISOString();
  if (flags.json) {
    process.stdout.write(
      `${JSON.stringify({ agentId: enrolled.agentId, collector, file: kept, endsAt: until })}\n`,
    );
    return;
  }
  process.stdout.write(
    `This host is enrolled as ${enrolled.agentId} at ${collector}.\nIts certificate is good until ${until} and lies in ${kept}; the agent renews it while it runs.\n`,
  );
  const isSet = target?.tls !== undefined && target.address === collector;
  process.stdout.write(
    isSet
      ? "Next: start the agent, or leave it running: it finds the certificate by itself.\n"
      : `Next: write this into ${file ?? "the configuration of the agent"} and start the agent:\n  agent:\n    collector: { address: "${collector}", tls: {} }\n`,
  );
}
