import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Isolation } from "@vedette/core/plugin-isolation";
import type { SocketHost } from "@vedette/core/socket-plugins";
import type { Telemetry } from "@vedette/core/telemetry";
import {
  type Clock,
  type InputDeps,
  isVedetteError,
  type Logger,
  messageOf,
  type Position,
  VedetteError,
} from "@vedette/sdk";
import { agentIdOf } from "./agent-id.ts";
import { Batcher, type BatcherDeps } from "./batcher.ts";
import { type AgentConfig, carrierOf } from "./config/index.ts";
import { TapHub } from "./control/index.ts";
import { Governor } from "./governor.ts";
import { FileRegistry, type InputPlan, type InputSet } from "./input/index.ts";
import { inputsOf, plansOf } from "./inputs.ts";
import { type AgentMetrics, agentMetrics } from "./metrics.ts";
import { pipelinesOf } from "./pipelines.ts";
import type { PluginSet } from "./plugin-set.ts";
import { builtin } from "./plugins.ts";
import { Reloader } from "./reload.ts";
import { nodeDisk, Spool } from "./spool/index.ts";
import { type OnAcknowledged, openTransport, Shipping, type Transport } from "./transport/index.ts";

export interface AgentDeps {
  readonly log: Logger;
  readonly clock: Clock;
  /** Aborts when the agent must stop; `stop()` does the same and waits. */
  readonly signal: AbortSignal;
  /** Where relative paths of the configuration start. Default: the working directory. */
  readonly baseDir?: string;
  readonly version?: string;
  readonly telemetry?: Telemetry;
  /** Plugins in this process. Default: those that come with every agent. */
  readonly plugins?: PluginSet;
  /** Reads connections of the collector beside it; see `InputDeps`. */
  readonly connection?: InputDeps["connection"];
  /** Reads the configuration anew, for `vedette reload`. Throws ConfigError. Without it that command is refused. */
  readonly readConfig?: () => AgentConfig;
}

/** Everything an agent is made of, open but not running. */
export interface AgentParts {
  readonly agentId: string;
  readonly metrics: AgentMetrics;
  readonly spool: Spool;
  readonly batcher: Batcher;
  readonly inputs: InputSet;
  readonly shipping: Shipping;
  readonly reloader: Reloader;
  /** Who looks at what passes through. */
  readonly taps: TapHub;
  readonly stateDir: string;
  /** Plugins over sockets, not started yet; undefined where none are run. */
  readonly plugins: SocketHost | undefined;
  /** Keeps plugins that are programs apart; undefined where nothing does. */
  readonly isolation: Isolation | undefined;
}

const segmentBytes = 16 * 2 ** 20;

