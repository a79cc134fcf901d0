import { hash } from "node:crypto";
import type { Batch } from "@vedette/core/batch";
import type { Kafka, KafkaProducer } from "@vedette/core/kafka";
import { rateLimited, type Telemetry } from "@vedette/core/telemetry";
import { type Alert, type Deps, isVedetteError, VedetteError } from "@vedette/sdk";
import type { AlertKeeper } from "../alerting/index.ts";
import { insist, pause } from "../bounded/index.ts";
import type { CorrelatorLimits } from "../correlate/index.ts";
import {
  type DetectorStats,
  type Matches,
  Routing,
  type Rule,
  RuleState,
  rulesOf,
  Scout,
  sinceBefore,
  sumOfWindows,
} from "../detect/index.ts";
import type { Detection } from "../detection.ts";
import { ensureTopic, type TopicOptions } from "../ingest/index.ts";
import type { Store } from "../store/index.ts";
import { MatchMemory } from "./memory.ts";
import { Owners } from "./owners.ts";
import type { Taken } from "./partition.ts";
import { Rebuilder } from "./rebuild.ts";
import { encodeMatches } from "./record.ts";
import { refuseOtherPartitions } from "./topic.ts";

export interface ScaledOptions extends Omit<TopicOptions, "setting"> {
  readonly group: string;
  readonly member: string | undefined;
  readonly sessionTimeoutMs: number;
  /** Bounds of the windows of correlations, of all owners here together. */
  readonly windows?: CorrelatorLimits;
}

export interface ScaledDeps extends Deps {
  readonly open: () => Promise<Kafka>;
  readonly rules: readonly Rule[];
  readonly store: Store;
  readonly telemetry: Telemetry;
  /** Where raised alerts go. */
  readonly alerting: AlertKeeper;
}

/** Rules as they are run from one change to the next. */
interface Generation {
  readonly states: readonly RuleState[];
  readonly routing: Routing;
}

/** The topic, once it is there. */
interface Ready {
  readonly producer: KafkaProducer;
  readonly partitions: number;
}

const lastWaitMs = 30_000;

/**
 * Detection by any number of collectors. Whoever takes a batch sees which conditions hold, and sends what must be remembered to the
 * owner of its place; the owners raise the alerts. Kafka need not be there at the start: batches wait for it.
 */
export class ScaledDetection implements Detection {
  readonly #options: ScaledOptions;
  readonly #deps: ScaledDeps;
  #generation: Generation;
  /** What the rules of before counted. */
  #before: DetectorStats | undefined;
  readonly #memory: MatchMemory;
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal;
  readonly #ready: Promise<Ready>;
  readonly #ended: Promise<void>;
  readonly #warn: (fields: object, message: string) => void;
  #owners: Owners | undefined;
  #scout: Scout | undefined;
  /** Of the topic, once it is there. */
  #partitions: number | undefined;

  /** Begins at once and comes back from every failure by itself. */
  constructor(options: ScaledOptions, deps: ScaledDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#generation = this.#generationOf(deps.rules);
    this.#memory = new MatchMemory(deps.store, options.topic);
    this.#signal = AbortSignal.any([deps.signal, this.#stopping.signal]);
    this.#warn = rateLimited((fields, message) => deps.log.warn(fields, message), 5_000, deps.clock.now);
    this.#ready = this.#open();
    this.#ended = this.#ready.then((ready) => this.#own(ready)).catch(() => undefined);
  }

