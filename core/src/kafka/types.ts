/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Where a consumer group stands in a partition: the offset of the next record to read. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: bigint;
}

export interface OutgoingRecord {
  readonly value: Buffer;
  /** Chooses the partition (murmur2, as Kafka's own default partitioner does) where `partition` does not. */
  readonly key?: string;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface IncomingRecord extends PartitionOffset {
  readonly key: string | undefined;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** Sends records. `acks=all`, idempotent unless told otherwise; the order of one partition is the order of the calls. */
export interface KafkaProducer {
  /**
   * Resolves when every in-sync replica has the records, with their places.
   * Rejects with a VedetteError: verdict `retry` where the same call may succeed later, `stop` where it never will
   * (too large, not allowed, no such topic, wrong password). After a rejection the records may be there all the same.
   */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<readonly PartitionOffset[]>;
  close(): Promise<void>;
}

/** What a member of a consumer group is told. */
export interface ConsumerHandlers {
  /** Partitions came to this member. None of their records is delivered before the promise resolves. */
  assigned(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Partitions leave this member, at the end of `run` too. `lost`: they are gone already, a commit would be refused. Else what
   * is done may be committed until the promise resolves, for half the session time-out at most.
   */
  revoked(partitions: readonly TopicPartition[], lost: boolean): Promise<void>;
  /**
   * Records of one partition, in order. The next ones of it come after the promise resolves: that is the back-pressure.
   * Partitions are independent of each other. `signal` aborts when the partition is revoked or the consumer ends.
   * A rejection with verdict `retry` gives the same records again after a while; any other ends `run` with it.
   */
  records(of: TopicPartition, records: readonly IncomingRecord[], signal: AbortSignal): Promise<void>;
}

/** A member of a consumer group. Reads from the committed offsets, from the earliest where there are none. */
export interface KafkaConsumer {
  /** Runs until the signal aborts; comes back from every failure that may pass. Rejects with verdict `stop` where none will. */
  run(topics: readonly string[], handlers: ConsumerHandlers, signal: AbortSignal): Promise<void>;
  /** Commits for the group. Rejects with code `transport.fenced` where a partition is no longer this member's. */
  commit(offsets: readonly PartitionOffset[]): Promise<void>;
  /** True while the member has joined and its coordinator answers. */
  readonly connected: boolean;
  close(): Promise<void>;
}

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly config?: Readonly<Record<string, string>>;
}

/** A topic as its brokers know it. */
export interface TopicState {
  /** Brokers of the cluster. */
  readonly brokers: number;
  readonly partitions: number;
  /** Copies of the partition that has the fewest, and how many of one are in sync where that is worst. */
  readonly replicas: number;
  readonly inSync: number;
  /** Its settings; empty where the user may not read them. */
  readonly config: Readonly<Record<string, string>>;
}

export interface KafkaAdmin {
  /** Partition counts of topics; a topic that is missing is not in the answer. */
  partitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** What there is to know of a topic; undefined where it is missing. */
  describe(topic: string): Promise<TopicState | undefined>;
  /** Makes topics that are missing. */
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Next offset to be written of every partition of a topic. */
  ends(topic: string): Promise<readonly PartitionOffset[]>;
  /** What a group has committed in a topic. */
  committed(group: string, topic: string): Promise<readonly PartitionOffset[]>;
  close(): Promise<void>;
}

export interface ConsumerOptions {
  readonly group: string;
  /** Stable name of this member: a restart within the session time-out takes its partitions back without a rebalance. */
  readonly member?: string;
  readonly sessionTimeoutMs?: number;
  /**
   * Most bytes fetched at once; each partition gets its share, at least 64 KiB. A partition holds up to two such shares, or
   * records where a single one is larger: one being handled, one waiting. Default: 8 MiB.
   */
  readonly maxBytes?: number;
}

/** One way to talk to Kafka. Adapters: `platformatic.ts`, `kafkajs.ts`. All pass the suite in tests/conformance/kafka. */
export interface Kafka {
  producer(options?: { readonly idempotent?: boolean }): Promise<KafkaProducer>;
  consumer(options: ConsumerOptions): Promise<KafkaConsumer>;
  admin(): Promise<KafkaAdmin>;
}
