import { join } from "node:path";
import { type BatchHeader, freeBytes, openFrame } from "@vedette/core/batch";
import { type Deps, messageOf } from "@vedette/sdk";
import { type Disk, replaceFile } from "./disk.ts";
import { type Place, type Segment, segmentName } from "./segment.ts";
import type { SegmentStore } from "./segment-store.ts";

/** A batch on disk that no collector has acknowledged. */
export interface PendingBatch {
  readonly header: BatchHeader;
  readonly frame: Buffer;
  /** Call it when nobody looks at the frame any more: its memory is then free at once. It may be read again. */
  release?(): void;
}

/** Walks the unacknowledged batches in order, waiting at the end for more. */
export class PendingReader {
  readonly #store: SegmentStore;
  readonly #damaged: string;
  readonly #disk: Disk;
  readonly #deps: Deps;
  readonly #waiting = new Set<() => void>();

  constructor(store: SegmentStore, damaged: string, disk: Disk, deps: Deps) {
    this.#store = store;
    this.#damaged = damaged;
    this.#disk = disk;
    this.#deps = deps;
  }

  /** Lets the walkers look again. */
  wake(): void {
    for (const resume of this.#waiting) resume();
  }

  async next(after: Place | undefined, signal: AbortSignal): Promise<PendingBatch | undefined> {
    while (!signal.aborted) {
      const found = this.#behind(after);
      if (!found) {
        await this.#arrival(signal);
        continue;
      }
      const batch = await this.#read(found.segment, found.sequence);
      if (batch) return batch;
    }
    return undefined;
  }

  #behind(after: Place | undefined): { segment: Segment; sequence: number } | undefined {
    for (const segment of this.#store.segments) {
      const { epoch } = segment.first;
      if (segment.done || (after && epoch < after.epoch)) continue;
      for (const sequence of segment.from(after?.epoch === epoch ? after.sequence + 1 : 0)) {
        if (!this.#store.state.isAcknowledged(epoch, sequence)) return { segment, sequence };
      }
    }
    return undefined;
  }

  /** Reads and checks a frame. One that has gone bad on the medium is set aside, so that it cannot hold up the rest. */
  async #read(segment: Segment, sequence: number): Promise<PendingBatch | undefined> {
    const place = { epoch: segment.first.epoch, sequence };
    let frame: Buffer | undefined;
    try {
      frame = await segment.read(sequence);
      if (!frame) throw new RangeError("The segment no longer holds the frame.");
      const read = frame;
      const { header } = openFrame(read, Number.MAX_SAFE_INTEGER);
      return { header, frame: read, release: () => freeBytes(read) };
    } catch (error) {
      // Deleted between finding and reading, because it was acknowledged or dropped.
      if (!this.#store.segments.includes(segment)) return undefined;
      this.#deps.log.error(
        { ...place, reason: messageOf(error) },
        "A batch in the spool is damaged and was set aside.",
      );
      if (frame) await this.#setAside(place, frame);
      this.#store.acknowledge(place);
      return undefined;
    }
  }

  async #setAside(place: Place, frame: Buffer): Promise<void> {
    try {
      await this.#disk.makeDir(this.#damaged);
      await replaceFile(this.#disk, join(this.#damaged, segmentName(place)), frame);
    } catch (error) {
      this.#deps.log.warn({ error }, "A damaged batch could not be copied.");
    }
  }

  #arrival(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
