import type { Logger } from "@vedette/sdk";
import { Backoff, wait } from "@vedette/sdk/input";
import { type Attempt, fenced, isNamed, kafkaError } from "./failure.ts";
import { PartitionFeed } from "./feed.ts";
import type { ConsumerHandlers, PartitionOffset, TopicPartition } from "./types.ts";

/** A topic that was just made may be unknown to some brokers for this long, milliseconds. */
const newTopicMs = 5_000;
const usualNames = ["COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS", "NOT_COORDINATOR"];

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export interface OwnershipDeps {
  readonly attempt: Attempt & { readonly group: string };
  readonly log: Logger;
  readonly handlers: ConsumerHandlers;
  /** How long a handler may take to give partitions back, milliseconds. */
  readonly releaseMs: number;
  /** A feed has room for records, or has begun. */
  readonly wants: (feed: PartitionFeed) => void;
  /** Where to begin with partitions, by their keys. */
  readonly starts: (of: readonly TopicPartition[]) => Promise<ReadonlyMap<string, bigint>>;
}

/** The partitions that are this member's now, and what its handler is told of their coming and going. */
export class Ownership {
  readonly #deps: OwnershipDeps;
  readonly #openedAt = Date.now();
  readonly #feeds = new Map<string, PartitionFeed>();
  readonly #end = new AbortController();
  #fail!: (error: unknown) => void;
  /** Rejects when the run cannot go on. */
  readonly failed: Promise<never>;

  constructor(deps: OwnershipDeps) {
    this.#deps = deps;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
  }

  get feeds(): ReadonlyMap<string, PartitionFeed> {
    return this.#feeds;
  }

  /** Aborts when the stay in the group is over. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Ends the run with an error. */
  fail(error: unknown): void {
    this.#fail(error);
  }

  /** Says whether to go on after an error, and ends the run where there is no use. */
  troubled(error: unknown): boolean {
    const { attempt, log } = this.#deps;
    const known = kafkaError(error, attempt);
    const young = Date.now() - this.#openedAt < newTopicMs;
    const missing = isNamed(error, "unknown-topic", "UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_ID");
    if (known.verdict.verdict === "stop" && !(missing && young)) {
      this.fail(known);
      return false;
    }
    if (!this.signal.aborted) {
      // A group that was never used has no coordinator for a moment, and a new topic no leader.
      const usual = missing || isNamed(error, ...usualNames);
      log[usual ? "debug" : "warn"](
        { reason: known.message, group: attempt.group },
        "Kafka failed, will retry.",
      );
    }
    return true;
  }

  /** The group has shared out anew: what is not listed is lost, what is new is announced and begun. */
  assign(listed: readonly TopicPartition[]): void {
    if (this.signal.aborted) return;
    void this.release(this.without(listed), true);
    const gained = listed.filter((of) => !this.#feeds.has(keyOf(of))).map((of) => this.#feedOf(of));
    const { log, attempt } = this.#deps;
    log.info(
      { group: attempt.group, partitions: this.#feeds.size, gained: gained.length },
      "A consumer group has shared out its partitions.",
    );
    if (gained.length > 0) void this.#begin(gained).catch((error: unknown) => this.fail(error));
  }

  /** Feeds of partitions that are not listed. */
  without(listed: readonly TopicPartition[]): PartitionFeed[] {
    const keys = new Set(listed.map(keyOf));
    return [...this.#feeds].filter(([key]) => !keys.has(key)).map(([, feed]) => feed);
  }

  /** Gives partitions up. In good order the handler has time to commit, but not more than keeps the membership. */
  async release(feeds: readonly PartitionFeed[], lost: boolean): Promise<void> {
    if (feeds.length === 0) return;
    for (const feed of feeds) {
      feed.end();
      if (lost) this.#drop(feed);
    }
    const { handlers, releaseMs, log } = this.#deps;
    try {
      const of = feeds.map((feed) => feed.of);
      await Promise.race([handlers.revoked(of, lost), wait(releaseMs, this.signal)]);
    } catch (error) {
      log.error({ error }, "Partitions could not be given up in good order.");
    }
    for (const feed of feeds) this.#drop(feed);
  }

  /** The feeds of places as they are now, for `check` later. */
  feedsOf(places: readonly TopicPartition[]): (PartitionFeed | undefined)[] {
    return places.map((place) => this.#feeds.get(keyOf(place)));
  }

  /** Throws where a place is not, or no longer in the stay in which it was taken, this member's, or would set the group back. */
  check(places: readonly PartitionOffset[], taken: readonly (PartitionFeed | undefined)[]): void {
    const gone = places.filter((place, index) => {
      const feed = taken[index];
      if (feed === undefined || this.#feeds.get(keyOf(place)) !== feed) return true;
      return feed.start === undefined || place.offset < feed.start;
    });
    if (gone.length > 0) throw fenced(this.#deps.attempt.group, gone);
  }

  /** The stay is over. */
  end(): void {
    this.#end.abort();
    for (const feed of this.#feeds.values()) feed.end();
    this.#feeds.clear();
  }

  #feedOf(of: TopicPartition): PartitionFeed {
    const { log, handlers, wants } = this.#deps;
    const feed: PartitionFeed = new PartitionFeed(of, {
      ...{ log, handlers },
      wants: () => wants(feed),
      failed: (error) => this.fail(error),
    });
    this.#feeds.set(keyOf(of), feed);
    return feed;
  }

  async #begin(feeds: readonly PartitionFeed[]): Promise<void> {
    await this.#deps.handlers.assigned(feeds.map(({ of }) => of));
    const backoff = new Backoff(100, 5_000);
    for (;;) {
      const open = feeds.filter(({ ended }) => !ended);
      if (open.length === 0) return;
      try {
        const starts = await this.#deps.starts(open.map(({ of }) => of));
        for (const feed of open) {
          if (feed.ended) continue;
          feed.begin(starts.get(keyOf(feed.of)) ?? 0n);
          this.#deps.wants(feed);
        }
        return;
      } catch (error) {
        if (this.signal.aborted || !this.troubled(error)) return;
        await wait(backoff.next(), this.signal);
      }
    }
  }

  #drop(feed: PartitionFeed): void {
    const key = keyOf(feed.of);
    if (this.#feeds.get(key) === feed) this.#feeds.delete(key);
  }
}
