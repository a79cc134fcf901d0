import type { ClusterMetadata, ConnectionPool, Consumer } from "@platformatic/kafka";
import { type Logger, messageOf } from "@vedette/sdk";
import { Backoff } from "@vedette/sdk/input";
import { isNamed } from "./failure.ts";
import type { PartitionFeed } from "./feed.ts";
import type { IncomingRecord, TopicPartition } from "./types.ts";

/** How long a broker waits for records: where every partition of it is asked for, and where some may be at any moment. */
const patientMs = 1_000;
const impatientMs = 50;
const leastPartitionBytes = 64 * 1_024;
const readCommitted = 1;
const outOfRange = 1;
/** Bits of a batch's attributes: the broker wrote the time; the batch is a mark of a transaction. */
const logAppendTime = 0b1000;
const control = 0b10_0000;

type FetchResponse = Awaited<ReturnType<Consumer["fetch"]>>;
type Batch = NonNullable<FetchResponse["responses"][number]["partitions"][number]["records"]>[number];

export interface FetcherDeps {
  readonly consumer: Consumer;
  readonly pool: ConnectionPool;
  readonly topics: readonly string[];
  readonly feeds: ReadonlyMap<string, PartitionFeed>;
  /** Most bytes of one answer. */
  readonly maxBytes: number;
  readonly log: Logger;
  /** Told of a failure; answers whether to go on. */
  troubled(error: unknown): boolean;
}

/** Fetches for feeds that are hungry: one request per broker at a time, for all of its partitions that have room. */
export class PlatformaticFetcher {
  readonly #deps: FetcherDeps;
  readonly #busy = new Set<number>();
  readonly #backoff = new Backoff(100, 2_000);
  #pausing: NodeJS.Timeout | undefined;
  #looking = false;
  #again = false;

  constructor(deps: FetcherDeps) {
    this.#deps = deps;
  }

