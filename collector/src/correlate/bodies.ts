import { type Batch, type KeptRows, keepRows } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";
import { Lru } from "../bounded/index.ts";
import { type PackedId, packed } from "./event-ids.ts";
import type { Head, Remembered } from "./remembered.ts";
import type { RowHeads } from "./row-heads.ts";

/** An event on its way into what is remembered: its head, and where its body is to be had. */
export class EventRef implements Head {
  readonly time: number;
  readonly dataType: string;
  /** Of a row of a batch; it can be asked as long as the batch is looked at. */
  readonly heads: RowHeads | undefined;
  readonly row: number;
  /** Of an event that came as an object. */
  readonly body: Event | undefined;
  /** Its number where it is remembered (`EventMemory`), and the turn of that; -1 before. */
  number = -1;
  turn = 0;
  readonly #id: string;

  constructor(id: string, time: number, dataType: string, body?: Event, heads?: RowHeads, row = -1) {
    this.#id = id;
    this.time = time;
    this.dataType = dataType;
    this.body = body;
    this.heads = heads;
    this.row = row;
  }

  static ofRow(heads: RowHeads, row: number): EventRef {
    return new EventRef("", heads.timeOf(row), heads.batch.header.dataType, undefined, heads, row);
  }

  /** Void after the next call of anything. */
  key(): PackedId {
    return this.heads ? this.heads.keyOf(this.row) : packed(this.#id);
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
  /** The batch that is being looked at; an event. */
  from: Batch | Event | undefined;
  /** What is kept of a batch that was looked at. */
  rows: KeptRows | undefined;
  readonly kind: "rows" | "event";
  /** Its own, given anew when nobody has a body here. */
  readonly number: number;
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
  readonly #freeHolders: number[] = [];
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
    const holder = this.#holders[this.#events.holder(event)];
    if (holder?.rows) return holder.rows.event(this.#events.place(event));
    if (holder?.kind === "rows" && holder.from)
      return (holder.from as Batch).event(this.#events.place(event));
    if (holder?.from) return holder.from as Event;
    return {
      id: this.#events.id(event),
      "@timestamp": new Date(this.#events.time(event)).toISOString(),
      dataType: this.#events.dataType(event),
    };
  }

  /** Registers the body of an event. Rows of a batch are read from it until `settle`. */
  add(event: number, { heads, row, body }: EventRef): void {
    if (heads) this.#addRow(event, heads.batch, row);
    else this.#addObject(event, body!);
  }

  #addRow(event: number, batch: Batch, row: number): void {
    if (this.#current?.batch !== batch) {
      this.settle();
      this.#current = {
        batch,
        holder: this.#begin("rows", batch),
        events: [],
      };
    }
    const { holder, events } = this.#current!;
    events.push(event);
    this.#place(event, holder, row);
  }

  #addObject(event: number, body: Event): void {
    const holder = this.#begin("event", body);
    this.#place(event, holder, 0);
    this.#objects.set(holder, true);
    const oldest = this.#objects.size > this.#limits.bodies ? this.#objects.oldest()?.key : undefined;
    if (!oldest) return;
    this.#objects.delete(oldest);
    this.#empty(oldest);
  }

  #begin(kind: Holder["kind"], from: Batch | Event): Holder {
    const number = this.#freeHolders.pop() ?? this.#holders.length;
    const holder: Holder = { from, rows: undefined, kind, number, live: 0 };
    this.#holders[number] = holder;
    return holder;
  }

  /** Call when nobody holds an event any more. */
  release(event: number): void {
    const holder = this.#holders[this.#events.holder(event)];
    this.#events.setBody(event, -1, 0);
    if (!holder) return;
    if (holder.kind === "event") this.#objects.delete(holder);
    holder.live--;
    // Rows of the batch at hand may still come to it.
    if (holder.live === 0 && holder !== this.#current?.holder) this.#end(holder);
  }

  #end({ number }: Holder): void {
    this.#holders[number] = undefined;
    this.#freeHolders.push(number);
  }

  #place(event: number, holder: Holder, place: number): void {
    holder.live++;
    this.#events.setBody(event, holder.number, place);
  }

  #empty(holder: Holder): void {
    this.dropped += holder.live;
    holder.rows?.free();
    holder.rows = undefined;
    holder.from = undefined;
  }

  /** Copies out of the batch at hand what is remembered of it. The batch is not looked at any more. */
  settle(): void {
    const current = this.#current;
    if (!current) return;
    this.#current = undefined;
    const { batch, holder, events } = current;
    const rows = new Uint32Array(events.length);
    let count = 0;
    for (let at = 0; at < events.length; at++) {
      const event = events[at]!;
      const row = this.#events.place(event);
      // Below 0: a number that was given anew within the batch, and is done.
      if (this.#events.holder(event) !== holder.number || row < 0) continue;
      rows[count++] = row;
      this.#events.setBody(event, holder.number, -count);
    }
    for (let at = 0; at < events.length; at++) {
      const event = events[at]!;
      const place = this.#events.place(event);
      if (this.#events.holder(event) === holder.number && place < 0)
        this.#events.setBody(event, holder.number, -1 - place);
    }
    if (count === 0) {
      this.#end(holder);
      return;
    }
    holder.from = undefined;
    holder.rows = keepRows(batch, rows.subarray(0, count));
    const { bytes } = holder.rows;
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
