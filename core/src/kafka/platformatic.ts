import { isIP } from "node:net";
import { Admin, type BaseOptions, ConfigResourceTypes, ProduceAcks, Producer } from "@platformatic/kafka";
import { parseAddress } from "@vedette/sdk";
import { consumerSettings, GroupConsumer } from "./consumer.ts";
import { type KafkaDeps, tlsOf } from "./deps.ts";
import { guard, isNamed, kafkaError } from "./failure.ts";
import { PlatformaticStay } from "./platformatic-stay.ts";
import { OrderedProducer, type Sender } from "./producer.ts";
import type { KafkaConnection } from "./settings.ts";
import type { Kafka, KafkaAdmin, OutgoingRecord, PartitionOffset, TopicSpec, TopicState } from "./types.ts";

/** How the library is told of a connection. */
export async function platformaticOptions(settings: KafkaConnection, deps: KafkaDeps): Promise<BaseOptions> {
  const { brokers, clientId, sasl, tls } = settings;
  const tlsOptions = await tlsOf(settings, deps.baseDir);
  // Addresses have no name to ask for; the certificate is compared with the address all the same.
  const named = brokers.some((broker) => isIP(parseAddress(broker).host) === 0);
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    connectTimeout: 5_000,
    requestTimeout: 30_000,
    timeout: 20_000,
    retries: 3,
    retryDelay: 250,
    ...(tlsOptions && { tls: tlsOptions, tlsServerName: tls.serverName ?? named }),
    ...(sasl && { sasl }),
  };
}

/** Kafka through `@platformatic/kafka`. */
export async function openPlatformatic(settings: KafkaConnection, deps: KafkaDeps): Promise<Kafka> {
  const { brokers } = settings;
  const options = await platformaticOptions(settings, deps);
  return {
    producer: async ({ idempotent = true } = {}) =>
      new OrderedProducer(new PlatformaticSender(options, brokers, idempotent)),
    consumer: async (consumerOptions) =>
      new GroupConsumer(
        consumerOptions.group,
        (topics, handlers) =>
          new PlatformaticStay(options, consumerSettings(consumerOptions), topics, handlers, {
            ...{ log: deps.log, brokers },
          }),
      ),
    admin: async () => new PlatformaticAdmin(options, brokers),
  };
}

class PlatformaticSender implements Sender {
  readonly #producer: Producer<Buffer, Buffer, Buffer, Buffer>;
  readonly #brokers: readonly string[];

  constructor(options: BaseOptions, brokers: readonly string[], idempotent: boolean) {
    this.#producer = new Producer({ ...options, acks: ProduceAcks.ALL, idempotent });
    this.#brokers = brokers;
  }

  async partitions(topic: string): Promise<number> {
    const { topics } = await guard({ brokers: this.#brokers, topic }, () =>
      this.#producer.metadata({ topics: [topic] }),
    );
    return topics.get(topic)?.partitionsCount ?? 0;
  }

  async send(topic: string, partition: number, records: readonly OutgoingRecord[]): Promise<bigint> {
    const messages = records.map(({ key, value, headers }) => ({
      ...{ topic, partition, value },
      ...(key !== undefined && { key: Buffer.from(key) }),
      ...(headers && {
        headers: new Map(
          Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]),
        ),
      }),
    }));
    const { offsets } = await guard({ brokers: this.#brokers, topic }, () =>
      this.#producer.send({ messages }),
    );
    return offsets?.[0]?.offset ?? -1n;
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }
}

class PlatformaticAdmin implements KafkaAdmin {
  readonly #admin: Admin;
  readonly #brokers: readonly string[];

  constructor(options: BaseOptions, brokers: readonly string[]) {
    this.#admin = new Admin(options);
    this.#brokers = brokers;
  }

  async partitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const known = await guard({ brokers: this.#brokers }, () => this.#admin.listTopics());
    const present = topics.filter((topic) => known.includes(topic));
    const counts = new Map<string, number>();
    if (present.length === 0) return counts;
    const metadata = await guard({ brokers: this.#brokers, topic: present.join(", ") }, () =>
      this.#admin.metadata({ topics: present, forceUpdate: true }),
    );
    for (const [topic, { partitionsCount }] of metadata.topics) counts.set(topic, partitionsCount);
    return counts;
  }

  async describe(topic: string): Promise<TopicState | undefined> {
    if (!(await this.partitions([topic])).has(topic)) return undefined;
    const metadata = await guard({ brokers: this.#brokers, topic }, () =>
      this.#admin.metadata({ topics: [topic], forceUpdate: true }),
    );
    const partitions = metadata.topics.get(topic)?.partitions ?? [];
    return {
      brokers: metadata.brokers.size,
      partitions: partitions.length,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      inSync: Math.min(...partitions.map(({ isr }) => isr.length)),
      config: await this.#configOf(topic),
    };
  }

  async #configOf(topic: string): Promise<Record<string, string>> {
    try {
      const [found] = await this.#admin.describeConfigs({
        resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configurationKeys: [] }],
      });
      const configs = found?.configs ?? [];
      return Object.fromEntries(configs.map(({ name, value }) => [name, value ?? ""]));
    } catch (error) {
      if (isNamed(error, "TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED")) return {};
      throw kafkaError(error, { brokers: this.#brokers, topic });
    }
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    for (const { topic, partitions, replicas, config = {} } of topics) {
      const configs = Object.entries(config).map(([name, value]) => ({ name, value }));
      await guard({ brokers: this.#brokers, topic }, async () => {
        try {
          await this.#admin.createTopics({ topics: [topic], partitions, replicas, configs });
        } catch (error) {
          if (!isNamed(error, "TOPIC_ALREADY_EXISTS")) throw error;
        }
      });
    }
  }

  async ends(topic: string): Promise<readonly PartitionOffset[]> {
    const partitions = await this.#indexesOf(topic);
    const [found] = await guard({ brokers: this.#brokers, topic }, () =>
      this.#admin.listOffsets({
        topics: [
          {
            name: topic,
            partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp: -1n })),
          },
        ],
      }),
    );
    return sorted(
      (found?.partitions ?? []).map(({ partitionIndex, offset }) => ({
        topic,
        partition: partitionIndex,
        offset,
      })),
    );
  }

  async committed(group: string, topic: string): Promise<readonly PartitionOffset[]> {
    const partitionIndexes = await this.#indexesOf(topic);
    const [found] = await guard({ brokers: this.#brokers, topic, group }, () =>
      this.#admin.listConsumerGroupOffsets({
        groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes }] }],
      }),
    );
    const partitions = found?.topics.find(({ name }) => name === topic)?.partitions ?? [];
    return sorted(
      partitions
        .filter(({ committedOffset }) => committedOffset >= 0n)
        .map(({ partitionIndex, committedOffset }) => ({
          topic,
          partition: partitionIndex,
          offset: committedOffset,
        })),
    );
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }

  async #indexesOf(topic: string): Promise<number[]> {
    const metadata = await guard({ brokers: this.#brokers, topic }, () =>
      this.#admin.metadata({ topics: [topic], forceUpdate: true }),
    );
    return Array.from({ length: metadata.topics.get(topic)?.partitionsCount ?? 0 }, (_, index) => index);
  }
}

const sorted = (places: PartitionOffset[]): PartitionOffset[] =>
  places.sort((one, other) => one.partition - other.partition);