  /** Looks for feeds to fetch for. Safe to call at any time. */
  pump(): void {
    if (this.#looking) this.#again = true;
    else if (this.#pausing === undefined) void this.#look();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      do {
        this.#again = false;
        await this.#request();
      } while (this.#again);
    } catch (error) {
      this.#pause(error);
    } finally {
      this.#looking = false;
    }
  }

  async #request(): Promise<void> {
    const { consumer, topics, feeds } = this.#deps;
    if (![...feeds.values()].some(({ hungry }) => hungry) || consumer.closed) return;
    const metadata = await consumer.metadata({ topics: [...topics] });
    const nodes = new Map<number, { hungry: PartitionFeed[]; all: number }>();
    let leaderless = false;
    for (const feed of feeds.values()) {
      const leader = metadata.topics.get(feed.of.topic)?.partitions[feed.of.partition]?.leader ?? -1;
      if (!metadata.brokers.has(leader)) {
        leaderless ||= feed.hungry;
        continue;
      }
      const node = nodes.get(leader) ?? { hungry: [], all: 0 };
      nodes.set(leader, node);
      node.all++;
      if (feed.hungry) node.hungry.push(feed);
    }
    for (const [id, { hungry, all }] of nodes) {
      if (hungry.length === 0 || this.#busy.has(id)) continue;
      this.#busy.add(id);
      void this.#fetch(id, hungry, metadata, hungry.length === all ? patientMs : impatientMs);
    }
    if (leaderless) {
      consumer.clearMetadata();
      this.#pauseFor(500);
    }
  }

  async #fetch(
    node: number,
    feeds: readonly PartitionFeed[],
    metadata: ClusterMetadata,
    maxWaitTime: number,
  ): Promise<void> {
    const { consumer, pool, maxBytes } = this.#deps;
    const partitionMaxBytes = Math.max(leastPartitionBytes, Math.ceil(maxBytes / this.#deps.feeds.size));
    const topics = new Map<string, { topicId: string; partitions: ReturnType<typeof wanted>[] }>();
    const idOf = (topic: string): string => metadata.topics.get(topic)?.id ?? "";
    for (const feed of feeds) {
      const topicId = idOf(feed.of.topic);
      const topic = topics.get(topicId) ?? { topicId, partitions: [] };
      topics.set(topicId, topic);
      topic.partitions.push(wanted(feed, partitionMaxBytes));
    }
    const feedOf = (topicId: string, partition: number): PartitionFeed | undefined =>
      feeds.find(({ of }) => of.partition === partition && idOf(of.topic) === topicId);
    try {
      const response = await consumer.fetch({
        ...{ node, topics: [...topics.values()], connectionPool: pool },
        ...{ maxBytes, maxWaitTime, minBytes: 1, isolationLevel: readCommitted },
      });
      this.#backoff.reset();
      for (const { topicId, partitions } of response.responses) {
        for (const { partitionIndex, records } of partitions) {
          const feed = feedOf(topicId, partitionIndex);
          if (feed && records) give(feed, records);
        }
      }
    } catch (error) {
      if (!this.#skipped(error, feedOf)) this.#pause(error);
    } finally {
      this.#busy.delete(node);
      this.pump();
    }
  }

  /** Places that the broker has no more: the group was away longer than records are kept. Goes on with the first there is. */
  #skipped(
    error: unknown,
    feedOf: (topicId: string, partition: number) => PartitionFeed | undefined,
  ): boolean {
    if (!isNamed(error, "OFFSET_OUT_OF_RANGE")) return false;
    const { response } = error as { response?: FetchResponse };
    for (const { topicId, partitions } of response?.responses ?? []) {
      for (const { partitionIndex, errorCode, logStartOffset } of partitions) {
        const feed = feedOf(topicId, partitionIndex);
        if (!feed || errorCode !== outOfRange || logStartOffset < 0n) continue;
        const fields = { ...feed.of, wanted: String(feed.position), first: String(logStartOffset) };
        this.#deps.log.error(fields, "Records were deleted by the broker before they were read.");
        feed.skipTo(logStartOffset);
      }
    }
    return response !== undefined;
  }

  #pause(error: unknown): void {
    const { consumer, log } = this.#deps;
    if (consumer.closed) return;
    consumer.clearMetadata();
    // Leaders move; that is no news.
    if (isNamed(error, "NOT_LEADER_OR_FOLLOWER", "LEADER_NOT_AVAILABLE", "FENCED_LEADER_EPOCH")) {
      log.debug({ reason: messageOf(error) }, "A partition has another leader.");
    } else if (!this.#deps.troubled(error)) return;
    this.#pauseFor(this.#backoff.next());
  }

  #pauseFor(ms: number): void {
    this.#pausing ??= setTimeout(() => {
      this.#pausing = undefined;
      this.pump();
    }, ms);
  }
}

const wanted = (feed: PartitionFeed, partitionMaxBytes: number) => ({
  partition: feed.of.partition,
  fetchOffset: feed.position,
  partitionMaxBytes,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
});

function give(feed: PartitionFeed, batches: readonly Batch[]): void {
  const { records, next } = recordsOf(feed.of, batches, feed.position);
  feed.take(records, next);
}

/** The records of an answer from an offset on, and the offset after them. */
export function recordsOf(
  of: TopicPartition,
  batches: readonly Batch[],
  from: bigint,
): { readonly records: IncomingRecord[]; readonly next: bigint } {
  const records: IncomingRecord[] = [];
  let next = from;
  for (const batch of batches) {
    const end = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    if (end > next) next = end;
    if (batch.attributes & control) continue;
    for (const record of batch.records) {
      const offset = batch.firstOffset + BigInt(record.offsetDelta);
      // A broker gives whole batches, from before the offset that was asked for.
      if (offset >= from) records.push(incoming(of, offset, batch, record));
    }
  }
  return { records, next };
}

const nothing = Buffer.alloc(0);

function incoming(
  { topic, partition }: TopicPartition,
  offset: bigint,
  batch: Batch,
  { key, value, headers, timestampDelta }: Batch["records"][number],
): IncomingRecord {
  const timestamp =
    batch.attributes & logAppendTime ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta;
  return {
    ...{ topic, partition, offset, timestamp: Number(timestamp) },
    key: key?.toString("utf8"),
    value: value ?? nothing,
    headers: Object.fromEntries(headers.map(([name, text]) => [String(name ?? ""), String(text ?? "")])),
  };
}