/** Opens what a configuration names. Throws ConfigError, `config.invalid` and `spool.locked`, with nothing left open. */
export async function openParts(
  config: AgentConfig,
  deps: AgentDeps & { readonly telemetry: Telemetry },
  inputsSignal: AbortSignal,
): Promise<AgentParts> {
  const { log, clock, baseDir = process.cwd() } = deps;
  const pluginSet = deps.plugins ?? builtin;
  for (const { place, reason } of pluginSet.broken)
    log.error({ place, reason }, "A plugin cannot be loaded; the others go on.");
  const pipelinesOfConfig = (of: AgentConfig) => pipelinesOf(of, baseDir, "used", pluginSet);
  const pipelines = pipelinesOfConfig(config);
  pipelines.onQuarantine = ({ label, place }) =>
    log.warn({ step: label, place }, "A step is too slow on long lines and is left out for them.");
  const metrics = agentMetrics(deps.telemetry);
  const stateDir = resolve(baseDir, config.stateDir);
  let spool: Spool | undefined;
  let plugins: SocketHost | undefined;
  let isolation: Isolation | undefined;
  try {
    await nodeDisk.makeDir(stateDir);
    spool = await openSpool(config, stateDir, deps, metrics);
    const agentId = await agentIdOf(config.agentId, stateDir);
    const registry = await openRegistry(stateDir, spool, deps);
    const durable = (position: Position): void => inputs.durable(position);
    const taps = new TapHub();
    isolation = await openIsolation(config, deps);
    plugins = await openSocketPlugins(config, isolation, stateDir, baseDir, deps);
    const governor = new Governor(config.limits, { log, signal: inputsSignal });
    const batcher = new Batcher(
      { ...config.batch, agentId },
      { pipelines, spool, metrics, clock, log, durable, taps, governor, plugins: pluginsOf(plugins) },
    );
    const settled = (): Promise<void> => batcher.flush();
    const { connection } = deps;
    const context = {
      ...{ agentId, stateDir, baseDir, host: hostname(), log, clock, metrics, spool },
      ...(connection && { connection }),
      isolation,
    };
    const inputsContext = { ...context, registry, settled, signal: inputsSignal, plugins, pluginSet };
    const inputs = inputsOf(config.inputs, inputsContext);
    const acknowledged: OnAcknowledged = (header, outcome) => taps.acknowledged(header, outcome);
    const speaker = { agentId, host: hostname(), version: deps.version ?? "unknown" };
    const transport = (of: AgentConfig): Transport =>
      openTransport(carrierOf(of), speaker, { log, clock, baseDir, stateDir }, metrics, acknowledged);
    const shipping = new Shipping(transport(config));
    const plans = (of: AgentConfig): InputPlan[] => plansOf(of.inputs, inputsContext);
    const reloader = new Reloader(config, {
      inputs,
      batcher,
      governor,
      shipping,
      plans,
      transport,
      pipelines: pipelinesOfConfig,
      log,
    });
    return {
      ...{ agentId, metrics, spool, batcher, inputs, shipping, reloader, taps, stateDir, plugins, isolation },
    };
  } catch (error) {
    await plugins?.stop();
    isolation?.close();
    await spool?.close(0);
    if (isVedetteError(error)) throw error;
    const isFull = /^(ENOSPC|EDQUOT)$/.test(String((error as { code?: unknown }).code));
    const cure = isFull
      ? "Make room on its disk"
      : "Give the agent a folder it may write to (agent.stateDir)";
    const message = `The state folder ${stateDir} cannot be used: ${messageOf(error)}. ${cure}.`;
    throw new VedetteError("config.invalid", message, { verdict: "stop" }, { cause: error });
  }
}

/** Throws `config.invalid` where it cannot be held. */
async function openIsolation(
  { isolation }: AgentConfig,
  { log, clock, telemetry }: AgentDeps & { readonly telemetry: Telemetry },
): Promise<Isolation | undefined> {
  if (!isolation) return undefined;
  const { Isolation: Opened } = await import("@vedette/core/plugin-isolation");
  return Opened.open(isolation, { log, clock, telemetry });
}

/** Loads what plugins over sockets need only where some are run: it costs memory. */
async function openSocketPlugins(
  { socketPlugins }: AgentConfig,
  isolation: Isolation | undefined,
  stateDir: string,
  baseDir: string,
  { log, clock, telemetry }: AgentDeps & { readonly telemetry: Telemetry },
): Promise<SocketHost | undefined> {
  if (!socketPlugins) return undefined;
  const { programMetrics, SocketHost } = await import("@vedette/core/socket-plugins");
  // They live until the agent has parsed what it has read, so that they are ended by `stop`, not by the agent's signal.
  const { signal } = new AbortController();
  const deps = { log, clock, signal, isolation };
  const host = await SocketHost.open(socketPlugins, { stateDir, baseDir }, deps);
  programMetrics(telemetry, () => host.status());
  return host;
}

function pluginsOf(host: SocketHost | undefined): BatcherDeps["plugins"] {
  if (!host) return undefined;
  const announces = host.announces("parsing_dropped");
  return {
    parsing: host.parsing,
    dropped: announces ? (log) => host.announce("parsing_dropped", log) : undefined,
  };
}

function openSpool(
  { spool }: AgentConfig,
  stateDir: string,
  { log, clock, signal }: AgentDeps,
  metrics: AgentMetrics,
): Promise<Spool> {
  const options = {
    ...spool,
    dir: join(stateDir, "spool"),
    segmentBytes: Math.min(segmentBytes, spool.maxBytes / 8),
  };
  const dropped = (batches: number): void =>
    metrics.dropped.add(batches, { stage: "spool", reason: "spool_full" });
  return Spool.open(options, { log, clock, signal, dropped });
}

async function openRegistry(
  stateDir: string,
  spool: Spool,
  { log, clock }: AgentDeps,
): Promise<FileRegistry> {
  const registry = new FileRegistry(stateDir, {
    log,
    now: clock.now,
    checkpoint: (source) => spool.checkpoint(source)?.end,
    forget: (source) => spool.forget(source),
  });
  await registry.load();
  return registry;
}
