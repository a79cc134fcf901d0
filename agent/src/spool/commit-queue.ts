import type { SealedBatch, Stretch } from "@vedette/core/batch";
import { rateLimited } from "@vedette/core/telemetry";
import { type Deps, messageOf } from "@vedette/sdk";
import { pause } from "../pause.ts";
import { spoolClosed } from "./options.ts";
import type { SegmentStore } from "./segment-store.ts";

/** Bound of the bytes that share one fsync. */
const groupBytes = 8 * 2 ** 20;
const firstWaitMs = 100;
const lastWaitMs = 5_000;

interface Entry {
  readonly batch?: SealedBatch;
  readonly skipped?: readonly Stretch[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const nothing = (): void => undefined;

/** The one writer of a spool: frames in the order of their append, as many as wait share one fsync. */
export class CommitQueue {
  readonly #store: SegmentStore;
  readonly #epoch: number;
  readonly #wake: () => void;
  readonly #closing = new AbortController();
  readonly #warn: (fields: object, message: string) => void;
  #entries: Entry[] = [];
  #running: Promise<void> | undefined;

  constructor(store: SegmentStore, epoch: number, deps: Deps, wake: () => void) {
    this.#store = store;
    this.#epoch = epoch;
    this.#wake = wake;
    this.#warn = rateLimited(
      (fields, message) => deps.log.warn(fields, message),
      10_000,
      () => performance.now(),
    );
  }

  append(batch: SealedBatch): Promise<void> {
    if (batch.header.epoch !== this.#epoch) throw new RangeError("The batch was sealed for another epoch.");
    return new Promise((resolve, reject) => this.#put({ batch, resolve, reject }));
  }

  skip(skipped: readonly Stretch[]): Promise<void> {
    return new Promise((resolve, reject) => this.#put({ skipped, resolve, reject }));
  }

  async close(withinMs: number): Promise<void> {
    const timer = setTimeout(() => this.#closing.abort(spoolClosed()), withinMs);
    await this.#running;
    clearTimeout(timer);
    this.#closing.abort(spoolClosed());
  }

  #put(entry: Entry): void {
    if (this.#closing.signal.aborted) {
      entry.reject(spoolClosed());
      return;
    }
    this.#entries.push(entry);
    this.#running ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // One turn of the event loop lets the batches of several data types that are sealed together share a group.
    await Promise.resolve();
    while (this.#entries.length > 0) {
      const group = this.#take();
      try {
        await this.#commit(group.flatMap(({ batch }) => batch ?? []));
      } catch (error) {
        for (const entry of [...group, ...this.#entries]) entry.reject(error);
        this.#entries = [];
        break;
      }
      for (const entry of group) {
        if (entry.skipped) this.#store.state.advance(entry.skipped);
        entry.resolve();
      }
    }
    // In the same turn in which the queue was seen empty: whoever appends next starts a new run.
    this.#running = undefined;
  }

  #take(): Entry[] {
    let bytes = 0;
    let count = 0;
    // What does not fit any more waits by itself, and does not keep what does from the disk.
    const most = Math.min(groupBytes, this.#store.room);
    while (count < this.#entries.length) {
      bytes += this.#entries[count]!.batch?.frame.length ?? 0;
      if (count > 0 && bytes > most) break;
      count++;
    }
    return this.#entries.splice(0, count);
  }

  async #commit(batches: readonly SealedBatch[]): Promise<void> {
    const [first] = batches;
    if (!first) return;
    const signal = this.#closing.signal;
    const bytes = batches.reduce((sum, { frame }) => sum + frame.length, 0);
    await this.#store.makeRoom(bytes, signal);
    const { segment, fresh } = this.#store.activeFor(first.header);
    for (let wait = firstWaitMs; ; wait = Math.min(wait * 2, lastWaitMs)) {
      try {
        const file = await segment.file();
        const frames = batches.map(({ frame }) => frame);
        await file.write(frames, segment.size);
        if (fresh) await this.#store.disk.syncDir(this.#store.dir);
        break;
      } catch (error) {
        this.#warn({ reason: messageOf(error) }, "The spool cannot be written; inputs wait.");
        // Half-written bytes would only cost room; the next attempt overwrites them, and a restart cuts them off.
        await segment
          .file()
          .then((file) => file.truncate(segment.size))
          .catch(nothing);
        signal.throwIfAborted();
        await pause(wait, signal);
        signal.throwIfAborted();
      }
    }
    for (const { header, frame } of batches) this.#store.added(segment, header, frame.length);
    this.#wake();
  }
}
