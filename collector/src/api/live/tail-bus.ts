import type { Batch } from "@vedette/core/batch";
import type { Clock, Event } from "@vedette/sdk";

/** Takes newly stored events; `skipped` more were stored and not shown, because there were too many to look at. */
export type TailListener = (events: readonly Event[], skipped: number) => void;

/** Events a second that are made into objects for live tails, whatever the number of clients. */
const eventsPerSecond = 5_000;
const maxListeners = 32;

/** Hands newly stored batches to live tails. Costs nothing while nobody watches. */
export class TailBus {
  readonly #listeners = new Set<TailListener>();
  readonly #clock: Clock;
  #budget = eventsPerSecond;
  #refilled: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#refilled = clock.now();
  }

  /** Starts listening; undefined when there are too many listeners already. Call the answer to stop. */
  subscribe(listener: TailListener): (() => void) | undefined {
    if (this.#listeners.size >= maxListeners) return undefined;
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Called with each batch after it is stored. Never throws, never waits. */
  publish(batch: Batch): void {
    if (this.#listeners.size === 0) return;
    const rows = Math.min(batch.rows, this.#refill());
    this.#budget -= rows;
    const events = Array.from({ length: rows }, (_, row) => batch.event(row));
    for (const listener of this.#listeners) listener(events, batch.rows - rows);
  }

  #refill(): number {
    const now = this.#clock.now();
    // A clock that was set back must not keep tails dark until it has caught up.
    if (now < this.#refilled) this.#refilled = now;
    const earned = Math.floor(((now - this.#refilled) / 1000) * eventsPerSecond);
    if (earned > 0) {
      this.#budget = Math.min(eventsPerSecond, this.#budget + earned);
      this.#refilled = now;
    }
    return this.#budget;
  }
}
