import { hostname } from "node:os";
import { join } from "node:path";
import { Telemetry } from "@vedette/core/telemetry";
import { type Health, VedetteError } from "@vedette/sdk";
import { type AgentConfig, askersOf } from "./config/index.ts";
import { type ControlServer, controlSocket, serveControl } from "./control/index.ts";
import { keepRenewed } from "./enrol/index.ts";
import { type StatusPage, serveStatus } from "./http.ts";
import { type AgentDeps, openParts } from "./parts.ts";
import { pause } from "./pause.ts";
import type { ReloadReport } from "./reload.ts";
import type { Spool } from "./spool/index.ts";
import { type AgentStats, type AgentStatus, healthOf, observeSpool, statsOf, usageNow } from "./status.ts";
import { isEnrolled, type Transport } from "./transport/index.ts";

export interface RunningAgent {
  readonly agentId: string;
  readonly telemetry: Telemetry;
  /** Port of /metrics and /healthz; undefined when they are off. */
  readonly statusPort: number | undefined;
  stats(): AgentStats;
  health(): Health;
  /** Takes over a changed configuration, as `readConfig` gives it. Throws where it is wrong; all then stays as it was. */
  reload(): Promise<ReloadReport>;
  /** Resolves after everything read so far is on disk and the folder is free, in less than 5 s. Safe to call twice. */
  stop(): Promise<void>;
}

const unreloadable =
  "This agent was started without a configuration file, so there is nothing to read again.";

/** How long a stopping agent gives the disk to take what was read. */
const flushMs = 1_500;
/** How long it gives the collector to acknowledge what is already on its way. */
const drainMs = 1_000;

/**
 * Starts an agent: inputs → parse → batch → spool → ship.
 * Throws ConfigError, `config.invalid` and `spool.locked`, with nothing left open.
 */
export async function startAgent(config: AgentConfig, deps: AgentDeps): Promise<RunningAgent> {
  const { log, clock, telemetry = new Telemetry() } = deps;
  const startedAt = performance.now();
  const inputsStop = new AbortController();
  const shipStop = new AbortController();
  const parts = await openParts(config, { ...deps, telemetry }, inputsStop.signal);
  const { agentId, inputs, batcher, spool, shipping, reloader, metrics, taps, stateDir, plugins, isolation } =
    parts;
  observeSpool(telemetry, metrics, spool, clock);

  const health = (): Health => healthOf(inputs, shipping);
  const stats = (): AgentStats => statsOf(metrics, spool, shipping);
  const status = (): AgentStatus => ({
    agentId,
    version: deps.version ?? "unknown",
    uptimeSeconds: (performance.now() - startedAt) / 1_000,
    ...usageNow(),
    health: health(),
    inputs: inputs.report(),
    stats: stats(),
  });
  const reload = async (): Promise<ReloadReport> => {
    if (!deps.readConfig) throw new VedetteError("config.invalid", unreloadable, { verdict: "stop" });
    return reloader.reload(deps.readConfig());
  };
  let page: StatusPage | undefined;
  let control: ControlServer | undefined;
  try {
    if (config.http.listen !== undefined) page = await serveStatus(config.http.listen, telemetry, health);
    control = await serveControl(join(stateDir, controlSocket), { telemetry, taps, log, status, reload });
  } catch (error) {
    await plugins?.stop();
    isolation?.close();
    await spool.close(0);
    throw error;
  }

  // The batcher parses, batches and hands to the spool; the transport takes from there.
  const reading = inputs.run(batcher);
  plugins?.start();
  const shipped = shipping.run(spool, shipStop.signal);
  const responding = respond(config, parts.agentId, {
    ...{ ...deps, telemetry, stateDir, signal: shipStop.signal },
  });

  const renewing = renew(config, { ...deps, stateDir, signal: shipStop.signal });

  const stopAll = async (): Promise<void> => {
    inputsStop.abort();
    // A full spool or disk holds inputs and batches; closing the spool lets go of them, and they are read again.
    const flushed = reading.then(() => batcher.flush());
    await within(flushMs, flushed);
    const unplugged = plugins?.stop();
    await inputs.close();
    await within(drainMs, untilShipped(spool, shipping));
    shipStop.abort();
    await spool.close(flushMs);
    await Promise.all([reading, shipped, responding, renewing]);
    await Promise.all([page?.close(), control?.close(), unplugged]);
    isolation?.close();
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= stopAll().catch((error: unknown) => {
      log.error({ error }, "The agent did not stop cleanly; what was not on disk is read again.");
    });
    return stopping;
  };
  if (deps.signal.aborted) void stop();
  else deps.signal.addEventListener("abort", () => void stop(), { once: true });

  return { agentId, telemetry, statusPort: page?.port, stats, health, reload, stop };
}

/** Lets collectors ask for bans where the configuration says so. What it needs is loaded only then. */
async function respond(
  { respond: allowed, collector }: AgentConfig,
  agentId: string,
  deps: AgentDeps & { readonly telemetry: Telemetry; readonly stateDir: string },
): Promise<void> {
  if (!allowed) return;
  const { runRespond } = await import("./respond/index.ts");
  const who = { agentId, host: hostname(), version: deps.version ?? "unknown" };
  const more = { ...deps, tls: collector?.tls, baseDir: deps.baseDir ?? process.cwd() };
  await runRespond(allowed, who, askersOf(allowed, collector?.address), more).catch((error: unknown) =>
    deps.log.error({ error }, "Collectors cannot ask this host for bans any more."),
  );
}

/** Keeps the certificate of an enrolled agent from ending. */
function renew(
  { collector }: AgentConfig,
  deps: AgentDeps & { readonly stateDir: string },
): Promise<void> | undefined {
  if (!collector?.tls || !isEnrolled(collector.tls)) return undefined;
  const { address, tls } = collector;
  const options = { address, serverName: tls.serverName, version: deps.version ?? "unknown" };
  return keepRenewed(deps.stateDir, options, deps);
}

function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function untilShipped(spool: Spool, transport: Transport): Promise<void> {
  const late = AbortSignal.timeout(drainMs);
  while (transport.connected && spool.unacknowledged > 0 && !late.aborted) await pause(20, late);
}
