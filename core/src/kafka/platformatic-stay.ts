import { type BaseOptions, ConnectionPool, Consumer } from "@platformatic/kafka";

import { Backoff, wait } from "@vedette/sdk/input";
import { aborted, type ConsumerSettings, type Stay } from "./consumer.ts";
import type { ConsumerDeps } from "./deps.ts";
import { fenced, isNamed, kafkaError } from "./failure.ts";
import { keyOf, Ownership } from "./ownership.ts";
import { PlatformaticFetcher } from "./platformatic-fetcher.ts";
import type { ConsumerHandlers, PartitionOffset, TopicPartition } from "./types.ts";

const earliest = -2n;
/** How long leaving the group may take, milliseconds: a broker that hangs must not hold up the end. */
const leaveMs = 5_000;

/**
 * One stay in a group. The library keeps the membership (classic protocol, cooperative-sticky: what a member keeps it goes on
 * reading through a rebalance); records are fetched here, per partition as its handler takes them, because the library's own
 * stream delivers before `assigned` can be awaited, and starts kept partitions anew.
 *
 * The library is told never to retry by itself: it would join again in the middle of a refused commit and then repeat it under
 * the new generation, for partitions that may be another member's by then.
 */
export class PlatformaticStay implements Stay {
  readonly #consumer: Consumer;
  readonly #fetchPool: ConnectionPool;
  readonly #fetcher: PlatformaticFetcher;
  readonly #settings: ConsumerSettings;
  readonly #topics: readonly string[];
  readonly #deps: ConsumerDeps;
  readonly #owned: Ownership;
  #joining = false;
  #joinedAt = 0;
  /** The library has announced that partitions leave in good order, before they are another member's. */
  #orderly = false;
  /** Resolves when the next join is through; commits that met a rebalance wait for it. */
  #joined = Promise.withResolvers<void>();

