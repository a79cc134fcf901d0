import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import { Telemetry } from "@vedette/core/telemetry";
import type { Clock, Health, Logger } from "@vedette/sdk";
import { agentIdOf } from "./agent-id.ts";
import { Batcher } from "./batcher.ts";
import type { AgentConfig, FileInputConfig } from "./config/index.ts";
import { type StatusPage, serveStatus } from "./http.ts";
import { FileInput, FileRegistry } from "./input/index.ts";
import { agentMetrics } from "./metrics.ts";
import { builtinPipelines } from "./plugins.ts";
import { nodeDisk, Spool } from "./spool/index.ts";
import { type AgentStats, healthOf, observeSpool, statsOf } from "./status.ts";
import { GrpcTransport, pause, type Transport } from "./transport/index.ts";

export interface AgentDeps {
  readonly log: Logger;
  readonly clock: Clock;
  /** Aborts when the agent must stop; `stop()` does the same and waits. */
  readonly signal: AbortSignal;
  /** Where relative paths of the configuration start. Default: the working directory. */
  readonly baseDir?: string;
  readonly version?: string;
  readonly telemetry?: Telemetry;
}

export interface RunningAgent {
  readonly agentId: string;
  readonly telemetry: Telemetry;
  /** Port of /metrics and /healthz; undefined when they are off. */
  readonly statusPort: number | undefined;
  stats(): AgentStats;
  health(): Health;
  /** Resolves after everything read so far is on disk and the folder is free, in less than 5 s. Safe to call twice. */
  stop(): Promise<void>;
}

/** How long a stopping agent gives the disk to take what was read. */
const flushMs = 1_500;
/** How long it gives the collector to acknowledge what is already on its way. */
const drainMs = 1_000;

/** Starts an agent: inputs → parse → batch → spool → ship. Throws ConfigError and `spool.locked`. */
export async function startAgent(config: AgentConfig, deps: AgentDeps): Promise<RunningAgent> {
  const { log, clock, telemetry = new Telemetry(), baseDir = process.cwd() } = deps;
  const pipelines = pipelinesOf(config, baseDir);
  const metrics = agentMetrics(telemetry);
  const stateDir = resolve(baseDir, config.stateDir);
  await nodeDisk.makeDir(stateDir);

  const inputsStop = new AbortController();
  const shipStop = new AbortController();
  const spool = await Spool.open(
    {
      dir: join(stateDir, "spool"),
      maxBytes: config.spool.maxBytes,
      segmentBytes: Math.min(16 * 2 ** 20, config.spool.maxBytes / 8),
      onFull: config.spool.onFull,
    },
    {
      log,
      clock,
      signal: deps.signal,
      dropped: (batches) => metrics.dropped.add(batches, { stage: "spool", reason: "spool_full" }),
    },
  );
  const agentId = await agentIdOf(config.agentId, stateDir);
  const registry = new FileRegistry(stateDir, {
    log,
    now: clock.now,
    checkpoint: (source) => spool.checkpoint(source),
    forget: (source) => spool.forget(source),
  });
  await registry.load();

  const batcher = new Batcher({ ...config.batch, agentId }, { pipelines, spool, metrics, clock, log });
  const inputs = config.inputs.map(
    (input) =>
      new FileInput(fileSettings(input, baseDir), {
        agentId,
        log,
        clock,
        signal: inputsStop.signal,
        registry,
        metrics,
      }),
  );
  const transport = new GrpcTransport(
    {
      address: config.collector.address,
      window: config.collector.window,
      ackTimeoutMs: config.collector.ackTimeoutSeconds * 1_000,
      welcomeTimeoutMs: 10_000,
      dangerouslyAllowPlaintext: config.collector.dangerouslyAllowPlaintext,
      agentId,
      host: hostname(),
      version: deps.version ?? "unknown",
    },
    { log, clock },
    metrics,
  );

  let failed = false;
  const reading = Promise.all(
    inputs.map((input) =>
      input.run(batcher).catch((error: unknown) => {
        failed = true;
        log.error({ error }, "An input failed; the others go on.");
      }),
    ),
  );
  const shipping = transport.run(spool, shipStop.signal);
  observeSpool(telemetry, metrics, spool, clock);

  const health = (): Health => healthOf(inputs, transport, failed);
  let status: StatusPage | undefined;
  if (config.http.listen !== undefined) status = await serveStatus(config.http.listen, telemetry, health);

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      inputsStop.abort();
      // A full spool or disk holds inputs and batches; closing the spool lets go of them, and they are read again.
      await within(
        flushMs,
        reading.then(() => batcher.flush()),
      );
      await within(drainMs, untilShipped(spool, transport, shipStop.signal));
      shipStop.abort();
      await spool.close(flushMs);
      await Promise.all([reading, shipping]);
      await status?.close();
    })();
    return stopping;
  };
  deps.signal.addEventListener("abort", () => void stop(), { once: true });

  return {
    agentId,
    telemetry,
    statusPort: status?.port,
    stats: () => statsOf(metrics, spool, transport),
    health,
    stop,
  };
}

/** A user's pipelines take the place of the built-in ones for the data types they name. */
function pipelinesOf({ pipelines, builtinPipelines: builtin }: AgentConfig, baseDir: string): PipelineSet {
  const own = pipelines.map((path) => resolve(baseDir, path));
  if (!builtin) return loadPipelines(own);
  const named = own.length > 0 ? loadPipelines(own).dataTypes : [];
  return loadPipelines([...builtinPipelines(named), ...own]);
}

function fileSettings(input: FileInputConfig, baseDir: string) {
  return {
    ...input,
    include: input.include.map((pattern) => resolve(baseDir, pattern)),
    exclude: input.exclude.map((pattern) => (pattern.includes("/") ? resolve(baseDir, pattern) : pattern)),
    dataSource: input.dataSource ?? hostname(),
    chunkBytes: 512 * 1_024,
    pollMs: input.pollSeconds * 1_000,
    idlePollMs: Math.max(input.pollSeconds, input.idlePollSeconds) * 1_000,
    closeAfterMs: input.closeAfterSeconds * 1_000,
  };
}

function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function untilShipped(spool: Spool, transport: Transport, signal: AbortSignal): Promise<void> {
  while (transport.connected && spool.unacknowledged > 0 && !signal.aborted) await pause(20, signal);
}
