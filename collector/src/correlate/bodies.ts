import type { Batch } from "@vedette/core/batch";
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
  /** Bodies of older events kept as objects; of still older or lone ones only id, time and data type stay. */
  readonly bodies: number;
}

interface Recent {
  readonly batch: Batch;
  readonly bytes: number;
  readonly refs: EventRef[];
}

/** Keeps events reachable for samples within bounds: newest batches whole, then single bodies, then heads. */
export class Bodies {
  readonly #limits: BodyLimits;
  readonly #recent: Recent[] = [];
  #recentBytes = 0;
  readonly #kept = new Lru<EventRef, true>();
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
    this.#kept.set(ref, true);
    const oldest = this.#kept.size > this.#limits.bodies ? this.#kept.oldest()?.key : undefined;
    if (!oldest) return;
    this.#kept.delete(oldest);
    oldest.body = undefined;
    this.dropped++;
  }

  /** Call when the last series lets go of an event. */
  release(ref: EventRef): void {
    this.#kept.delete(ref);
    ref.batch = undefined;
    ref.body = undefined;
  }

  #retire({ bytes, refs }: Recent): void {
    this.#recentBytes -= bytes;
    for (const ref of refs) {
      if (ref.uses === 0 || !ref.batch) continue;
      if (ref.wanted) {
        ref.body = ref.batch.event(ref.row);
        this.addBody(ref);
      } else this.dropped++;
      ref.batch = undefined;
    }
  }
}