  /**
   * Gives the alerts of a batch that need no memory, after the brokers have what the owners must know of it. The same
   * batch again gives the same alerts, and tells the owners nothing new.
   */
  async process(batch: Batch, signal: AbortSignal): Promise<readonly Alert[]> {
    const { producer, partitions } = await aborted(this.#ready, signal);
    const { alerts, matches } = this.#scout!.process(batch);
    await this.#send(producer, partitions, matches).catch((error: unknown) => {
      throw waiting(error);
    });
    return alerts;
  }

  /** Leaves the group after what is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
    await this.#ready.then(({ producer }) => producer.close()).catch(() => undefined);
  }

  /** The owner of its place may be here; others hear of it themselves. */
  closeAlert(id: string): void {
    this.#owners?.tell((owner) => owner.closeAlert(id));
  }

  release(alert: Alert): void {
    this.#owners?.tell((owner) => owner.release(alert));
  }

  /**
   * Takes over other rules, as a restart of this collector would: batches are looked at by them at once, and what is owned here
   * is read back from the store for them. Other collectors go on with theirs until they are told too.
   */
  async reload(rules: readonly Rule[]): Promise<void> {
    const next = this.#generationOf(rules);
    const scout = this.#partitions === undefined ? undefined : this.#scoutOf(next, this.#partitions);
    if (scout && this.#scout) await scout.prepareLike(this.#scout);
    const before = this.stats();
    // What owners counted is theirs until they are made anew.
    const { repeatedAlerts = 0, knownAlerts = 0, groupedAlerts = 0 } = this.#before ?? {};
    this.#before = { ...before, repeatedAlerts, knownAlerts, groupedAlerts };
    this.#generation = next;
    // Where the topic came meanwhile, its scout has the rules of before.
    if (this.#partitions !== undefined) this.#scout = scout ?? this.#scoutOf(next, this.#partitions);
    await this.#owners?.renew(this.#signal);
    this.#before = before;
  }

  #generationOf(rules: readonly Rule[]): Generation {
    const states = rules.map((rule, number) => new RuleState(rule, number));
    const routing = new Routing(states);
    const alone = routing.unshared().slice(0, 50);
    if (alone.length > 0) {
      this.#deps.log.info(
        { rules: alone.map(({ id }) => id) },
        "All that these rules remember is with one collector: they compare nothing in common.",
      );
    }
    return { states, routing };
  }

  #scoutOf({ states, routing }: Generation, partitions: number): Scout {
    const { log, clock } = this.#deps;
    return new Scout({ states, routing, partitions, deps: { log, clock } });
  }

  stats(): DetectorStats {
    const now = this.#statsNow();
    return this.#before ? sinceBefore(this.#before, now) : now;
  }

  #statsNow(): DetectorStats {
    const { events = 0, batches = 0, skippedBatches = 0 } = this.#scout?.stats ?? {};
    const windows = sumOfWindows(this.#owners?.all ?? []);
    const rules = rulesOf(this.#generation.states, windows);
    const owners = this.#owners?.all.map(({ stats }) => stats) ?? [];
    const sum = <K extends string>(
      names: readonly K[],
      of: (each: (typeof owners)[number]) => Record<K, number>,
    ) =>
      Object.fromEntries(
        names.map((name) => [name, owners.reduce((total, each) => total + of(each)[name], 0)]),
      ) as Record<K, number>;
    const ledger = sum(["repeats", "known", "children"], (each) => each.ledger);
    return {
      events,
      batches,
      skippedBatches,
      repeatedBatches: 0,
      alerts: rules.reduce((total, { alerts }) => total + alerts, 0),
      repeatedAlerts: ledger.repeats,
      knownAlerts: ledger.known,
      groupedAlerts: ledger.children,
      history: sum(
        ["series", "sightings", "droppedBodies", "evictedSeries", "expiredSeries", "repeats"],
        (each) => each.history,
      ),
      ...(windows ? { windows } : {}),
      rules,
    };
  }

  /** Insists, whatever the fault is: a topic may be made, and a password put right, while batches wait. */
  async #open(): Promise<Ready> {
    for (let wait = 500; ; wait = Math.min(wait * 2, lastWaitMs)) {
      this.#signal.throwIfAborted();
      try {
        const kafka = await this.#deps.open();
        const partitions = await ensureTopic(kafka, { ...this.#options, setting: "collector.detect.topic" });
        await refuseOtherPartitions(this.#memory, this.#options.topic, partitions);
        const producer = await kafka.producer();
        this.#partitions = partitions;
        this.#scout = this.#scoutOf(this.#generation, partitions);
        return { producer, partitions };
      } catch (error) {
        this.#warn({ error, waitMs: wait }, "The topic of matches cannot be used yet, batches wait.");
        await pause(wait, this.#signal);
      }
    }
  }

  async #own(ready: Ready): Promise<void> {
    const { topic, group, member, sessionTimeoutMs, windows } = this.#options;
    const { clock, log } = this.#deps;
    const rebuilder = new Rebuilder({
      memory: this.#memory,
      routing: () => this.#generation.routing,
      partitions: ready.partitions,
      now: clock.now,
      log,
    });
    const keep = (taken: Taken, signal: AbortSignal): Promise<void> => this.#keep(ready, taken, signal);
    this.#owners = new Owners(
      { topic, group, member, sessionTimeoutMs, ...(windows ? { windows } : {}) },
      { ...this.#deps, states: () => this.#generation.states, rebuilder, keep },
    );
    await this.#owners.run(this.#deps.open, this.#signal);
  }

  /**
   * Makes durable what came of records: what is told of alerts first, for an alert that is stored is not raised again and
   * so would never be told of; then the records, then the alerts.
   */
  async #keep(
    { producer, partitions }: Ready,
    { records, alerts, onward }: Taken,
    signal: AbortSignal,
  ): Promise<void> {
    const scout = this.#scout!;
    await this.#insist(() => this.#send(producer, partitions, scout.tell(alerts)), signal);
    await this.#insist(() => this.#send(producer, partitions, scout.onward(onward)), signal);
    await this.#insist(() => this.#memory.keep(records, signal), signal);
    const token = `${hash("sha256", alerts.map(({ id }) => id).join("\n"))}:alerts`;
    await this.#insist(() => this.#deps.alerting.keep(alerts, token, signal), signal);
  }

  async #send(producer: KafkaProducer, partitions: number, matches: Matches): Promise<void> {
    const records = [...matches].flatMap(([partition, list]) =>
      encodeMatches(list, partitions).map((value) => ({ partition, value })),
    );
    if (records.length > 0) await producer.send(this.#options.topic, records);
  }

  #insist(work: () => Promise<unknown>, signal: AbortSignal): Promise<unknown> {
    return insist(work, signal, (error, waitMs) => {
      const code = isVedetteError(error) ? error.code : "unknown";
      this.#warn({ error, code, waitMs }, "What came of matches could not be kept, will retry.");
    });
  }
}

/** A topic that was deleted, or rights that were taken away, are put right: batches wait. Only what is too large never passes. */
function waiting(error: unknown): unknown {
  if (!isVedetteError(error) || error.verdict.verdict !== "stop" || error.code === "batch.too_large")
    return error;
  return new VedetteError(error.code, error.message, { verdict: "retry", afterMs: 10_000 }, { cause: error });
}

/** What a promise gives, or the reason of a signal that aborts before. */
function aborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
