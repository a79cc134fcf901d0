import type { DynamicHost, PipelineSet } from "@vedette/core/pipeline";
import type { ChunkRows } from "./chunk-rows.ts";
import { type TakeDraft, WaitingLane } from "./waiting-lane.ts";

/** The lanes of all data types whose pipelines wait for plugins. */
export class WaitingLanes {
  readonly #host: DynamicHost;
  readonly #take: TakeDraft;
  #pipelines: PipelineSet;
  readonly #lanes = new Map<string, WaitingLane | undefined>();

  constructor(host: DynamicHost, pipelines: PipelineSet, take: TakeDraft) {
    this.#host = host;
    this.#pipelines = pipelines;
    this.#take = take;
  }

  /** The lane of a data type; undefined where nothing of it waits. */
  of(dataType: string): WaitingLane | undefined {
    if (this.#lanes.has(dataType)) return this.#lanes.get(dataType);
    const waits = this.#pipelines.waits(dataType);
    const lane = waits
      ? new WaitingLane(this.#pipelines.waiting(dataType, this.#host), this.#take)
      : undefined;
    // Types without a lane are remembered too, as far as there are few.
    if (lane || this.#lanes.size < maxTypes) this.#lanes.set(dataType, lane);
    return lane;
  }

  /** Pushes the rows of a chunk one by one. Resolves when there is room for more. */
  async pushRows(lane: WaitingLane, rows: ChunkRows, count: number): Promise<void> {
    for (let row = 0; row < count; row++) {
      const wait = lane.push(rows.log(row));
      if (wait) await wait;
    }
  }

  /** Takes other pipelines for what comes from now on. Logs that wait go on in those they began in, before all others. */
  change(pipelines: PipelineSet): void {
    this.#pipelines = pipelines;
    for (const [dataType, lane] of this.#lanes) {
      if (!lane || lane.isEmpty) this.#lanes.delete(dataType);
      else lane.change(pipelines.waiting(dataType, this.#host));
    }
  }

  /** Resolves after all that was pushed is in batches. */
  async drained(): Promise<void> {
    const lanes = [...this.#lanes.values()].filter((lane) => lane !== undefined);
    await Promise.all(lanes.map((lane) => lane.drained()));
  }
}

const maxTypes = 1_024;
