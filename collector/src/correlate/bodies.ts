import { type Batch, type KeptRows, keepRows } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";
import { Lru } from "../bounded/index.ts";
import type { Head, Remembered } from "./remembered.ts";

/** An event on its way into history: its head, and where its body is to be had. */
export class EventRef implements Head {
  readonly id: string;
  readonly time: number;
  readonly dataType: string;
  readonly batch: Batch | undefined;
  readonly row: number;
  readonly body: Event | undefined;

  constructor(id: string, time: number, dataType: string, from: { batch: Batch; row: number } | Event) {
    this.id = id;
    this.time = time;
    this.dataType = dataType;
    const isRow = "batch" in from && "row" in from;
    this.batch = isRow ? (from.batch as Batch) : undefined;
    this.row = isRow ? (from.row as number) : -1;
    this.body = isRow ? undefined : (from as Event);
  }
}

export interface BodyLimits {
  /** Uncompressed bytes of recent batches kept whole. */
  readonly recentBytes: number;
  /** Bodies of older events kept; of still older or lone ones only id, time and data type stay. */
  readonly bodies: number;
}

/** Where the bodies of one or more events are. It is emptied when they have to go. */
interface Holder {
  from: Pick<KeptRows, "event"> | Event | undefined;
  readonly kind: "rows" | "event";
  /** Events that have their body here. */
  live: number;
}

interface Recent {
  readonly batch: Batch;
  readonly bytes: number;
  readonly holder: Holder;
  /** Events that had their body here; some may have it elsewhere by now, or be another event. */
  readonly events: number[];
}

/** Keeps events reachable for samples within bounds: newest batches whole, then single rows of them, then heads. */
export class Bodies {
  readonly #limits: BodyLimits;
  readonly #events: Remembered;
  readonly #holders: (Holder | undefined)[] = [];
  /** By event: its row in a batch, or its place among kept rows. */
  readonly #places: number[] = [];
  readonly #recent: Recent[] = [];
  #recentBytes = 0;
  /** Events that came as objects, oldest first. */
  readonly #objects = new Lru<Holder, true>();
  /** Rows that were kept together, and go together, oldest first. */
  readonly #kept: { readonly holder: Holder; readonly count: number }[] = [];
  #keptRows = 0;
  /** Bodies given up for space. */
  dropped = 0;

  constructor(limits: BodyLimits, events: Remembered) {
    this.#limits = limits;
    this.#events = events;
  }

  /** The event; only its head when its body had to go. */
  event(event: number): Event {
    const holder = this.#holders[event];
    if (holder?.kind === "rows" && holder.from) return (holder.from as KeptRows).event(this.#places[event]!);
    if (holder?.from) return holder.from as Event;
    return {
      id: this.#events.id(event),
      "@timestamp": new Date(this.#events.time(event)).toISOString(),
      dataType: this.#events.dataType(event),
    };
  }

  /** Registers the body of an event; of rows of batches in the order of batches. */
  add(event: number, { batch, row, body }: EventRef): void {
    if (batch) this.#addRow(event, batch, row);
    else this.#addObject(event, body!);
  }

  #addRow(event: number, batch: Batch, row: number): void {
    let last = this.#recent.at(-1);
    if (last?.batch !== batch) {
      const bytes = Math.max(1, batch.header.bodyBytes);
      last = { batch, bytes, holder: { from: batch, kind: "rows", live: 0 }, events: [] };
      this.#recent.push(last);
      this.#recentBytes += bytes;
      while (this.#recentBytes > this.#limits.recentBytes && this.#recent.length > 1) {
        this.#retire(this.#recent.shift()!);
      }
    }
    last.events.push(event);
    this.#place(event, last.holder, row);
  }

  #addObject(event: number, body: Event): void {
    const holder: Holder = { from: body, kind: "event", live: 0 };
    this.#place(event, holder, 0);
    this.#objects.set(holder, true);
    const oldest = this.#objects.size > this.#limits.bodies ? this.#objects.oldest()?.key : undefined;
    if (!oldest) return;
    this.#objects.delete(oldest);
    this.#empty(oldest);
  }

  /** Call when the last series lets go of an event. */
  release(event: number): void {
    const holder = this.#holders[event];
    if (holder?.kind === "event") this.#objects.delete(holder);
    this.#place(event, undefined, 0);
  }

  #place(event: number, holder: Holder | undefined, place: number): void {
    const before = this.#holders[event];
    if (before) before.live--;
    if (holder) holder.live++;
    this.#holders[event] = holder;
    this.#places[event] = place;
  }

  #empty(holder: Holder): void {
    this.dropped += holder.live;
    holder.from = undefined;
  }

  /** Keeps of a batch only the rows that a sample is likely to show. */
  #retire({ batch, bytes, holder, events }: Recent): void {
    this.#recentBytes -= bytes;
    const kept: Holder = { from: undefined, kind: "rows", live: 0 };
    const wanted: number[] = [];
    const rows: number[] = [];
    for (const event of events) {
      if (this.#holders[event] !== holder || !this.#events.isWanted(event)) continue;
      rows.push(this.#places[event]!);
      this.#place(event, kept, wanted.length);
      wanted.push(event);
    }
    this.#empty(holder);
    const over = Math.max(0, wanted.length - this.#limits.bodies);
    for (let i = 0; i < over; i++) this.#place(wanted[i]!, undefined, 0);
    for (let i = over; i < wanted.length; i++) this.#places[wanted[i]!] = i - over;
    this.dropped += over;
    if (wanted.length === over) return;
    kept.from = keepRows(batch, Uint32Array.from(rows.slice(over)));
    // Rows that nobody refers to any more are counted too: their bytes stay until all of their batch go.
    this.#kept.push({ holder: kept, count: wanted.length - over });
    this.#keptRows += wanted.length - over;
    while (this.#keptRows > this.#limits.bodies) {
      const oldest = this.#kept.shift()!;
      this.#keptRows -= oldest.count;
      this.#empty(oldest.holder);
    }
  }
}
