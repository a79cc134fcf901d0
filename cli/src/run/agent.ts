import { type AgentDeps, type RunningAgent, startAgent } from "@vedette/agent";
import { createLogger, Redactor } from "@vedette/core/telemetry";
import { type Logger, systemClock } from "@vedette/sdk";
import { loadAgentConfig } from "../agent-config-file.ts";
import { untilStopped } from "../signals.ts";
import { version } from "../version.ts";
import { keepKernels, noteCompiled } from "./compiled.ts";
import { stopped } from "./stopped.ts";

/**
 * Runs an agent until a signal comes; SIGHUP makes it read its configuration again. `connections` reads those of a collector on
 * this machine, by its configuration; the agent in one file has none.
 */
export async function runAgent(
  file: string | undefined,
  connections?: (config: string | undefined, know: (secret: unknown) => void) => AgentDeps["connection"],
): Promise<void> {
  const { config, baseDir, file: found, plugins } = loadAgentConfig(file);
  const signal = untilStopped();
  const redactor = new Redactor();
  const log = createLogger({ name: "agent", level: config.agent.log, redact: redactor.text });
  noteCompiled(log);
  const keep = keepKernels(log);
  const connection = connections?.(found, (secret) => redactor.know(secret));
  const deps = {
    log,
    clock: systemClock,
    signal,
    baseDir,
    version,
    plugins,
    ...(connection && { connection }),
  };
  const readConfig = () => loadAgentConfig(found).config.agent;
  const agent = await startAgent(config.agent, found === undefined ? deps : { ...deps, readConfig });
  reloadOnHangup(agent, log);
  await stopped(signal);
  await agent.stop();
  keep();
}

/** Without this a SIGHUP, which a terminal sends when it closes, would end the process. */
export function reloadOnHangup(agent: RunningAgent, log: Logger): void {
  process.on("SIGHUP", () => {
    agent.reload().catch((error: unknown) => {
      log.error(
        { error },
        "The configuration is wrong and was not taken over; everything goes on as before.",
      );
    });
  });
}
