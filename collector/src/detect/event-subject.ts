import { type Doc, docOf } from "@vedette/core/pipeline";
import type { Event } from "@vedette/sdk";
import { EventRef, eventTime, type PackedId, packed } from "../correlate/index.ts";
import type { Subject } from "./engine.ts";

/** An event object for the engine. `now` stands in where the event has no readable time. */
export class EventSubject implements Subject {
  readonly doc: Doc;
  readonly id: string;
  readonly time: number;
  readonly seq: number;
  readonly #event: Event;
  #ref: EventRef | undefined;

  constructor(event: Event, seq: number, now: number) {
    const read = Date.parse(event["@timestamp"] ?? "");
    const device = Date.parse(event.deviceTime ?? "");
    this.doc = docOf(event);
    this.id = event.id ?? "";
    this.time = eventTime(Number.isNaN(read) ? now : read, Number.isNaN(device) ? undefined : device);
    this.seq = seq;
    this.#event = event;
  }

  key(): PackedId {
    return packed(this.id);
  }
  event(): Event {
    return this.#event;
  }
  ref(): EventRef {
    this.#ref ??= new EventRef(this.id, this.time, this.#event.dataType ?? "", this.#event);
    return this.#ref;
  }
}
