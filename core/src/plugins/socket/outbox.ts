import { type Deps, messageOf } from "@vedette/sdk";
import { Backoff, wait } from "@vedette/sdk/input";
import { type PluginClient, PluginError } from "./plugin-client.ts";

/** How often one thing is tried where the plugin is away. */
const maxTries = 20;

export interface OutboxDeps extends Deps {
  readonly method: string;
  /** How many may wait. */
  readonly queue: number;
  readonly inFlight: number;
  /** Told of something that the plugin did not take. */
  readonly dropped: (why: string) => void;
}

/**
 * What one plugin is to be told, in the order of its coming. Nobody waits for the plugin: what finds no room, or finds the
 * plugin away for too long, is dropped and counted.
 */
export class Outbox {
  readonly client: PluginClient;
  readonly #deps: OutboxDeps;
  readonly #queue: Uint8Array[] = [];
  #head = 0;
  #active = 0;
  readonly drops: Partial<Record<"queue_full" | "away" | "failed", number>> = {};

  constructor(client: PluginClient, deps: OutboxDeps) {
    this.client = client;
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#queue.length - this.#head + this.#active;
  }

  add(message: Uint8Array): void {
    if (this.waiting >= this.#deps.queue) {
      this.#drop("queue_full", "The queue of the plugin is full.");
      return;
    }
    this.#queue.push(message);
    if (this.#active < this.#deps.inFlight) void this.#work();
  }

  async #work(): Promise<void> {
    this.#active++;
    try {
      for (let next = this.#next(); next && !this.#deps.signal.aborted; next = this.#next())
        await this.#send(next);
    } finally {
      this.#active--;
    }
  }

  #next(): Uint8Array | undefined {
    const next = this.#queue[this.#head];
    if (next === undefined) return undefined;
    this.#head++;
    if (this.#head > 1_024 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    return next;
  }

  async #send(message: Uint8Array): Promise<void> {
    const { signal, method } = this.#deps;
    const backoff = new Backoff(250, 5_000);
    for (let tries = 1; ; tries++) {
      try {
        await this.client.unary(method, message);
        return;
      } catch (error) {
        const isAway = error instanceof PluginError && error.isAway;
        if (!isAway || tries >= maxTries || signal.aborted) {
          this.#drop(isAway ? "away" : "failed", messageOf(error));
          return;
        }
        await wait(backoff.next(), signal);
      }
    }
  }

  #drop(reason: keyof Outbox["drops"], why: string): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + 1;
    this.#deps.dropped(why);
  }
}
