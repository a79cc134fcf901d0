import type { Event } from "@vedette/sdk";
import type { EventRef } from "../bodies.ts";
import type { EventMemory } from "../memory.ts";

/** What has samples. */
interface Group {
  readonly samples: (number | EventRef)[];
  fresh: boolean;
}

/** Events that alerts may show, by number; each as long as somebody holds it, within the bounds of bodies. */
export class Samples {
  readonly #memory: EventMemory;

  constructor(memory: EventMemory) {
    this.#memory = memory;
  }

  get dropped(): number {
    return this.#memory.bodies.dropped;
  }

  /** Holds an event and gives its number. */
  hold(ref: EventRef): number {
    return this.#memory.hold(ref);
  }

  /** Lets go of an event. */
  release(event: number): void {
    this.#memory.release(event);
  }

  /** Gives all samples of a group numbers. */
  number(group: Group): number[] {
    const { samples } = group;
    if (group.fresh) {
      for (let at = 0; at < samples.length; at++) {
        const each = samples[at]!;
        if (typeof each !== "number") samples[at] = this.hold(each);
      }
      group.fresh = false;
    }
    return samples as number[];
  }

  again(event: number): number {
    this.#memory.events.use(event);
    return event;
  }
  id(event: number): string {
    return this.#memory.events.id(event);
  }
  time(event: number): number {
    return this.#memory.events.time(event);
  }
  event(event: number): Event {
    return this.#memory.bodies.event(event);
  }

  /** Copies what is held of the batch that was looked at last, which may then be freed. */
  settle(): void {
    this.#memory.settle();
  }
}
