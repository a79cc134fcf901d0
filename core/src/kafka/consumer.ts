import { fenced } from "./failure.ts";
import type { ConsumerHandlers, ConsumerOptions, KafkaConsumer, PartitionOffset } from "./types.ts";

const MiB = 2 ** 20;

/** The options of a consumer with their defaults. */
export interface ConsumerSettings {
  readonly group: string;
  readonly member: string | undefined;
  readonly sessionTimeoutMs: number;
  readonly maxBytes: number;
}

export const consumerSettings = ({
  group,
  member,
  sessionTimeoutMs = 30_000,
  maxBytes = 8 * MiB,
}: ConsumerOptions): ConsumerSettings => ({ group, member, sessionTimeoutMs, maxBytes });

/** One stay in a group, from joining it to leaving it. */
export interface Stay {
  readonly connected: boolean;
  /** Takes part until the signal aborts, then gives the partitions back in good order. */
  run(signal: AbortSignal): Promise<void>;
  commit(offsets: readonly PartitionOffset[]): Promise<void>;
  leave(): Promise<void>;
}

/** A consumer, whatever the library: each run is one stay in the group. */
export class GroupConsumer implements KafkaConsumer {
  readonly #group: string;
  readonly #enter: (topics: readonly string[], handlers: ConsumerHandlers) => Stay;
  readonly #closing = new AbortController();
  #stay: Stay | undefined;
  #running: Promise<void> | undefined;

  constructor(group: string, enter: (topics: readonly string[], handlers: ConsumerHandlers) => Stay) {
    this.#group = group;
    this.#enter = enter;
  }

  get connected(): boolean {
    return this.#stay?.connected ?? false;
  }

  async run(topics: readonly string[], handlers: ConsumerHandlers, signal: AbortSignal): Promise<void> {
    if (this.#running) throw new Error("A consumer runs once at a time.");
    this.#running = this.#run(topics, handlers, AbortSignal.any([signal, this.#closing.signal]));
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    if (!this.#stay) throw fenced(this.#group, offsets);
    await this.#stay.commit(offsets);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running?.catch(() => {});
  }

  async #run(topics: readonly string[], handlers: ConsumerHandlers, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const stay = this.#enter(topics, handlers);
    this.#stay = stay;
    try {
      await stay.run(signal);
    } finally {
      await stay.leave();
      this.#stay = undefined;
    }
  }
}

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
