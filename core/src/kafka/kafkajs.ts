import { type Logger, messageOf } from "@vedette/sdk";
import kafkajs, { type Kafka as Client, type Producer, type SASLOptions } from "kafkajs";
import { consumerSettings, GroupConsumer } from "./consumer.ts";
import { type KafkaDeps, tlsOf } from "./deps.ts";
import { guard, isNamed } from "./failure.ts";
import { KafkajsStay } from "./kafkajs-stay.ts";
import { calmTimers } from "./kafkajs-timer.ts";
import { OrderedProducer, type Sender } from "./producer.ts";
import type { KafkaConnection } from "./settings.ts";
import type { Kafka, KafkaAdmin, OutgoingRecord, PartitionOffset, TopicSpec, TopicState } from "./types.ts";

// Node finds only some of the names that this CommonJS package exports.
const { ConfigResourceTypes, logLevel: levels } = kafkajs;

/** How long the number of partitions of a topic is believed, milliseconds. */
const countForMs = 30_000;

/** Kafka through `kafkajs`. */
export async function openKafkajs(settings: KafkaConnection, deps: KafkaDeps): Promise<Kafka> {
  calmTimers();
  const { brokers, clientId, sasl } = settings;
  const tls = await tlsOf(settings, deps.baseDir);
  const client = new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    // What fails for longer is tried again here, where it is seen and logged; the library must not start itself anew.
    retry: { initialRetryTime: 200, retries: 4, maxRetryTime: 5_000, restartOnFailure: async () => false },
    logLevel: levels.INFO,
    logCreator: () => logTo(deps.log),
    ...(tls && { ssl: tls }),
    ...(sasl && { sasl: { ...sasl, mechanism: sasl.mechanism.toLowerCase() } as SASLOptions }),
  });
  return {
    // Its idempotent producer is marked experimental and has lost records (kafkajs #1005); repeats are harmless to us.
    producer: async () => new OrderedProducer(new KafkajsSender(client, brokers)),
    consumer: async (options) =>
      new GroupConsumer(
        options.group,
        (topics, handlers) =>
          new KafkajsStay(client, consumerSettings(options), topics, handlers, { log: deps.log, brokers }),
      ),
    admin: async () => new KafkajsAdmin(client, brokers),
  };
}

/** What the library says goes to our log, quietly: whoever asked it for something is told of the failure and says so. */
const logTo =
  (log: Logger) =>
  ({ log: { message, ...fields } }: { log: { message: string } & object }): void => {
    const { error, groupId, broker } = fields as Record<string, unknown>;
    const reason = error === undefined ? undefined : messageOf(error);
    log.debug({ said: message, reason, groupId, broker }, "The library kafkajs has something to say.");
  };

class KafkajsSender implements Sender {
  readonly #producer: Producer;
  readonly #admin: ReturnType<Client["admin"]>;
  readonly #brokers: readonly string[];
  readonly #counts = new Map<string, { readonly count: number; readonly until: number }>();
  #connecting: Promise<unknown> | undefined;

  constructor(client: Client, brokers: readonly string[]) {
    this.#producer = client.producer({
      allowAutoTopicCreation: false,
      // The partition is chosen before, for both libraries alike.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    this.#admin = client.admin();
    this.#brokers = brokers;
  }

  async partitions(topic: string): Promise<number> {
    const known = this.#counts.get(topic);
    if (known && known.until > Date.now()) return known.count;
    return await guard({ brokers: this.#brokers, topic }, async () => {
      await this.#connected();
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
      const count = topics[0]?.partitions.length ?? 0;
      this.#counts.set(topic, { count, until: Date.now() + countForMs });
      return count;
    });
  }

  async send(topic: string, partition: number, records: readonly OutgoingRecord[]): Promise<bigint> {
    const messages = records.map(({ key, value, headers }) => ({
      ...{ value, partition },
      ...(key !== undefined && { key }),
      ...(headers && { headers: { ...headers } }),
    }));
    return await guard({ brokers: this.#brokers, topic }, async () => {
      await this.#connected();
      const [done] = await this.#producer.send({ topic, messages, acks: -1, timeout: 20_000 });
      return BigInt(done?.baseOffset ?? -1);
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#producer.disconnect(), this.#admin.disconnect()]);
  }

  async #connected(): Promise<void> {
    this.#connecting ??= Promise.all([this.#producer.connect(), this.#admin.connect()]);
    try {
      await this.#connecting;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }
}

class KafkajsAdmin implements KafkaAdmin {
  readonly #admin: ReturnType<Client["admin"]>;
  readonly #brokers: readonly string[];
  #connecting: Promise<void> | undefined;

  constructor(client: Client, brokers: readonly string[]) {
    this.#admin = client.admin();
    this.#brokers = brokers;
  }

  async partitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return await this.#ask({}, async (admin) => {
      const known = await admin.listTopics();
      const present = topics.filter((topic) => known.includes(topic));
      if (present.length === 0) return new Map();
      const metadata = await admin.fetchTopicMetadata({ topics: present });
      return new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]));
    });
  }

  async describe(topic: string): Promise<TopicState | undefined> {
    if (!(await this.partitions([topic])).has(topic)) return undefined;
    return await this.#ask({ topic }, async (admin) => {
      const cluster = await admin.describeCluster();
      const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = metadata.topics[0]?.partitions ?? [];
      return {
        brokers: cluster.brokers.length,
        partitions: partitions.length,
        replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
        inSync: Math.min(...partitions.map(({ isr }) => isr.length)),
        config: await configOf(admin, topic),
      };
    });
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    for (const { topic, partitions, replicas, config = {} } of topics) {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      // Answers false where the topic is there already.
      await this.#ask({ topic }, (admin) =>
        admin.createTopics({
          topics: [{ topic, numPartitions: partitions, replicationFactor: replicas, configEntries }],
        }),
      );
    }
  }

  async ends(topic: string): Promise<readonly PartitionOffset[]> {
    return await this.#ask({ topic }, async (admin) =>
      sorted(
        (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({
          ...{ topic, partition, offset: BigInt(high) },
        })),
      ),
    );
  }

  async committed(group: string, topic: string): Promise<readonly PartitionOffset[]> {
    return await this.#ask({ topic, group }, async (admin) => {
      const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      const places = (found?.partitions ?? []).map(({ partition, offset }) => ({
        ...{ topic, partition, offset: BigInt(offset) },
      }));
      return sorted(places.filter(({ offset }) => offset >= 0n));
    });
  }

  async close(): Promise<void> {
    await this.#admin.disconnect();
  }

  async #ask<T>(
    about: { readonly topic?: string; readonly group?: string },
    work: (admin: ReturnType<Client["admin"]>) => Promise<T>,
  ): Promise<T> {
    return await guard({ brokers: this.#brokers, ...about }, async () => {
      this.#connecting ??= this.#admin.connect();
      try {
        await this.#connecting;
      } catch (error) {
        this.#connecting = undefined;
        throw error;
      }
      return await work(this.#admin);
    });
  }
}

async function configOf(admin: ReturnType<Client["admin"]>, topic: string): Promise<Record<string, string>> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
    });
    const entries = resources[0]?.configEntries ?? [];
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  } catch (error) {
    if (isNamed(error, "TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED")) return {};
    throw error;
  }
}

const sorted = (places: PartitionOffset[]): PartitionOffset[] =>
  places.sort((one, other) => one.partition - other.partition);
