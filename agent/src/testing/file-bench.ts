import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Telemetry } from "@vedette/core/telemetry";
import { type InputLog, type InputSink, systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { ChunkRows } from "../chunk-rows.ts";
import {
  type ChunkSink,
  FileInput,
  type FileInputSettings,
  FileRegistry,
  type LogChunk,
} from "../input/index.ts";
import { type AgentMetrics, agentMetrics } from "../metrics.ts";

/** A file input on a folder of its own, with what it handed on, as a test sees it. */
export class FileBench {
  readonly dir = mkdtempSync(join(tmpdir(), "vedette-file-"));
  readonly logs: InputLog[] = [];
  readonly checkpoints = new Map<string, number>();
  readonly log = recordingLogger();
  metrics: AgentMetrics = agentMetrics(new Telemetry());
  #stops: (() => Promise<void>)[] = [];

  path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  get raws(): string[] {
    return this.logs.map(({ raw }) => raw);
  }

  /** Runs an input until `stop`. With `sink` given, its answer is the back-pressure. */
  async start(settings: Partial<FileInputSettings> = {}, sink?: InputSink["push"]): Promise<FileInput> {
    const stop = new AbortController();
    this.metrics = agentMetrics(new Telemetry());
    const registry = new FileRegistry(this.dir, {
      log: this.log,
      now: systemClock.now,
      checkpoint: (source) => this.checkpoints.get(source),
      forget: (source) => this.checkpoints.delete(source),
    });
    await registry.load();
    const input = new FileInput(
      {
        baseDir: this.dir,
        include: ["*.log"],
        exclude: [],
        compressed: "rotated",
        dataType: "generic",
        dataSource: "host",
        startAt: "beginning",
        maxLineBytes: 2 ** 20,
        chunkBytes: 256 * 1_024,
        pollMs: 10,
        idlePollMs: 20,
        closeAfterMs: 100,
        maxFiles: 1_000,
        maxOpenFiles: 1_000,
        ...settings,
      },
      {
        agentId: "agent",
        log: this.log,
        clock: systemClock,
        signal: stop.signal,
        registry,
        metrics: this.metrics,
      },
    );
    const take = (log: InputLog): void | Promise<void> => {
      this.logs.push(log);
      return sink?.(log);
    };
    const takeAll = async (chunk: LogChunk): Promise<void> => {
      const rows = new ChunkRows(chunk);
      for (let row = 0; row < chunk.count; row++) await take(rows.log(row));
    };
    const into: ChunkSink = { push: take, pushLines: takeAll };
    const running = input.run(into);
    this.#stops.push(async () => {
      stop.abort();
      await running;
    });
    return input;
  }

  /** Ends all inputs. What was handed on counts as durable, as after a clean stop; or only what `upTo` allows. */
  async stop(durable: (log: InputLog) => boolean = () => true): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop();
    for (const log of this.logs) {
      const { source, end } = log.position;
      if (durable(log)) this.checkpoints.set(source, Math.max(end, this.checkpoints.get(source) ?? 0));
    }
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