  constructor(
    options: BaseOptions,
    settings: ConsumerSettings,
    topics: readonly string[],
    handlers: ConsumerHandlers,
    deps: ConsumerDeps,
  ) {
    this.#settings = settings;
    this.#topics = topics;
    this.#deps = deps;
    const { group, member, sessionTimeoutMs } = settings;
    const rebalanceTimeout = Math.max(sessionTimeoutMs, 30_000);
    this.#consumer = new Consumer({
      ...options,
      groupId: group,
      ...(member !== undefined && { groupInstanceId: member }),
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout,
      heartbeatInterval: Math.min(3_000, sessionTimeoutMs / 4),
      // A join is answered when every member has joined.
      requestTimeout: rebalanceTimeout + 5_000,
      retries: 0,
      autocommit: false,
      protocols: [{ name: "cooperative-sticky", version: 3 }],
      protocolsMetadata: () => this.#beforeJoin(),
    });
    // A fetch waits at the broker; on the connection of the group it would hold up heartbeats and commits.
    this.#fetchPool = new ConnectionPool(options.clientId, { ...options, requestTimeout: 15_000 });
    this.#owned = new Ownership({
      ...{ handlers, log: deps.log, attempt: this.#attempt, releaseMs: sessionTimeoutMs / 2 },
      wants: () => this.#fetcher.pump(),
      starts: (of) => this.#starts(of),
    });
    this.#fetcher = new PlatformaticFetcher({
      ...{ consumer: this.#consumer, pool: this.#fetchPool, topics, feeds: this.#owned.feeds },
      ...{ maxBytes: settings.maxBytes, log: deps.log },
      troubled: (error) => this.#owned.troubled(error),
    });
  }

  get connected(): boolean {
    if (!this.#consumer.isActive() || this.#joinedAt === 0) return false;
    return this.#alive;
  }

  /** The coordinator has given a sign within the session time-out. */
  get #alive(): boolean {
    const sign = Math.max(this.#joinedAt, this.#consumer.lastHeartbeat?.getTime() ?? 0);
    return Date.now() - sign < this.#settings.sessionTimeoutMs;
  }

  /** Takes part until the signal aborts; then gives the partitions back in good order. */
  async run(signal: AbortSignal): Promise<void> {
    const consumer = this.#consumer;
    for (const topic of this.#topics) consumer.topics.track(topic);
    consumer.on("consumer:group:join", () => {
      this.#joinedAt = Date.now();
      this.#joined.resolve();
      this.#joined = Promise.withResolvers();
      this.#owned.assign(this.#assignments());
    });
    consumer.on("consumer:group:rebalance", () => {
      this.#orderly = true;
    });
    consumer.on("consumer:heartbeat:error", ({ error }) =>
      this.#deps.log.debug({ error }, "A heartbeat of a consumer was not answered."),
    );
    // The library ends its heartbeats when a rejoin of its own fails, and says so here.
    consumer.on("error", (error: unknown) => void this.#join(error));
    void this.#join();
    await Promise.race([aborted(signal), this.#owned.failed]);
    await this.#owned.release([...this.#owned.feeds.values()], false);
  }

  async leave(): Promise<void> {
    this.#owned.end();
    this.#joined.resolve();
    const consumer = this.#consumer;
    // A member with a name of its own stays a member while it restarts: without a connection the library does not say goodbye.
    if (this.#settings.member !== undefined) await consumer.connections.close().catch(() => {});
    const left = consumer.close(true).catch((error: unknown) => {
      this.#deps.log.debug({ error }, "A consumer could not leave its group.");
    });
    await Promise.race([left, wait(leaveMs, AbortSignal.any([]))]);
    await Promise.allSettled([consumer.connections.close(), this.#fetchPool.close()]);
  }

  async commit(places: readonly PartitionOffset[]): Promise<void> {
    const { group, sessionTimeoutMs } = this.#settings;
    const taken = this.#owned.feedsOf(places);
    const deadline = Date.now() + sessionTimeoutMs;
    const backoff = new Backoff(100, 2_000);
    for (;;) {
      this.#owned.check(places, taken);
      try {
        await this.#consumer.commit({ offsets: places.map((place) => ({ ...place, leaderEpoch: -1 })) });
        return;
      } catch (error) {
        const rebalance = isNamed(error, ...rejoinNames);
        if (!rebalance && kafkaError(error, this.#attempt).verdict.verdict === "stop") {
          throw kafkaError(error, this.#attempt);
        }
        if (Date.now() > deadline || this.#owned.signal.aborted) {
          throw rebalance ? fenced(group, places) : kafkaError(error, this.#attempt);
        }
        // The next join says whose the partitions are; until then the answer is open.
        if (rebalance) await Promise.race([this.#joined.promise, wait(1_000, this.#owned.signal)]);
        else await wait(backoff.next(), this.#owned.signal);
      }
    }
  }

  get #attempt() {
    return {
      brokers: this.#deps.brokers,
      topic: this.#topics.join(", "),
      group: this.#settings.group,
    };
  }

  /** Joins, again and again where it must. */
  async #join(cause?: unknown): Promise<void> {
    if (cause !== undefined) this.#deps.log.debug({ error: cause }, "A consumer joins its group again.");
    if (this.#joining) return;
    this.#joining = true;
    const backoff = new Backoff(100, 5_000);
    try {
      while (!this.#owned.signal.aborted) {
        try {
          await this.#consumer.joinGroup({});
          return;
        } catch (error) {
          // Part of every busy rebalance; the next try follows at once.
          if (isNamed(error, ...rejoinNames)) await wait(50, this.#owned.signal);
          else if (!this.#owned.troubled(error)) return;
          else await wait(backoff.next(), this.#owned.signal);
        }
      }
    } finally {
      this.#joining = false;
    }
  }

  /** Called by the library before each request to join: what left this member is given up first. */
  async #beforeJoin(): Promise<Buffer> {
    const orderly = this.#orderly;
    this.#orderly = false;
    const { memberId } = this.#consumer;
    if (this.#settings.member !== undefined && memberId === null && this.#joinedAt > 0 && this.#alive) {
      // Its session has not run out: another process has joined under its name. Joining again would take turns for ever.
      const error = kafkaError({ code: "FENCED_INSTANCE_ID" }, this.#attempt);
      this.#owned.fail(error);
      throw error;
    }
    await this.#owned.release(this.#owned.without(this.#assignments()), !orderly);
    return Buffer.alloc(0);
  }

  #assignments(): TopicPartition[] {
    return (this.#consumer.assignments ?? []).flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
  }

  /** Where to begin: at the group's place, or at the first record there is. */
  async #starts(of: readonly TopicPartition[]): Promise<ReadonlyMap<string, bigint>> {
    const byTopic = new Map<string, number[]>();
    for (const { topic, partition } of of) {
      byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
    }
    const topics = [...byTopic.keys()];
    const committed = await this.#consumer.listCommittedOffsets({
      topics: topics.map((topic) => ({ topic, partitions: byTopic.get(topic) ?? [] })),
    });
    const first = await this.#consumer.listOffsets({
      topics,
      partitions: Object.fromEntries(byTopic),
      timestamp: earliest,
    });
    return new Map(
      of.map((place) => {
        const { topic, partition } = place;
        const known = committed.get(topic)?.[partition];
        const start = known !== undefined && known >= 0n ? known : first.get(topic)?.[partition];
        return [keyOf(place), start ?? 0n];
      }),
    );
  }
}

const rejoinNames = [
  "REBALANCE_IN_PROGRESS",
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
  "MEMBER_ID_REQUIRED",
];
