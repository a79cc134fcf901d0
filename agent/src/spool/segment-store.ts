import { join } from "node:path";
import type { BatchHeader } from "@vedette/core/batch";
import { rateLimited } from "@vedette/core/telemetry";
import { type Logger, messageOf } from "@vedette/sdk";
import type { Disk } from "./disk.ts";
import type { SpoolDeps, SpoolOptions } from "./options.ts";
import { type Place, Segment, segmentName } from "./segment.ts";
import type { SpoolState } from "./state.ts";

/** The segments of an open spool and the rules for deleting them. */
export class SegmentStore {
  readonly disk: Disk;
  readonly dir: string;
  readonly state: SpoolState;
  readonly log: Logger;
  readonly #options: SpoolOptions;
  readonly #dropped: SpoolDeps["dropped"];
  readonly #warn: (fields: object, message: string) => void;
  #segments: Segment[];
  #active: Segment | undefined;
  #bytes: number;
  #work: Promise<void> = Promise.resolve();
  #queued = false;
  #freed: (() => void) | undefined;

  constructor(disk: Disk, options: SpoolOptions, state: SpoolState, segments: Segment[], deps: SpoolDeps) {
    this.disk = disk;
    this.dir = options.dir;
    this.state = state;
    this.log = deps.log;
    this.#options = options;
    this.#dropped = deps.dropped;
    this.#segments = segments;
    this.#bytes = segments.reduce((sum, segment) => sum + segment.size, 0);
    this.#warn = rateLimited(
      (fields, message) => deps.log.warn(fields, message),
      10_000,
      () => performance.now(),
    );
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that may be added before the spool is full. */
  get room(): number {
    return this.#options.maxBytes - this.#bytes;
  }

  get unacknowledged(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.unacknowledged, 0);
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** The segment that takes the next frame; a new one starts with the given batch. */
  activeFor(first: Place): { readonly segment: Segment; readonly fresh: boolean } {
    if (this.#active && this.#active.size < this.#options.segmentBytes) {
      return { segment: this.#active, fresh: this.#active.frames === 0 };
    }
    const segment = new Segment(this.disk, join(this.dir, segmentName(first)), first);
    this.#active = segment;
    this.#segments.push(segment);
    return { segment, fresh: true };
  }

  /** Notes a frame that is now on disk. */
  added(segment: Segment, header: BatchHeader, bytes: number): void {
    segment.add(header.sequence, bytes);
    this.#bytes += bytes;
    this.state.advance(header.sources);
    this.state.noteDurable(header.epoch, header.sequence);
  }

  acknowledge({ epoch, sequence }: Place): boolean {
    const segment = this.find({ epoch, sequence });
    if (!segment || this.state.isAcknowledged(epoch, sequence)) return false;
    this.state.acknowledge(epoch, sequence);
    segment.noteAcknowledged();
    if (segment.done && segment !== this.#active) void this.maintain();
    return true;
  }

  find(place: Place): Segment | undefined {
    return this.#segments.find(
      (segment) => segment.first.epoch === place.epoch && segment.has(place.sequence),
    );
  }

  /**
   * Makes room for a frame according to `onFull`. Resolves when there is room; rejects when the signal aborts.
   * Called by the one writer only, which is why the active segment may be closed here.
   */
  async makeRoom(bytes: number, signal: AbortSignal): Promise<void> {
    while (this.#bytes > 0 && this.#bytes + bytes > this.#options.maxBytes) {
      signal.throwIfAborted();
      if (this.#segments.every((segment) => segment.done) || this.#options.onFull === "dropOldest") {
        this.#active = undefined;
      }
      if (this.#segments.some((segment) => segment.done && segment !== this.#active)) await this.maintain();
      else if (this.#options.onFull === "dropOldest") await this.#dropOldest();
      else {
        this.#warn(
          { bytes: this.#bytes },
          "The spool is full; inputs wait until the collector takes batches.",
        );
      }
      if (this.#bytes > 0 && this.#bytes + bytes > this.#options.maxBytes) await this.#untilFreed(signal);
    }
  }

  /** Writes the checkpoint file where it is behind, then deletes the segments it covers. Never rejects. */
  maintain(): Promise<void> {
    // A run that has not begun will see everything that is known now.
    if (this.#queued) return this.#work;
    this.#queued = true;
    this.#work = this.#work.then(async () => {
      this.#queued = false;
      try {
        // Deleting needs the file that covers the frames; the other order would lose their checkpoints.
        if (this.state.dirty) await this.state.save(this.disk, this.dir);
        await this.#delete(this.#segments.filter((segment) => segment.done && segment !== this.#active));
      } catch (error) {
        this.#warn({ reason: messageOf(error) }, "Checkpoints could not be written, will retry.");
      }
    });
    return this.#work;
  }

  async close(): Promise<void> {
    this.#active = undefined;
    await this.maintain();
    await Promise.all(this.#segments.map((segment) => segment.close()));
  }

  async #delete(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) {
      await segment.close();
      await this.disk.remove(segment.path);
      this.#segments = this.#segments.filter((other) => other !== segment);
      this.#bytes -= segment.size;
      this.#freed?.();
    }
    if (segments.length > 0) {
      const epochs = this.#segments.map((segment) => segment.first.epoch);
      this.state.keepEpochs(new Set([...epochs, this.state.durable.epoch]));
    }
  }

  async #dropOldest(): Promise<void> {
    const [oldest] = this.#segments;
    if (!oldest) return;
    const batches = oldest.unacknowledged;
    for (const sequence of oldest.from(0)) this.acknowledge({ epoch: oldest.first.epoch, sequence });
    this.#dropped?.(batches, oldest.size);
    this.#warn(
      { batches, bytes: oldest.size },
      "The spool is full; its oldest batches were dropped as configured.",
    );
    await this.maintain();
  }

  /** Waits for a deletion, or a moment, as a deletion may have failed. */
  #untilFreed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, 500);
      signal.addEventListener("abort", done, { once: true });
      this.#freed = done;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}
