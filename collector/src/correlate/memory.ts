import { Bodies, type BodyLimits, type EventRef } from "./bodies.ts";
import { Remembered } from "./remembered.ts";

/**
 * The events that history and windows remember, by number. Each is there once, and its row is copied once, whoever holds it; it stays as
 * long as somebody does, its body within bounds.
 */
export class EventMemory {
  readonly events = new Remembered();
  readonly bodies: Bodies;
  readonly #forgetting: ((event: number) => void)[] = [];

  constructor(limits: BodyLimits) {
    this.bodies = new Bodies(limits, this.events);
  }

  /** Has `forget` called with each number that nobody holds any more, before it is given anew. */
  onForget(forget: (event: number) => void): void {
    this.#forgetting.push(forget);
  }

  /** Holds an event and gives its number: the one that it has already, if somebody holds it. */
  hold(ref: EventRef): number {
    const { events } = this;
    if (ref.number < 0 || events.turn(ref.number) !== ref.turn) {
      ref.number = events.add(ref);
      ref.turn = events.turn(ref.number);
      this.bodies.add(ref.number, ref);
    }
    events.use(ref.number);
    return ref.number;
  }

  /** Lets go of an event. */
  release(event: number): void {
    if (this.events.unuse(event) > 0) return;
    for (const forget of this.#forgetting) forget(event);
    this.bodies.release(event);
    this.events.free(event);
  }

  /** Copies what is held of the batch that was looked at last, which may then be freed. */
  settle(): void {
    this.bodies.settle();
  }
}
