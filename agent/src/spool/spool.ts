import { join } from "node:path";
import type { BatchHeader, SealedBatch, Stretch } from "@vedette/core/batch";
import type { Checkpoint } from "@vedette/sdk";
import { CommitQueue } from "./commit-queue.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import { openEpoch } from "./epoch.ts";
import { lockSpool } from "./lock.ts";
import type { SpoolDeps, SpoolOptions } from "./options.ts";
import { type PendingBatch, PendingReader } from "./pending.ts";
import { type RecoveryReport, recoverSegments } from "./recover.ts";
import type { Place, Segment } from "./segment.ts";
import { SegmentStore } from "./segment-store.ts";
import { SpoolState } from "./state.ts";

/** How long acknowledgements and checkpoints may be known to memory only. */
const saveEveryMs = 1_000;

/**
 * The agent's memory across crashes: sealed batches in segment files, and checkpoints.
 *
 * The invariant that makes a SIGKILL or a power loss at any instant neither lose nor double a line:
 * 1. A source's checkpoint is the larger of the checkpoint file's and of the `to` of its stretches in the frames
 *    of the spool. It therefore moves in the same instant in which a frame becomes whole on disk.
 * 2. Frames are written in the order in which their lines were read, and after a crash a frame counts only if all
 *    before it do. So everything below the checkpoint is in a frame, was in one that was acknowledged, or was
 *    dropped on purpose by a pipeline.
 * 3. A frame is deleted only after a checkpoint file that covers it is on disk.
 * 4. A frame is shown to the transport only after its fsync. So a frame that a crash tears was never sent, and
 *    sending its lines in another frame doubles nothing.
 * 5. (epoch, sequence) is never given to two different frames: the epoch grows with every opening.
 */
export class Spool {
  readonly epoch: number;
  readonly recovery: RecoveryReport;
  readonly #state: SpoolState;
  readonly #store: SegmentStore;
  readonly #queue: CommitQueue;
  readonly #reader: PendingReader;
  readonly #unlock: () => Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #sequence = 0;
  #newestAcknowledged: number;
  #closing: Promise<void> | undefined;

  /** Takes the lock, repairs what a crash left, and starts a new epoch. Throws `spool.locked` only. */
  static async open(options: SpoolOptions, deps: SpoolDeps): Promise<Spool> {
    const { dir } = options;
    const disk = deps.disk ?? nodeDisk;
    await disk.makeDir(dir);
    const unlock = await (deps.lock ?? lockSpool)(dir);
    try {
      const state = new SpoolState();
      const unreadable = await state.load(disk, dir);
      if (unreadable !== undefined) {
        deps.log.error(
          { reason: unreadable },
          "The checkpoint file is damaged; the batches in the spool are used.",
        );
      }
      const recovery: RecoveryReport = { frames: 0, unacknowledged: 0, tornBytes: 0, damaged: [] };
      const segments = await recoverSegments({ disk, dir, state, log: deps.log, report: recovery });
      const known = segments.map((segment) => segment.first.epoch);
      const epoch = await openEpoch(disk, dir, [state.durable.epoch, ...known], deps);
      return new Spool(options, deps, disk, state, segments, recovery, epoch, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  private constructor(
    options: SpoolOptions,
    deps: SpoolDeps,
    disk: Disk,
    state: SpoolState,
    segments: Segment[],
    recovery: RecoveryReport,
    epoch: number,
    unlock: () => Promise<void>,
  ) {
    this.epoch = epoch;
    this.recovery = recovery;
    this.#state = state;
    this.#unlock = unlock;
    this.#newestAcknowledged = deps.clock.now();
    this.#store = new SegmentStore(disk, options, state, segments, deps);
    this.#queue = new CommitQueue(this.#store, epoch, deps, () => this.#reader.wake());
    this.#reader = new PendingReader(this.#store, join(options.dir, "damaged"), disk, deps);
    this.#timer = setInterval(() => void this.#store.maintain(), saveEveryMs).unref();
  }

  /** Bytes of all segments. */
  get bytes(): number {
    return this.#store.bytes;
  }

  get unacknowledged(): number {
    return this.#store.unacknowledged;
  }

  /** The next batch's place in the agent's order; every call must be followed by `append`, in the same order. */
  nextSequence(): number {
    return this.#sequence++;
  }

  /** Resolves after the batch is on disk. Waits while the spool or the disk is full. Rejects only when closed. */
  append(batch: SealedBatch): Promise<void> {
    return this.#queue.append(batch);
  }

  /**
   * Moves checkpoints over stretches that gave no event, and resolves, after all batches appended before are on disk.
   * Rejects only when closed.
   */
  skip(stretches: readonly Stretch[]): Promise<void> {
    return this.#queue.skip(stretches);
  }

  /** Where to go on reading a source; undefined where nothing is known of it. */
  checkpoint(source: string): Checkpoint | undefined {
    return this.#state.checkpoint(source);
  }

  /** Drops the checkpoint of a source that will never be read again. */
  forget(source: string): void {
    this.#state.forget(source);
  }

  /** The next unacknowledged batch behind a place; waits for one, gives undefined when the signal aborts. */
  next(after: Place | undefined, signal: AbortSignal): Promise<PendingBatch | undefined> {
    return this.#reader.next(after, signal);
  }

  /** Notes that a batch is stored at the collector. False where it was acknowledged before or is gone. */
  acknowledge(header: Pick<BatchHeader, "epoch" | "sequence" | "maxTime">): boolean {
    this.#newestAcknowledged = Math.max(this.#newestAcknowledged, header.maxTime);
    return this.#store.acknowledge(header);
  }

  /** Time of the newest event that a collector acknowledged; the opening of the spool before the first. */
  get newestAcknowledged(): number {
    return this.#newestAcknowledged;
  }

  /**
   * Writes what was appended and the checkpoints, and lets go of the folder. Safe to call twice.
   * After `withinMs` batches that cannot be written (disk full) are given up; their lines are read again.
   */
  close(withinMs = 3_000): Promise<void> {
    this.#closing ??= this.#close(withinMs);
    return this.#closing;
  }

  async #close(withinMs: number): Promise<void> {
    clearInterval(this.#timer);
    await this.#queue.close(withinMs);
    await this.#store.close();
    await this.#unlock();
  }
}
