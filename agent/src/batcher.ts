import { type BatchLimits, giveFrame, type Stretch, uuidv7 } from "@vedette/core/batch";
import type { DynamicHost, PipelineSet } from "@vedette/core/pipeline";
import type { Clock, InputLog, Logger, Position } from "@vedette/sdk";
import { ChunkRows } from "./chunk-rows.ts";
import type { TapHub } from "./control/index.ts";
import { Filling, type FillingDeps } from "./filling.ts";
import type { Governor } from "./governor.ts";
import type { ChunkSink, LogChunk } from "./input/index.ts";
import type { AgentMetrics } from "./metrics.ts";
import type { Spool } from "./spool/index.ts";
import type { FinishedDraft } from "./waiting-lane.ts";
import { WaitingLanes } from "./waiting-lanes.ts";

export interface BatcherOptions extends BatchLimits {
  readonly agentId: string;
  /** Age after which a batch is sealed, however small it is. */
  readonly seconds: number;
}

/** What plugins over sockets do with logs. */
interface BatcherPlugins {
  readonly parsing: DynamicHost;
  /** Told of each log that a pipeline drops, where somebody wants to know. */
  readonly dropped: FillingDeps["dropped"];
}

export interface BatcherDeps {
  readonly pipelines: PipelineSet;
  readonly spool: Spool;
  readonly metrics: AgentMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told how far each source of a batch is on disk. */
  readonly durable: (position: Position) => void;
  readonly taps: TapHub;
  readonly governor: Governor;
  /** Plugins over sockets, where some are run. */
  readonly plugins?: BatcherPlugins | undefined;
}

/**
 * A batch of so many rows is sealed after this part of its time already: it costs hardly more an event than a full one, and who
 * waits for an alert sees it sooner.
 */
const manyRows = 1_000;
const manyPart = 0.4;

/** Sealed batches that may wait for the disk before inputs have to. */
const maxWaiting = 4;

/** Data types whose sizes are remembered. */
const maxSizes = 256;

/** Parses logs, fills one batch per data type, and hands sealed ones to the spool in the order of their reading. */
export class Batcher implements ChunkSink {
  #options: BatcherOptions;
  #deps: BatcherDeps;
  readonly #filling = new Map<string, Filling>();
  readonly #waiting = new Set<Promise<void>>();
  readonly #lanes: WaitingLanes | undefined;
  /** By data type: how large the columns of its last batch were. */
  readonly #sizes = new Map<string, Map<string, number>>();

  constructor(options: BatcherOptions, deps: BatcherDeps) {
    this.#options = options;
    this.#deps = deps;
    const { plugins, pipelines } = deps;
    const take = (finished: FinishedDraft): void | Promise<void> => this.#takeDraft(finished);
    if (plugins) this.#lanes = new WaitingLanes(plugins.parsing, pipelines, take);
  }

  push(log: InputLog): void | Promise<void> {
    const lane = this.#lanes?.of(log.dataType);
    if (lane) return lane.push(log);
    const filling = this.#of(log.dataType);
    filling.add(log);
    if (filling.builder.full) return this.#seal(filling, "full");
  }

  pushLines(chunk: LogChunk): void | Promise<void> {
    const rows = new ChunkRows(chunk);
    const lane = this.#lanes?.of(chunk.dataType);
    return lane ? this.#lanes?.pushRows(lane, rows, chunk.count) : this.#take(chunk, rows, 0);
  }

