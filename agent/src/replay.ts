import { open } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type BatchHeader, openFrame } from "@vedette/core/batch";
import { Telemetry } from "@vedette/core/telemetry";
import { type Clock, type Logger, VedetteError } from "@vedette/sdk";
import type { CollectorTarget } from "./config/index.ts";
import { agentMetrics } from "./metrics.ts";
import { comparePlaces, type PendingBatch, type Place, type SpoolFrame, spoolFrames } from "./spool/index.ts";
import { GrpcTransport, type Outbox, openCertificates } from "./transport/index.ts";

export interface ReplayOptions {
  /** A spool's folder, or any folder of segment files, such as its `damaged/`. */
  readonly dir: string;
  readonly collector: CollectorTarget;
  /** Also what a collector has acknowledged before. */
  readonly all: boolean;
  /** Without any progress for this long, replay gives up. */
  readonly patienceMs: number;
}

export interface ReplayDeps {
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly version: string;
  /** Told after every acknowledgement. */
  readonly progress: (done: number, total: number) => void;
}

export interface ReplayReport {
  readonly batches: number;
  readonly rows: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly deadLettered: number;
}

/**
 * Ships the batches of a spool that no agent runs on any more, as they are: same ids, same places. What the collector
 * has already is answered as a duplicate, so a replay can be repeated. Changes nothing in the folder.
 * Throws `transport.unavailable` when the collector does not take them in time, and the signal's reason when told to stop.
 */
export async function replaySpool(options: ReplayOptions, deps: ReplayDeps): Promise<ReplayReport> {
  const frames = (await spoolFrames(options.dir)).filter((frame) => options.all || !frame.acknowledged);
  const metrics = agentMetrics(new Telemetry());
  const { tls } = options.collector;
  const certificates = tls && openCertificates(tls, process.cwd(), options.dir);
  let done = 0;
  // The agent's name is part of what makes a batch known: each speaks for itself.
  for (const [agentId, own] of Map.groupBy(frames, ({ header }) => header.agentId)) {
    const outbox = new ReplayOutbox(options.dir, own, () => deps.progress(++done, frames.length));
    const transport = new GrpcTransport(
      {
        ...options.collector,
        certificates,
        agentId,
        host: hostname(),
        version: deps.version,
        ackTimeoutMs: options.collector.ackTimeoutSeconds * 1_000,
        welcomeTimeoutMs: 10_000,
      },
      deps,
      metrics,
    );
    await ship(transport, outbox, options, deps);
  }
  const acknowledged = (outcome: string): number => metrics.acknowledged.total({ outcome });
  return {
    batches: frames.length,
    rows: frames.reduce((sum, { header }) => sum + header.rows, 0),
    stored: acknowledged("stored"),
    duplicates: acknowledged("duplicate"),
    deadLettered: acknowledged("dead_lettered"),
  };
}

async function ship(
  transport: GrpcTransport,
  outbox: ReplayOutbox,
  { patienceMs, collector }: ReplayOptions,
  { signal }: ReplayDeps,
): Promise<void> {
  const stalled = new AbortController();
  const watch = setInterval(() => {
    if (performance.now() - outbox.movedAt > patienceMs) stalled.abort();
  }, 200);
  try {
    await transport.run(outbox, AbortSignal.any([signal, outbox.finished, stalled.signal]));
  } finally {
    clearInterval(watch);
  }
  signal.throwIfAborted();
  if (outbox.left === 0) return;
  throw new VedetteError(
    "transport.unavailable",
    `${outbox.left} batches were not taken: the collector ${collector.address} did not answer for ${patienceMs / 1_000} s.`,
    { verdict: "retry" },
  );
}

/** The frames of one agent, read from disk one at a time. */
class ReplayOutbox implements Outbox {
  readonly #dir: string;
  readonly #frames: readonly SpoolFrame[];
  readonly #left: Map<string, Place>;
  readonly #finished = new AbortController();
  readonly #progress: () => void;
  movedAt = performance.now();

  constructor(dir: string, frames: readonly SpoolFrame[], progress: () => void) {
    this.#dir = dir;
    this.#frames = [...frames].sort((a, b) => comparePlaces(a.header, b.header));
    this.#left = new Map(frames.map(({ header }) => [header.batchId, header]));
    this.#progress = progress;
  }

  get left(): number {
    return this.#left.size;
  }

  /** Aborts when every frame is acknowledged. */
  get finished(): AbortSignal {
    return this.#finished.signal;
  }

  async next(after: Place | undefined, signal: AbortSignal): Promise<PendingBatch | undefined> {
    const found = this.#frames.find(
      ({ header }) => this.#left.has(header.batchId) && (!after || comparePlaces(header, after) > 0),
    );
    if (found) {
      const frame = await readFrame(this.#dir, found);
      return { header: openFrame(frame, Number.MAX_SAFE_INTEGER).header, frame };
    }
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return undefined;
  }

  acknowledge({ batchId }: BatchHeader): boolean {
    const known = this.#left.delete(batchId);
    this.movedAt = performance.now();
    if (known) this.#progress();
    if (this.#left.size === 0) this.#finished.abort();
    return known;
  }
}

async function readFrame(dir: string, { segment, offset, size }: SpoolFrame): Promise<Buffer> {
  const file = await open(join(dir, segment), "r");
  try {
    const frame = Buffer.allocUnsafe(size);
    const { bytesRead } = await file.read(frame, 0, size, offset);
    return frame.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
