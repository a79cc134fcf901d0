import type {
  ConsumerHandlers,
  IncomingRecord,
  Kafka,
  KafkaConsumer,
  TopicPartition,
} from "@vedette/core/kafka";
import { rateLimited, type Telemetry } from "@vedette/core/telemetry";
import { type Deps, isVedetteError, messageOf } from "@vedette/sdk";
import { pause } from "../../bounded/index.ts";
import type { KafkaIngestConfig } from "../../config/index.ts";
import type { Agents } from "../agents.ts";
import { Budget } from "../budget.ts";
import type { Intake, Receipt } from "../intake.ts";
import { Committer } from "./committer.ts";
import { askLag, type Lags } from "./lag.ts";
import { type KafkaGauges, type KafkaMetrics, kafkaMetrics } from "./metrics.ts";
import { Partition } from "./partition.ts";
import { ensureTopic } from "./topic.ts";

/** What this collector knows of its part of the topic. */
export interface KafkaStatus {
  readonly topic: string;
  readonly group: string;
  readonly connected: boolean;
  readonly partitions: readonly {
    readonly partition: number;
    /** Batches that are not done, as last asked for. */
    readonly lag: number;
    /** Batches being stored, or waiting for an earlier one. */
    readonly inFlight: number;
  }[];
  readonly problem?: string;
}

export interface KafkaIngestDeps extends Deps {
  readonly open: () => Promise<Kafka>;
  readonly intake: Intake;
  readonly agents: Agents;
  readonly telemetry: Telemetry;
  /** Learns what other collectors have stored. Rejects only when the signal aborts. */
  readonly refresh: (signal: AbortSignal) => Promise<void>;
  /** Bytes of batches held at the same time. */
  readonly maxBytes: number;
}

const firstWaitMs = 500;
const lastWaitMs = 30_000;
/** What a partition that is taken away gets to finish what was begun. */
const graceMs = 3_000;
const lagEveryMs = 10_000;

/**
 * Takes batches from a topic as a member of a consumer group. An offset is committed only when its batch and all before it
 * have a receipt, so a crash at any point repeats batches and loses none; the ledger and the store drop repeats.
 */
export class KafkaIngest {
  readonly #config: KafkaIngestConfig;
  readonly #deps: KafkaIngestDeps;
  readonly #metrics: KafkaMetrics;
  readonly #budget: Budget;
  readonly #partitions = new Map<number, Partition>();
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal;
  readonly #ended: Promise<void>;
  readonly #warn: (fields: object, message: string) => void;
  #consumer: KafkaConsumer | undefined;
  #committer: Committer | undefined;
  /** Resolves when the ledger knows what was stored before the latest partitions came. */
  #informed: Promise<void> = Promise.resolve();
  #lags: Lags = new Map();
  #problem: string | undefined;

  /** Begins at once and comes back from every failure by itself. */
  constructor(config: KafkaIngestConfig, deps: KafkaIngestDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#budget = new Budget(deps.maxBytes);
    this.#metrics = kafkaMetrics(deps.telemetry, () => this.#gauges());
    this.#signal = AbortSignal.any([deps.signal, this.#stopping.signal]);
    this.#warn = rateLimited((fields, message) => deps.log.warn(fields, message), 5_000, deps.clock.now);
    this.#ended = Promise.all([this.#run(), this.#watchLag()]).then(() => undefined);
  }