  #takeDraft(finished: FinishedDraft): void | Promise<void> {
    const filling = this.#of(finished.log.dataType);
    filling.addDraft(finished);
    if (filling.builder.full) return this.#seal(filling, "full");
  }

  #take(chunk: LogChunk, rows: ChunkRows, first: number): void | Promise<void> {
    for (let row = first; row < chunk.count; ) {
      const filling = this.#of(chunk.dataType);
      const next = filling.addLines(chunk, rows, row);
      const wait = filling.builder.full ? this.#seal(filling, "full") : undefined;
      if (wait) return wait.then(() => this.#take(chunk, rows, next));
      row = next;
    }
  }

  #of(dataType: string): Filling {
    return this.#filling.get(dataType) ?? this.#begin(dataType);
  }

  /** Takes other pipelines and limits for what comes from now on. What was parsed with the earlier ones is sealed. */
  change(pipelines: PipelineSet, limits: Omit<BatcherOptions, "agentId">): void {
    for (const filling of this.#filling.values()) void this.#seal(filling, "reload");
    this.#lanes?.change(pipelines);
    this.#deps = { ...this.#deps, pipelines };
    this.#options = { ...this.#options, ...limits };
  }

  /** Seals the batch of a data type within a time, because somebody waits for its logs to be durable. */
  hasten(dataType: string, withinMs: number): void {
    const filling = this.#filling.get(dataType);
    if (filling && performance.now() + withinMs < filling.due) this.#sealLater(filling, withinMs);
  }

  /** Seals what is there and resolves after it is on disk, or was given up by a spool that closes. */
  async flush(): Promise<void> {
    await this.#lanes?.drained();
    for (const filling of this.#filling.values()) void this.#seal(filling, "stop");
    await Promise.all(this.#waiting);
  }

  #begin(dataType: string): Filling {
    const { pipelines, log, taps, plugins } = this.#deps;
    const { agentId } = this.#options;
    const sizes = this.#sizes.get(dataType) ?? new Map<string, number>();
    if (this.#sizes.size < maxSizes) this.#sizes.set(dataType, sizes);
    const deps = { agentId, log, taps, sizes, dropped: plugins?.dropped };
    const filling = new Filling(dataType, this.#options, pipelines.columns(dataType), deps);
    this.#filling.set(dataType, filling);
    const ms = this.#options.seconds * 1_000;
    filling.due = performance.now() + ms;
    filling.timer = setTimeout(() => {
      if (filling.builder.rows >= manyRows) void this.#seal(filling, "age");
      else this.#sealLater(filling, ms * (1 - manyPart));
    }, ms * manyPart);
    return filling;
  }

  #sealLater(filling: Filling, ms: number): void {
    clearTimeout(filling.timer);
    filling.due = performance.now() + ms;
    filling.timer = setTimeout(() => void this.#seal(filling, "age"), ms);
  }

  /** Hands the batch to the spool. Gives a promise where inputs should wait for the disk. */
  #seal(filling: Filling, why: "full" | "age" | "stop" | "reload"): void | Promise<void> {
    const { spool, metrics, clock } = this.#deps;
    const { builder } = filling;
    clearTimeout(filling.timer);
    this.#filling.delete(builder.dataType);
    this.#count(filling);
    if (builder.rows === 0) {
      const { sources } = builder;
      return this.#kept(spool.skip(sources), sources);
    }
    const batch = builder.seal({
      batchId: uuidv7(clock.now()),
      agentId: this.#options.agentId,
      epoch: spool.epoch,
      sequence: spool.nextSequence(),
    });
    metrics.sealed.add(1, { data_type: builder.dataType, why });
    metrics.sealedBytes.add(batch.frame.length);
    this.#deps.taps.sealed(batch);
    // On disk, nobody needs the bytes any more: the transport reads them from the spool. One that was given up may still be written.
    const written = spool.append(batch).then(() => giveFrame(batch.frame));
    return this.#kept(written, batch.header.sources);
  }

  /** Tells the inputs when their stretches are on disk. Gives a promise where they should wait for it, or for their share. */
  #kept(work: Promise<void>, stretches: readonly Stretch[]): void | Promise<void> {
    const { durable, governor, log } = this.#deps;
    const waiting = work
      .then(() => {
        for (const { source, from, to, cursor } of stretches) {
          const place = { source, offset: from, end: to };
          durable(cursor === undefined ? place : { ...place, cursor });
        }
      })
      .catch((error: unknown) => log.warn({ error }, "A batch was not kept; its lines are read again."))
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
    const held = governor.hold();
    const disk = this.#waiting.size >= maxWaiting ? Promise.race(this.#waiting) : undefined;
    return held && disk ? held.then(() => disk) : (held ?? disk);
  }

  #count({ builder, lines, bytes, dropped }: Filling): void {
    const { metrics } = this.#deps;
    const labels = { data_type: builder.dataType };
    metrics.lines.add(lines, labels);
    metrics.bytes.add(bytes, labels);
    metrics.events.add(builder.rows, labels);
    for (const [reason, count] of dropped) metrics.dropped.add(count, { stage: "parse", reason });
  }
}
