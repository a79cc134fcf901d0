import type { Kafka, KafkaConsumer, TopicPartition } from "@vedette/core/kafka";
import { type Counter, rateLimited, type Telemetry } from "@vedette/core/telemetry";
import { type Deps, isVedetteError, VedetteError } from "@vedette/sdk";
import { pause } from "../bounded/index.ts";
import type { CorrelatorLimits } from "../correlate/index.ts";
import { Owner, type RuleState } from "../detect/index.ts";
import { askLag } from "../ingest/index.ts";
import { OwnedPartition, type Taken } from "./partition.ts";
import type { Rebuilder } from "./rebuild.ts";
import { SharedLimits } from "./shared-limits.ts";

export interface OwnersOptions {
  readonly topic: string;
  readonly group: string;
  readonly member: string | undefined;
  readonly sessionTimeoutMs: number;
  readonly windows?: CorrelatorLimits;
}

export interface OwnersDeps extends Deps {
  /** The rules that run now. */
  readonly states: () => readonly RuleState[];
  readonly rebuilder: Rebuilder;
  readonly keep: (taken: Taken, signal: AbortSignal) => Promise<void>;
  readonly telemetry: Telemetry;
}

const firstWaitMs = 500;
const lastWaitMs = 30_000;
/** Compressed bytes fetched at once: what is decoded takes many times that. */
const fetchBytes = 2 << 20;
const commitEveryMs = 500;
const dueEveryMs = 500;
const lagEveryMs = 10_000;

/**
 * Owns partitions of the topic of matches as a member of a consumer group: remembers what they tell, and raises the alerts that
 * come of it. An offset is committed after all that came of its record is on disk.
 */
export class Owners {
  readonly #options: OwnersOptions;
  readonly #deps: OwnersDeps;
  readonly #limits: SharedLimits;
  readonly #owned = new Map<number, OwnedPartition>();
  readonly #committed = new Map<number, bigint>();
  readonly #total: Counter;
  readonly #warn: (fields: object, message: string) => void;
  #consumer: KafkaConsumer | undefined;
  #commit: NodeJS.Timeout | undefined;
  #lags: Awaited<ReturnType<typeof askLag>> = new Map();

