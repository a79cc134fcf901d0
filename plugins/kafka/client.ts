import { Consumer, type ConsumerOptions } from "@platformatic/kafka";
import { tlsClientOptions } from "@vedette/sdk";
import type { Settings } from "./settings.ts";

/** One record as the input sees it. */
export interface KafkaMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Of the leader that gave the record; goes back with a commit. */
  readonly leaderEpoch: number;
  /** Milliseconds since 1970, as producer or broker wrote it. */
  readonly timestamp: number;
  readonly key: Buffer | undefined;
  readonly value: Buffer | undefined;
  readonly headers: ReadonlyMap<Buffer, Buffer>;
}

/** The next offset that the group should read of a partition. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

export interface KafkaClientEvents {
  /** The group gave partitions to this member; those of before and not among them are lost. */
  assigned(partitions: readonly { readonly topic: string; readonly partition: number }[]): void;
}

type Bytes = ConsumerOptions<Buffer, Buffer, Buffer, Buffer>;

/**
 * Membership in a consumer group: everything that knows the library `@platformatic/kafka`. Records come one by one; what is
 * not taken is not fetched.
 */
export class KafkaClient {
  readonly #consumer: Consumer;
  readonly #settings: Settings;

  private constructor(consumer: Consumer, settings: Settings) {
    this.#consumer = consumer;
    this.#settings = settings;
  }

  static async open(
    settings: Settings,
    clientId: string,
    baseDir: string,
    events: KafkaClientEvents,
  ): Promise<KafkaClient> {
    const { tls, sasl, sessionTimeoutSeconds } = settings;
    const options: Bytes = {
      clientId,
      groupId: settings.groupId,
      bootstrapBrokers: [...settings.brokers],
      autocommit: false,
      sessionTimeout: sessionTimeoutSeconds * 1_000,
      rebalanceTimeout: Math.max(60_000, sessionTimeoutSeconds * 1_000),
      heartbeatInterval: Math.min(3_000, (sessionTimeoutSeconds * 1_000) / 3),
      connectTimeout: 10_000,
      retries: 3,
      ...(tls.enabled && {
        tls: await tlsClientOptions(tls, baseDir),
        tlsServerName: tls.serverName ?? true,
      }),
      ...(sasl && { sasl }),
    };
    const consumer = new Consumer(options);
    const client = new KafkaClient(consumer, settings);
    consumer.on("consumer:group:join", () => {
      const assignments = consumer.assignments ?? [];
      events.assigned(
        assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition }))),
      );
    });
    return client;
  }

  /** The identities of the topics, which a topic made anew under its old name does not share. */
  async topicIds(): Promise<ReadonlyMap<string, string>> {
    const { topics } = await this.#consumer.metadata({
      topics: [...this.#settings.topics],
      forceUpdate: true,
    });
    return new Map([...topics].map(([topic, { id }]) => [topic, id.replaceAll("-", "")]));
  }

  /** Records from the group's places on, until the signal aborts. Throws where the connection or the group is lost. */
  async *messages(signal: AbortSignal): AsyncGenerator<KafkaMessage> {
    const { topics, startAt, fetchBytes, readUncommitted } = this.#settings;
    const stream = await this.#consumer.consume({
      topics: [...topics],
      mode: "committed",
      fallbackMode: startAt,
      autocommit: false,
      maxBytes: fetchBytes,
      maxBytesPerPartition: fetchBytes,
      maxWaitTime: 1_000,
      isolationLevel: readUncommitted ? 0 : 1,
    });
    const stop = (): void => void stream.destroy();
    signal.addEventListener("abort", stop, { once: true });
    try {
      if (signal.aborted) return;
      for await (const message of stream) {
        if (signal.aborted) return;
        const { topic, partition, leaderEpoch, headers } = message;
        yield {
          ...{ topic, partition, leaderEpoch, headers },
          offset: Number(message.offset),
          timestamp: Number(message.timestamp),
          key: message.key ?? undefined,
          value: message.value ?? undefined,
        };
      }
      if (!signal.aborted) throw new Error("The stream of records ended.");
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      stream.destroy();
    }
  }

  /** Tells the group its new places. Rejects where this member is no longer one of it. */
  async commit(places: readonly Place[]): Promise<void> {
    await this.#consumer.commit({
      offsets: places.map(({ offset, ...place }) => ({ ...place, offset: BigInt(offset) })),
    });
  }

  /** Leaves the group, so that its partitions go to others at once. */
  async close(): Promise<void> {
    await this.#consumer.close(true);
  }
}
