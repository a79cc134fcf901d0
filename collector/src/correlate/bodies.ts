import { type Batch, type CopiedRows, copyRows, freeBytes, openBody } from "@vedette/core/batch";
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
  /** Bytes of rows of batches that are kept; of older ones only id, time and data type stay. */
  readonly bodyBytes: number;
  /** Events kept that came as objects. */
  readonly bodies: number;
}

/** Where the bodies of one or more events are. It is emptied when they have to go. */
interface Holder {
  /** A batch, the one that is being looked at or one of copied rows; an event. */
  from: Batch | Event | undefined;
  /** Rows that nobody has asked for yet. */
  copied: CopiedRows | undefined;
  readonly kind: "rows" | "event";
  /** Events that have their body here. */
  live: number;
}

interface Current {
  readonly batch: Batch;
  readonly holder: Holder;
  /** Events that had their body here; some may be another event by now. */
  readonly events: number[];
}

/** Keeps events reachable for samples within bounds: copied rows of batches, events as they came, then heads. */
export class Bodies {
  readonly #limits: BodyLimits;
  readonly #events: Remembered;
  readonly #holders: (Holder | undefined)[] = [];
  /** By event: its row in a batch, or its place among kept rows. */
  readonly #places: number[] = [];
  #current: Current | undefined;
  /** Events that came as objects, oldest first. */
  readonly #objects = new Lru<Holder, true>();
  /** Rows that were kept together, and go together, oldest first. */
  readonly #kept: { readonly holder: Holder; readonly bytes: number }[] = [];
  #keptBytes = 0;
  /** Bodies given up for space. */
  dropped = 0;

  constructor(limits: BodyLimits, events: Remembered) {
    this.#limits = limits;
    this.#events = events;
  }

  /** The event; only its head when its body had to go. */
  event(event: number): Event {
    const holder = this.#holders[event];
    if (holder?.copied) {
      // Opened once: an alert often shows several of them.
      holder.from = openBody(holder.copied.header, holder.copied.body);
      holder.copied = undefined;
    }
    if (holder?.kind === "rows" && holder.from) return (holder.from as Batch).event(this.#places[event]!);
    if (holder?.from) return holder.from as Event;
    return {
      id: this.#events.id(event),
      "@timestamp": new Date(this.#events.time(event)).toISOString(),
      dataType: this.#events.dataType(event),
    };
  }

  /** Registers the body of an event. Rows of a batch are read from it until `settle`. */
  add(event: number, { batch, row, body }: EventRef): void {
    if (batch) this.#addRow(event, batch, row);
    else this.#addObject(event, body!);
  }

  #addRow(event: number, batch: Batch, row: number): void {
    if (this.#current?.batch !== batch) {
      this.settle();
      this.#current = {
        batch,
        holder: { from: batch, copied: undefined, kind: "rows", live: 0 },
        events: [],
      };
    }
    const { holder, events } = this.#current!;
    events.push(event);
    this.#place(event, holder, row);
  }

  #addObject(event: number, body: Event): void {
    const holder: Holder = { from: body, copied: undefined, kind: "event", live: 0 };
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
    if (holder.copied) freeBytes(holder.copied.body);
    holder.copied = undefined;
    holder.from = undefined;
  }

  /**
   * Copies out of the batch at hand what is remembered of it. The batch is not looked at any more. Where its rows are in `own` by
   * themselves and all of them are remembered, that is copied as it is.
   */
  settle(own?: CopiedRows): void {
    const current = this.#current;
    if (!current) return;
    this.#current = undefined;
    const { batch, holder, events } = current;
    const rows = new Uint32Array(events.length);
    let count = 0;
    for (const event of events) {
      if (this.#holders[event] !== holder) continue;
      rows[count] = this.#places[event]!;
      this.#places[event] = count++;
    }
    if (count === 0) return;
    holder.from = undefined;
    const all = own && count === own.header.rows && rows.every((row, place) => row === place);
    holder.copied = all ? copied(own) : copyRows(batch, rows.subarray(0, count));
    const bytes = holder.copied.body.length;
    this.#kept.push({ holder, bytes });
    this.#keptBytes += bytes;
    // The newest stay, whatever their size.
    while (this.#keptBytes > this.#limits.bodyBytes && this.#kept.length > 1) {
      const oldest = this.#kept.shift()!;
      this.#keptBytes -= oldest.bytes;
      this.#empty(oldest.holder);
    }
  }
}

function copied({ header, body }: CopiedRows): CopiedRows {
  const own = Buffer.allocUnsafeSlow(body.length);
  own.set(body);
  return { header, body: own };
}