  constructor(options: OwnersOptions, deps: OwnersDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#limits = new SharedLimits(() => this.#owned.size, options.windows);
    this.#total = deps.telemetry.counter(
      "vedette_matches_total",
      "What the owners of partitions of the topic of matches did, by kind.",
      ["what"],
    );
    const partitions = deps.telemetry.gauge(
      "vedette_matches_partitions",
      "Partitions of the topic of matches that this collector owns.",
    );
    const lag = deps.telemetry.gauge(
      "vedette_matches_lag",
      "Records of its partitions of the topic of matches that this collector has not taken.",
    );
    deps.telemetry.onRender(() => {
      partitions.set(this.#owned.size);
      lag.set([...this.#owned.keys()].reduce((sum, each) => sum + (this.#lags.get(each) ?? 0), 0));
    });
    this.#warn = rateLimited((fields, message) => deps.log.warn(fields, message), 5_000, deps.clock.now);
  }

  /** Owners that remember something now. */
  get all(): Owner[] {
    return [...this.#owned.values()].flatMap(({ owner }) => owner ?? []);
  }

  /** Tells all owners here of something, and those that are being made to follow them. */
  tell(told: (owner: Owner) => void): void {
    for (const own of this.#owned.values()) own.tell(told);
  }

  /**
   * Has all that is owned here remembered anew, by the rules that run now: what is in the store of each partition, as after a move.
   * One that fails forgets, and reads back with its next records.
   */
  async renew(signal: AbortSignal): Promise<void> {
    for (const own of [...this.#owned.values()]) {
      await own.renew(signal).catch((error: unknown) => {
        if (!signal.aborted)
          this.#warn({ error }, "A partition could not be read back for changed rules, will retry.");
      });
    }
  }

  /** Takes part until the signal aborts, and comes back from every failure. */
  async run(open: () => Promise<Kafka>, signal: AbortSignal): Promise<void> {
    await Promise.all([this.#take(open, signal), this.#watchLag(open, signal), this.#watchDue(signal)]);
  }

  /** Looks for what time raises in all that is owned. */
  async #watchDue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(dueEveryMs, signal);
      for (const own of this.#owned.values()) {
        await own.due(signal).catch((error: unknown) => {
          if (!signal.aborted) this.#warn({ error }, "What has become due could not be told of, will retry.");
        });
      }
    }
  }

  async #watchLag(open: () => Promise<Kafka>, signal: AbortSignal): Promise<void> {
    const { group, topic } = this.#options;
    while (!signal.aborted) {
      await pause(lagEveryMs, signal);
      if (signal.aborted || !this.#consumer?.connected) continue;
      await open()
        .then((kafka) => askLag(kafka, group, topic))
        .then(
          (lags) => {
            this.#lags = lags;
          },
          (error: unknown) => this.#deps.log.debug({ error }, "The lag of matches could not be asked for."),
        );
    }
  }

  async #take(open: () => Promise<Kafka>, signal: AbortSignal): Promise<void> {
    for (let wait = firstWaitMs; !signal.aborted; wait = Math.min(wait * 2, lastWaitMs)) {
      try {
        await this.#member(await open(), signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#total.add(1, { what: "failures" });
        this.#warn({ error, topic: this.#options.topic }, "Matches cannot be taken from Kafka, will retry.");
      }
      await pause(wait, signal);
    }
  }

  /** One membership, from joining the group to its end. */
  async #member(kafka: Kafka, signal: AbortSignal): Promise<void> {
    const { topic, group, member, sessionTimeoutMs } = this.#options;
    const consumer = await kafka.consumer({
      group,
      ...(member === undefined ? {} : { member }),
      sessionTimeoutMs,
      maxBytes: fetchBytes,
    });
    this.#consumer = consumer;
    const leaving = new AbortController();
    const leave = (): void => void this.#commitNow().finally(() => leaving.abort());
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    try {
      await consumer.run(
        [topic],
        {
          assigned: async (partitions) => this.#assigned(partitions),
          revoked: async (partitions, lost) => {
            if (!lost) await this.#commitNow();
            this.#forget(partitions);
          },
          records: async ({ partition }, records, ends) => {
            const own = this.#owned.get(partition);
            if (!own) throw notOwned(topic, partition);
            await own.take(records, AbortSignal.any([ends, signal]));
            this.#commitSoon();
          },
        },
        leaving.signal,
      );
    } finally {
      signal.removeEventListener("abort", leave);
      clearTimeout(this.#commit);
      this.#commit = undefined;
      this.#consumer = undefined;
      this.#owned.clear();
      this.#committed.clear();
      await consumer.close();
    }
  }

  #assigned(partitions: readonly TopicPartition[]): void {
    this.#forget(partitions);
    for (const { partition } of partitions) this.#owned.set(partition, this.#own(partition));
    this.#deps.log.info({ partitions: numbersOf(partitions) }, "This collector owns partitions of matches.");
  }

  #own(partition: number): OwnedPartition {
    const { states, rebuilder, keep } = this.#deps;
    return new OwnedPartition(partition, {
      rebuild: async (of, offset) => {
        const owner = new Owner({ states: states(), deps: this.#deps, limits: this.#limits });
        await rebuilder.fill(owner, of, offset);
        this.#total.add(1, { what: "rebuilds" });
        return owner;
      },
      keep,
      onFault: (what, error, { offset }) => {
        this.#total.add(1, { what });
        this.#warn(
          { error, partition, offset: String(offset) },
          "Of a record of matches something was passed over.",
        );
      },
      onTaken: ({ matches, alerts, unknown }) => {
        this.#total.add(matches, { what: "taken" });
        this.#total.add(alerts, { what: "alerts" });
        if (unknown === 0) return;
        this.#total.add(unknown, { what: "unknown" });
        this.#warn(
          { partition, unknown },
          "Matches name rules that are not loaded here. Do all collectors have the same?",
        );
      },
    });
  }

  #forget(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) {
      this.#owned.delete(partition);
      this.#committed.delete(partition);
    }
  }

  #commitSoon(): void {
    this.#commit ??= setTimeout(() => void this.#commitNow(), commitEveryMs);
  }

  /** Never rejects: what is not committed comes again, and gives the same. */
  async #commitNow(): Promise<void> {
    clearTimeout(this.#commit);
    this.#commit = undefined;
    const { topic } = this.#options;
    const offsets = [...this.#owned]
      .map(([partition, { next }]) => ({ topic, partition, offset: next }))
      .filter(({ partition, offset }) => offset > (this.#committed.get(partition) ?? 0n));
    if (offsets.length === 0 || !this.#consumer) return;
    try {
      await this.#consumer.commit(offsets);
      for (const { partition, offset } of offsets) {
        if (this.#owned.has(partition)) this.#committed.set(partition, offset);
      }
    } catch (error) {
      const fenced = isVedetteError(error) && error.verdict.verdict === "retry";
      this.#warn({ error }, "Offsets of matches were not committed; their records may come again.");
      if (fenced && this.#owned.size > 0) this.#commitSoon();
    }
  }
}

/** Never to be passed over in silence: a later commit would take these records for done. */
const notOwned = (topic: string, partition: number): VedetteError =>
  new VedetteError("transport.fenced", `Partition ${partition} of ${topic} is no longer this collector's.`, {
    verdict: "retry",
  });

const numbersOf = (partitions: readonly TopicPartition[]): number[] =>
  partitions.map(({ partition }) => partition);