  get status(): KafkaStatus {
    const { topic, group } = this.#config;
    const connected = this.#consumer?.connected ?? false;
    return {
      topic,
      group,
      connected,
      partitions: [...this.#partitions].map(([partition, { progress }]) => ({
        partition,
        lag: this.#lags.get(partition) ?? 0,
        inFlight: progress.pending,
      })),
      ...(connected || this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  /** Begins nothing more, commits what is done and leaves. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    let wait = firstWaitMs;
    while (!this.#signal.aborted) {
      const before = this.#metrics.rebalances.total();
      try {
        await this.#consume();
      } catch (error) {
        if (this.#signal.aborted) return;
        const code = isVedetteError(error) ? error.code : "unknown";
        this.#metrics.failures.add(1, { code });
        this.#problem = messageOf(error);
        this.#warn({ error, topic: this.#config.topic }, "Batches cannot be taken from Kafka, will retry.");
      }
      wait = this.#metrics.rebalances.total() > before ? firstWaitMs : Math.min(wait * 2, lastWaitMs);
      await pause(wait, this.#signal);
    }
  }

  /** One membership, from joining the group to its end. */
  async #consume(): Promise<void> {
    const { topic, group, member, sessionSeconds, fetchMiB, createTopics } = this.#config;
    const kafka = await this.#deps.open();
    await ensureTopic(kafka, { topic, setting: "collector.ingest.kafka.topic", create: createTopics });
    const consumer = await kafka.consumer({
      group,
      ...(member === undefined ? {} : { member }),
      sessionTimeoutMs: sessionSeconds * 1_000,
      maxBytes: fetchMiB << 20,
    });
    const committer = new Committer(consumer, () => this.#partitions.values(), this.#metrics, this.#deps.log);
    this.#consumer = consumer;
    this.#committer = committer;
    const leaving = new AbortController();
    const leave = (): void => {
      // What is done is said before the group hears that this member leaves.
      for (const partition of this.#partitions.values()) void partition.finish(0);
      void committer.now().finally(() => leaving.abort());
    };
    this.#signal.addEventListener("abort", leave, { once: true });
    if (this.#signal.aborted) leave();
    try {
      await consumer.run([topic], this.#handlers(), leaving.signal);
    } finally {
      this.#signal.removeEventListener("abort", leave);
      committer.end();
      this.#consumer = undefined;
      this.#committer = undefined;
      this.#forget([...this.#partitions.keys()]);
      await consumer.close();
    }
  }

  #handlers(): ConsumerHandlers {
    return {
      assigned: async (partitions) => {
        this.#problem = undefined;
        this.#metrics.rebalances.add(partitions.length, { kind: "assigned" });
        this.#deps.log.info(
          { partitions: numbersOf(partitions) },
          "Partitions were given to this collector.",
        );
        this.#forget(numbersOf(partitions));
        for (const of of partitions) this.#partitions.set(of.partition, this.#partition(of));
        // Not waited for here: a store that does not answer must not hold up the group. Records wait for it.
        this.#informed = this.#deps.refresh(this.#signal);
        this.#informed.catch(() => undefined);
      },
      revoked: async (partitions, lost) => {
        this.#metrics.rebalances.add(partitions.length, { kind: lost ? "lost" : "revoked" });
        this.#deps.log.info(
          { partitions: numbersOf(partitions), lost },
          "Partitions were taken from this collector.",
        );
        const leaving = partitions.flatMap(({ partition }) => this.#partitions.get(partition) ?? []);
        if (!lost) {
          await Promise.all(leaving.map((partition) => partition.finish(graceMs)));
          await this.#committer?.now();
        }
        this.#forget(partitions.map(({ partition }) => partition));
      },
      records: async ({ partition }, records, signal) => {
        // Of the membership that these records came with: a later one has an object of its own.
        const own = this.#partitions.get(partition);
        // Fails only where the collector stops; then nothing is begun either.
        await this.#informed.catch(() => undefined);
        await own?.take(records, signal);
      },
    };
  }

  #partition(of: TopicPartition): Partition {
    return new Partition(of, {
      window: this.#config.window,
      budget: this.#budget,
      handle: (record, signal) => this.#handle(record, AbortSignal.any([signal, this.#signal])),
      moved: () => this.#committer?.soon(),
    });
  }

  #forget(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.#partitions.get(partition)?.drop();
      this.#partitions.delete(partition);
    }
  }

  async #handle(record: IncomingRecord, signal: AbortSignal): Promise<void> {
    const { topic, partition, offset, key = "", value, headers } = record;
    const place = `record ${offset} of partition ${partition} of the topic ${topic}`;
    const receipt = await this.#deps.intake.accept(key, value, signal, place);
    if (receipt.header) this.#note(receipt.header, headers);
  }

  #note(header: NonNullable<Receipt["header"]>, headers: IncomingRecord["headers"]): void {
    const { agents, clock } = this.#deps;
    agents.heard(header, { host: headers["host"] ?? "", version: headers["version"] ?? "" }, clock.now());
  }

  #gauges(): KafkaGauges {
    const { partitions } = this.status;
    return {
      partitions: partitions.length,
      inFlight: partitions.reduce((sum, { inFlight }) => sum + inFlight, 0),
      lagSum: partitions.reduce((sum, { lag }) => sum + lag, 0),
      lagMax: partitions.reduce((most, { lag }) => Math.max(most, lag), 0),
    };
  }

  async #watchLag(): Promise<void> {
    const { group, topic } = this.#config;
    while (!this.#signal.aborted) {
      if (this.#consumer?.connected) {
        await this.#deps
          .open()
          .then((kafka) => askLag(kafka, group, topic))
          .then(
            (lags) => {
              this.#lags = lags;
            },
            (error: unknown) => this.#deps.log.debug({ error }, "The lag could not be asked for."),
          );
      }
      await pause(lagEveryMs, this.#signal);
    }
  }
}

const numbersOf = (partitions: readonly TopicPartition[]): number[] =>
  partitions.map(({ partition }) => partition);
