import type { Health, Input, InputSink, Position } from "@vedette/sdk";
import type { EventSink } from "./event-sink.ts";

/** A task or a trigger that runs until its signal aborts. */
export interface Source {
  run(): Promise<void>;
  health(): Health;
  close?(): Promise<void>;
}

/** How long a stopping input waits for what it has pushed, milliseconds. What is not on disk then is fetched again. */
const patienceMs = 1_000;

/** A component of a plugin as an input of the agent. */
export class IconInput implements Input {
  readonly #source: Source;
  readonly #events: EventSink;
  readonly #signal: AbortSignal;

  constructor(source: Source, events: EventSink, signal: AbortSignal) {
    this.#source = source;
    this.#events = events;
    this.#signal = signal;
  }

  async run(sink: InputSink): Promise<void> {
    this.#events.into(sink);
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      timer = setTimeout(() => this.#events.giveUp(), patienceMs);
    };
    this.#signal.addEventListener("abort", stop, { once: true });
    try {
      await this.#source.run();
    } catch (error) {
      // Rows that did not reach the disk in time: their cursor has not moved.
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#signal.removeEventListener("abort", stop);
      clearTimeout(timer);
    }
  }

  durable(position: Position): void {
    this.#events.durable(position);
  }

  health(): Health {
    return this.#source.health();
  }

  async close(): Promise<void> {
    this.#events.giveUp();
    await this.#source.close?.();
  }
}
