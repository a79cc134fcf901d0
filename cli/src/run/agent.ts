import { startAgent } from "@vedette/agent";
import { createLogger } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { loadAgentConfig } from "../agent-config-file.ts";
import { untilStopped } from "../signals.ts";
import { version } from "../version.ts";
import { stopped } from "./stopped.ts";

/** Runs an agent until a signal comes. */
export async function runAgent(file: string | undefined): Promise<void> {
  const { config, baseDir } = loadAgentConfig(file);
  const signal = untilStopped();
  const log = createLogger({ name: "agent", level: config.agent.log });
  const agent = await startAgent(config.agent, { log, clock: systemClock, signal, baseDir, version });
  await stopped(signal);
  await agent.stop();
}
