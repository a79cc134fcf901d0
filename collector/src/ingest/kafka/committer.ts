import type { KafkaConsumer } from "@vedette/core/kafka";
import { isVedetteError, type Logger, messageOf } from "@vedette/sdk";
import type { KafkaMetrics } from "./metrics.ts";
import type { Partition } from "./partition.ts";

/** How long finished records gather before their offsets are committed. */
const everyMs = 100;
const afterFailureMs = 1_000;

/**
 * Commits how far partitions are done, soon after they got there. A commit that fails costs nothing but a repeat: the next
 * one says the same or more.
 */
export class Committer {
  readonly #consumer: KafkaConsumer;
  readonly #partitions: () => Iterable<Partition>;
  readonly #metrics: KafkaMetrics;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(
    consumer: KafkaConsumer,
    partitions: () => Iterable<Partition>,
    metrics: KafkaMetrics,
    log: Logger,
  ) {
    this.#consumer = consumer;
    this.#partitions = partitions;
    this.#metrics = metrics;
    this.#log = log;
  }

  /** Commits before long. */
  soon(delayMs = everyMs): void {
    if (this.#ended) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.now();
    }, delayMs);
  }

  /** Commits what is due. Never rejects. */
  now(): Promise<void> {
    this.#last = this.#last.then(() => this.#commit());
    return this.#last;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  async #commit(): Promise<void> {
    const due = [...this.#partitions()].flatMap(({ of, progress }) => {
      const offset = progress.due;
      return offset === undefined ? [] : [{ of, progress, offset }];
    });
    if (due.length === 0) return;
    try {
      await this.#consumer.commit(due.map(({ of, offset }) => ({ ...of, offset })));
      for (const { progress, offset } of due) progress.committed(offset);
      this.#metrics.commits.add(1, { result: "ok" });
    } catch (error) {
      const fenced = isVedetteError(error) && error.code === "transport.fenced";
      this.#metrics.commits.add(1, { result: fenced ? "fenced" : "failed" });
      this.#log.warn({ reason: messageOf(error) }, "Kafka did not take the places reached.");
      this.soon(afterFailureMs);
    }
  }
}
