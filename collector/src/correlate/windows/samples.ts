import type { CopiedRows } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";
import { Bodies, type BodyLimits, type EventRef } from "../bodies.ts";
import { Remembered } from "../remembered.ts";

/** What has samples. */
interface Group {
  readonly samples: (number | EventRef)[];
  fresh: boolean;
}

/** Events that alerts may show, by number; each as long as somebody holds it, within the bounds of bodies. */
export class Samples {
  readonly #events = new Remembered(false);
  readonly #bodies: Bodies;
  #lastRef: EventRef | undefined;
  #last = -1;

  constructor(limits: BodyLimits) {
    this.#bodies = new Bodies(limits, this.#events);
  }

  get dropped(): number {
    return this.#bodies.dropped;
  }

  /** Holds an event and gives its number. */
  hold(ref: EventRef): number {
    if (ref !== this.#lastRef || this.#events.uses(this.#last) === 0) {
      this.#last = this.#events.add(ref, 0);
      this.#lastRef = ref;
      this.#bodies.add(this.#last, ref);
    }
    this.#events.use(this.#last);
    return this.#last;
  }

  /** Lets go of an event. */
  release(event: number): void {
    if (this.#events.unuse(event) > 0) return;
    this.#bodies.release(event);
    this.#events.free(event);
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
    this.#events.use(event);
    return event;
  }
  id(event: number): string {
    return this.#events.id(event);
  }
  time(event: number): number {
    return this.#events.time(event);
  }
  event(event: number): Event {
    return this.#bodies.event(event);
  }

  /** Copies what is held of the batch that was looked at last, which may then be freed. */
  settle(own?: CopiedRows): void {
    this.#bodies.settle(own);
    this.#lastRef = undefined;
  }
}
