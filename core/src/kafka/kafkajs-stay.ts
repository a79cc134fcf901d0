import { Backoff, wait } from "@vedette/sdk/input";
import type { Kafka as Client, Consumer, EachBatchPayload } from "kafkajs";
import { aborted, type ConsumerSettings, type Stay } from "./consumer.ts";
import type { ConsumerDeps } from "./deps.ts";
import { fenced, isNamed, kafkaError } from "./failure.ts";
import type { PartitionFeed } from "./feed.ts";
import { keyOf, Ownership } from "./ownership.ts";
import type { ConsumerHandlers, IncomingRecord, PartitionOffset, TopicPartition } from "./types.ts";

/** How long a broker waits for records, and how late a partition that has room again may be asked for, milliseconds. */
const maxWaitMs = 100;
/** How long leaving the group may take, milliseconds. */
const leaveMs = 5_000;

/**
 * One stay in a group through kafkajs. The library fetches; a batch goes to the feed of its partition at once and the
 * partition is paused while the feed has no room, because the library otherwise waits for the slowest partition of a broker.
 *
 * The library joins again before anyone can be asked, and reads every partition anew from what is committed: a rebalance
 * takes all partitions as lost and gives them back. It knows no names of members that outlast a restart.
 */
export class KafkajsStay implements Stay {
  readonly #client: Client;
  readonly #settings: ConsumerSettings;
  readonly #topics: readonly string[];
  readonly #deps: ConsumerDeps;
  readonly #owned: Ownership;
  readonly #admin: ReturnType<Client["admin"]>;
  #consumer: Consumer | undefined;
  /** When the coordinator last gave a sign; 0 while this is no member. */
  #signAt = 0;

  constructor(
    client: Client,
    settings: ConsumerSettings,
    topics: readonly string[],
    handlers: ConsumerHandlers,
    deps: ConsumerDeps,
  ) {
    this.#client = client;
    this.#settings = settings;
    this.#topics = topics;
    this.#deps = deps;
    this.#admin = client.admin();
    this.#owned = new Ownership({
      ...{ handlers, log: deps.log, attempt: this.#attempt, releaseMs: settings.sessionTimeoutMs / 2 },
      wants: (feed) => this.#resume(feed),
      starts: (of) => this.#starts(of),
    });
  }

  get connected(): boolean {
    return Date.now() - this.#signAt < this.#settings.sessionTimeoutMs;
  }

  async run(signal: AbortSignal): Promise<void> {
    // Membership outlasts the signal until the partitions are given back.
    void this.#stayIn(this.#owned.signal).catch((error: unknown) => this.#owned.fail(error));
    await Promise.race([aborted(signal), this.#owned.failed]);
    await this.#owned.release([...this.#owned.feeds.values()], false);
  }

  async leave(): Promise<void> {
    this.#owned.end();
    const gone = Promise.allSettled([this.#disconnect(), this.#admin.disconnect()]);
    await Promise.race([gone, wait(leaveMs, AbortSignal.any([]))]);
  }

  async commit(places: readonly PartitionOffset[]): Promise<void> {
    const taken = this.#owned.feedsOf(places);
    this.#owned.check(places, taken);
    try {
      await this.#consumer?.commitOffsets(
        places.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) })),
      );
    } catch (error) {
      if (isNamed(error, "REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID")) {
        throw fenced(this.#settings.group, places);
      }
      throw kafkaError(error, this.#attempt);
    }
    // The library says nothing when it could not even ask: then the partitions are lost by now.
    this.#owned.check(places, taken);
  }

  get #attempt() {
    return {
      brokers: this.#deps.brokers,
      topic: this.#topics.join(", "),
      group: this.#settings.group,
    };
  }

  /** Joins and reads until the signal aborts; begins again with a new member when the library has given up. */
  async #stayIn(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(200, 5_000);
    while (!signal.aborted) {
      try {
        await this.#consume(signal, () => backoff.reset());
      } catch (error) {
        if (signal.aborted || !this.#owned.troubled(error)) return;
      } finally {
        this.#lose();
        await this.#disconnect();
      }
      await wait(backoff.next(), signal);
    }
  }

  async #consume(signal: AbortSignal, joined: () => void): Promise<void> {
    const { group, sessionTimeoutMs, maxBytes } = this.#settings;
    const consumer = this.#client.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(sessionTimeoutMs, 30_000),
      heartbeatInterval: Math.min(3_000, Math.floor(sessionTimeoutMs / 4)),
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: maxWaitMs,
      maxBytes,
      maxBytesPerPartition: Math.max(64 * 1_024, Math.ceil(maxBytes / 8)),
    });
    this.#consumer = consumer;
    const { GROUP_JOIN, HEARTBEAT, REBALANCING, CRASH } = consumer.events;
    const crashed = new Promise<never>((_, reject) => {
      consumer.on(CRASH, ({ payload }) => reject(payload.error));
    });
    crashed.catch(() => {});
    consumer.on(HEARTBEAT, () => {
      this.#signAt = Date.now();
    });
    consumer.on(REBALANCING, () => this.#lose());
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#lose();
      this.#signAt = Date.now();
      joined();
      const assignment = Object.entries(payload.memberAssignment);
      // Nothing is fetched before the handler is ready.
      consumer.pause(assignment.map(([topic, partitions]) => ({ topic, partitions })));
      this.#owned.assign(
        assignment.flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition }))),
      );
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => this.#take(payload),
    });
    await Promise.race([crashed, aborted(signal)]);
  }

  #take({ batch, resolveOffset, pause }: EachBatchPayload): void {
    const { topic, partition, messages } = batch;
    const feed = this.#owned.feeds.get(keyOf({ topic, partition }));
    if (feed?.hungry) {
      const next = BigInt(batch.lastOffset()) + 1n;
      feed.take(
        messages.map((message) => incoming({ topic, partition }, message)),
        next,
      );
      resolveOffset(batch.lastOffset());
    }
    if (!feed?.hungry) pause();
  }

  #resume({ of: { topic, partition }, hungry }: PartitionFeed): void {
    if (!hungry) return;
    try {
      this.#consumer?.resume([{ topic, partitions: [partition] }]);
    } catch {
      // The library is between two memberships; the next one begins with an assignment of its own.
    }
  }

  async #starts(of: readonly TopicPartition[]): Promise<ReadonlyMap<string, bigint>> {
    await this.#admin.connect();
    const topics = [...new Set(of.map(({ topic }) => topic))];
    const found = await this.#admin.fetchOffsets({ groupId: this.#settings.group, topics });
    const starts = new Map<string, bigint>();
    for (const { topic, partitions } of found) {
      for (const { partition, offset } of partitions) {
        if (BigInt(offset) >= 0n) starts.set(keyOf({ topic, partition }), BigInt(offset));
      }
    }
    return starts;
  }

  #lose(): void {
    void this.#owned.release([...this.#owned.feeds.values()], true);
  }

  async #disconnect(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#signAt = 0;
    await consumer?.disconnect().catch((error: unknown) => {
      this.#deps.log.debug({ error }, "A consumer could not leave its group.");
    });
  }
}

const nothing = Buffer.alloc(0);

function incoming(
  { topic, partition }: TopicPartition,
  { offset, timestamp, key, value, headers = {} }: EachBatchPayload["batch"]["messages"][number],
): IncomingRecord {
  return {
    ...{ topic, partition, offset: BigInt(offset), timestamp: Number(timestamp) },
    key: key?.toString("utf8"),
    value: value ?? nothing,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [
        name,
        String(Array.isArray(text) ? text[0] : (text ?? "")),
      ]),
    ),
  };
}
