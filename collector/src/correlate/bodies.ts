import { type Batch, type KeptRows, keepRows } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";
import { Lru } from "../bounded/index.ts";

/** What is kept of an event for the samples of alerts. The body is made only for events that outlive their batch. */
export class EventRef {
  readonly id: string;
  readonly time: number;
  readonly dataType: string;
  batch: Batch | undefined;
  readonly row: number;
  body: Event | undefined;
  /** Its place among rows kept when the batch had to go. */
  kept: { readonly rows: KeptRows; readonly place: number } | undefined;
  /** How many series still hold it. */
  uses = 0;
  /** True when a series holds it beside others, so that an alert is likely to show it. */
  wanted = false;

  constructor(id: string, time: number, dataType: string, from: { batch: Batch; row: number } | Event) {
    this.id = id;
    this.time = time;
    this.dataType = dataType;
    if ("batch" in from && "row" in from) {
      this.batch = from.batch as Batch;
      this.row = from.row as number;
    } else {
      this.row = -1;
      this.body = from as Event;
    }
  }

  /** The event; only its head when its body had to go. */
  event(): Event {
    if (this.batch) return this.batch.event(this.row);
    if (this.kept) return this.kept.rows.event(this.kept.place);
    return (
      this.body ?? {
        id: this.id,
        "@timestamp": new Date(this.time).toISOString(),
        dataType: this.dataType,
      }
    );
  }
}

export interface BodyLimits {
  /** Uncompressed bytes of recent batches kept whole. */
  readonly recentBytes: number;
  /** Bodies of older events kept; of still older or lone ones only id, time and data type stay. */
  readonly bodies: number;
}

interface Recent {
  readonly batch: Batch;
  readonly bytes: number;
  readonly refs: EventRef[];
}

/** Keeps events reachable for samples within bounds: newest batches whole, then single rows of them, then heads. */
export class Bodies {
  readonly #limits: BodyLimits;
  readonly #recent: Recent[] = [];
  #recentBytes = 0;
  /** Events that came as objects, oldest first. */
  readonly #objects = new Lru<EventRef, true>();
  /** Rows that were kept together, and go together, oldest first. */
  readonly #kept: (readonly EventRef[])[] = [];
  #keptRows = 0;
  /** Bodies given up for space. */
  dropped = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Registers an event of a batch; call in the order of batches. */
  addRow(ref: EventRef): void {
    const batch = ref.batch!;
    let last = this.#recent.at(-1);
    if (last?.batch !== batch) {
      last = { batch, bytes: Math.max(1, batch.header.bodyBytes), refs: [] };
      this.#recent.push(last);
      this.#recentBytes += last.bytes;
      while (this.#recentBytes > this.#limits.recentBytes && this.#recent.length > 1) {
        this.#retire(this.#recent.shift()!);
      }
    }
    last.refs.push(ref);
  }

  /** Registers an event that came as an object. */
  addBody(ref: EventRef): void {
    this.#objects.set(ref, true);
    const oldest = this.#objects.size > this.#limits.bodies ? this.#objects.oldest()?.key : undefined;
    if (!oldest) return;
    this.#objects.delete(oldest);
    oldest.body = undefined;
    this.dropped++;
  }

  /** Call when the last series lets go of an event. */
  release(ref: EventRef): void {
    if (ref.body) this.#objects.delete(ref);
    ref.batch = undefined;
    ref.body = undefined;
    ref.kept = undefined;
  }

  /** Keeps of a batch only the rows that a sample is likely to show. */
  #retire({ batch, bytes, refs }: Recent): void {
    this.#recentBytes -= bytes;
    const wanted: EventRef[] = [];
    for (const ref of refs) {
      if (ref.uses === 0 || !ref.batch) continue;
      ref.batch = undefined;
      if (ref.wanted) wanted.push(ref);
      else this.dropped++;
    }
    // Rows that nobody refers to any more are counted too: their bytes stay until all of their batch go.
    const last = wanted.slice(-this.#limits.bodies);
    this.dropped += wanted.length - last.length;
    if (last.length === 0) return;
    const rows = keepRows(
      batch,
      Uint32Array.from(last, ({ row }) => row),
    );
    for (const [place, ref] of last.entries()) ref.kept = { rows, place };
    this.#kept.push(last);
    this.#keptRows += last.length;
    while (this.#keptRows > this.#limits.bodies) this.#forget(this.#kept.shift()!);
  }

  #forget(refs: readonly EventRef[]): void {
    this.#keptRows -= refs.length;
    for (const ref of refs) {
      if (!ref.kept) continue;
      ref.kept = undefined;
      this.dropped++;
    }
  }
}
