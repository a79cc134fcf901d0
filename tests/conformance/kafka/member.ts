import type {
  ConsumerOptions,
  IncomingRecord,
  Kafka,
  KafkaConsumer,
  PartitionOffset,
  TopicPartition,
} from "@vedette/core/kafka";
import { until } from "@vedette/testkit";

interface MemberOptions extends ConsumerOptions {
  readonly topics: readonly string[];
  /** Called before records count as taken: the back-pressure of the test. */
  readonly gate?: (of: TopicPartition, records: readonly IncomingRecord[], signal: AbortSignal) => unknown;
  /** What `assigned` waits for. */
  readonly assigned?: (partitions: readonly TopicPartition[]) => unknown;
  readonly revoked?: (partitions: readonly TopicPartition[], lost: boolean) => unknown;
  /** Commits what was taken as soon as it is taken, and again when partitions leave. Default: true. */
  readonly commits?: boolean;
}

/** Longer than a busy machine keeps a heartbeat from its broker: who is late is put out of its group, as it must be. */
export const memberSessionMs = 12_000;

/** A member of a group that writes down everything it is told. */
export class Member {
  readonly consumer: KafkaConsumer;
  readonly records: IncomingRecord[] = [];
  readonly told: string[] = [];
  readonly owned = new Set<string>();
  /** What `run` ended with. */
  error: unknown;
  readonly #options: MemberOptions;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;

  private constructor(consumer: KafkaConsumer, options: MemberOptions) {
    this.consumer = consumer;
    this.#options = options;
    this.#running = this.#run();
  }

  static async start(kafka: Kafka, options: MemberOptions): Promise<Member> {
    const { topics: _topics, gate: _gate, commits: _commits, ...consumerOptions } = options;
    return new Member(
      await kafka.consumer({ sessionTimeoutMs: memberSessionMs, ...consumerOptions }),
      options,
    );
  }

  /** Text of the values taken, of one partition or all. */
  values(partition?: number): string[] {
    return this.records
      .filter((record) => partition === undefined || record.partition === partition)
      .map(({ value }) => value.toString());
  }

  async has(count: number): Promise<void> {
    await until(`${count} records`, () => this.records.length >= count || this.error !== undefined);
    if (this.error !== undefined) throw this.error;
  }

  async owns(count: number): Promise<void> {
    await until(`${count} partitions`, () => this.owned.size === count || this.error !== undefined);
    if (this.error !== undefined) throw this.error;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
    await this.consumer.close();
  }

  /** Resolves when `run` ended by itself. */
  async ended(): Promise<unknown> {
    await this.#running;
    return this.error;
  }

  async #run(): Promise<void> {
    const { topics, gate, assigned, revoked, commits = true } = this.#options;
    const next = new Map<string, PartitionOffset>();
    try {
      await this.consumer.run(
        topics,
        {
          assigned: async (partitions) => {
            this.told.push(`assigned ${namesOf(partitions)}`);
            await assigned?.(partitions);
            for (const of of partitions) this.owned.add(nameOf(of));
            this.told.push(`ready ${namesOf(partitions)}`);
          },
          revoked: async (partitions, lost) => {
            this.told.push(`${lost ? "lost" : "revoked"} ${namesOf(partitions)}`);
            for (const of of partitions) this.owned.delete(nameOf(of));
            await revoked?.(partitions, lost);
          },
          records: async (of, records, signal) => {
            if (!this.owned.has(nameOf(of))) this.told.push(`records of ${nameOf(of)} before it was ready`);
            await gate?.(of, records, signal);
            if (signal.aborted) return;
            this.records.push(...records);
            const last = records.at(-1);
            if (last) next.set(nameOf(of), { ...of, offset: last.offset + 1n });
            if (commits && last) await this.consumer.commit([{ ...of, offset: last.offset + 1n }]);
          },
        },
        this.#end.signal,
      );
    } catch (error) {
      this.error = error;
    }
  }
}

export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
const namesOf = (of: readonly TopicPartition[]): string => of.map(nameOf).sort().join(" ");
