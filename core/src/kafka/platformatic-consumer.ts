import type { BaseOptions } from "@platformatic/kafka";
import type { ConsumerDeps, ConsumerSettings } from "./deps.ts";
import { fenced } from "./failure.ts";
import { Membership } from "./platformatic-member.ts";
import type { ConsumerHandlers, ConsumerOptions, KafkaConsumer, PartitionOffset } from "./types.ts";

const MiB = 2 ** 20;

/** Membership in a group through `@platformatic/kafka`, one at a time. */
export class PlatformaticConsumer implements KafkaConsumer {
  readonly #options: BaseOptions;
  readonly #settings: ConsumerSettings;
  readonly #deps: ConsumerDeps;
  #membership: Membership | undefined;
  #running: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(options: BaseOptions, settings: ConsumerOptions, deps: ConsumerDeps) {
    const { group, member, sessionTimeoutMs = 30_000, maxBytes = 8 * MiB } = settings;
    this.#options = options;
    this.#settings = { group, member, sessionTimeoutMs, maxBytes };
    this.#deps = deps;
  }

  get connected(): boolean {
    return this.#membership?.connected ?? false;
  }

  async run(topics: readonly string[], handlers: ConsumerHandlers, signal: AbortSignal): Promise<void> {
    if (this.#running) throw new Error("A consumer runs once at a time.");
    const either = AbortSignal.any([signal, this.#closing.signal]);
    this.#running = this.#run(topics, handlers, either);
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    if (!this.#membership) throw fenced(this.#settings.group, offsets);
    await this.#membership.commit(offsets);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running?.catch(() => {});
  }

  async #run(topics: readonly string[], handlers: ConsumerHandlers, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const membership = new Membership(this.#options, this.#settings, topics, handlers, this.#deps);
    this.#membership = membership;
    try {
      await membership.run(signal);
    } finally {
      await membership.leave();
      this.#membership = undefined;
    }
  }
}
