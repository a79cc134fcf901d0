import { type Batch, type BatchHeader, openFrame } from "@vedette/core/batch";
import { type Counter, type Histogram, rateLimited, type Telemetry } from "@vedette/core/telemetry";
import { Outcome } from "@vedette/proto";
import { type Clock, isVedetteError, type Logger, messageOf, schemaVersion } from "@vedette/sdk";
import { insist } from "../bounded/index.ts";
import type { LeftGroup } from "./group-journal.ts";
import type { Ledger } from "./ledger.ts";
import { type Arrival, type GroupJournal, StoreQueue } from "./store-queue.ts";

/** What became of a frame. Given only when it is true for good, across any crash. */
export interface Receipt {
  readonly batchId: string;
  readonly outcome: Outcome;
  readonly reason?: string;
  /** Of a batch that is stored, now or before. */
  readonly header?: BatchHeader;
}

/** A frame that was refused for good, to be kept with its reason. */
export interface DeadFrame {
  readonly agentId: string;
  readonly stage: "decode" | "identity" | "store";
  readonly reason: string;
  readonly frame: Buffer;
  readonly header?: BatchHeader;
  /** Where the frame lies, for a transport that keeps it: names it for good. */
  readonly place?: string | undefined;
}

/** One arrival of a frame. */
interface Delivery {
  readonly agentId: string;
  readonly frame: Buffer;
  readonly signal: AbortSignal;
  readonly place: string | undefined;
}

/** What the intake hands a good batch to. Each call returns only after the work is on disk, and may be repeated. */
export interface IntakeSink {
  /** Enriches, stores, detects, stores alerts, and notes the batches as stored: all of them at once or none. */
  store(batches: readonly Batch[], signal: AbortSignal): Promise<void>;
  deadLetter(dead: DeadFrame, signal: AbortSignal): Promise<void>;
  /** Notes that a batch came again after it was stored: the evidence that repeats are dropped. May fail. */
  repeated(header: BatchHeader, signal: AbortSignal): Promise<void>;
}

export interface IntakeDeps {
  readonly ledger: Ledger;
  readonly sink: IntakeSink;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  readonly clock: Clock;
  /** Where groups of batches are noted before they are stored together; undefined where none may share an insert. */
  readonly journal: GroupJournal | undefined;
  /** Inserts under way at the same time, over all agents. */
  readonly concurrency: number;
}

/**
 * Takes frames from any transport and answers each with a receipt after it is stored, dead-lettered or known.
 * A store that does not answer is retried for as long as the signal allows: nothing is given up, the agent waits.
 */
export class Intake {
  readonly #deps: IntakeDeps;
  readonly #running = new Map<string, Promise<Receipt>>();
  readonly #queue: StoreQueue;
  readonly #batches: Counter;
  readonly #events: Counter;
  readonly #inserts: Counter;
  readonly #retries: Counter;
  readonly #seconds: Histogram;
  readonly #warn: (fields: object, message: string) => void;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    const { telemetry, log, clock } = deps;
    this.#batches = telemetry.counter(
      "vedette_ingest_batches_total",
      "Batches received, by what became of them.",
      ["outcome"],
    );
    this.#events = telemetry.counter("vedette_ingest_events_total", "Events stored, by data type.", [
      "data_type",
    ]);
    this.#inserts = telemetry.counter(
      "vedette_ingest_inserts_total",
      "Inserts into the store; small batches share one.",
    );
    this.#retries = telemetry.counter(
      "vedette_ingest_retries_total",
      "Attempts that the store did not take.",
      ["code"],
    );
    this.#seconds = telemetry.histogram(
      "vedette_ingest_seconds",
      "Time from receiving a batch to its receipt.",
      [0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    );
    this.#warn = rateLimited((fields, message) => log.warn(fields, message), 5_000, clock.now);
    this.#queue = new StoreQueue({
      store: async (batches, signal) => {
        signal.throwIfAborted();
        await deps.sink.store(batches, signal);
        this.#inserts.add(1);
      },
      journal: deps.journal ?? unnoted,
      concurrency: deps.concurrency,
      onRetry: (error, waitMs) => this.#retried(error, waitMs),
    });
  }

  /** Stores groups that a crash left, before anything else is accepted. */
  async restore(left: readonly LeftGroup[], signal: AbortSignal): Promise<void> {
    for (const { group, forget } of left) {
      const missing = group.filter(({ header }) => !this.#deps.ledger.has(header));
      // Its batches are noted together: when only some are known, the group was given up for single batches.
      if (missing.length === group.length) await this.#together(group, signal);
      else for (const each of missing) await this.#together([each], signal);
      signal.throwIfAborted();
      await forget();
    }
  }

  async #together(group: readonly Arrival[], signal: AbortSignal): Promise<void> {
    const results = await this.#queue.together(group, signal);
    for (const [at, result] of results.entries()) await this.#receipt(group[at]!, result, signal);
  }

  /**
   * Gives the frame's receipt. Rejects only when `signal` aborts. `agentId` is who the transport says is speaking; `place`
   * says where a frame lies that can be looked at again, for the reason of a dead letter.
   */
  async accept(agentId: string, frame: Buffer, signal: AbortSignal, place?: string): Promise<Receipt> {
    const started = this.#deps.clock.now();
    const receipt = await this.#decide({ agentId, frame, signal, place });
    this.#batches.add(1, { outcome: names[receipt.outcome] ?? "unknown" });
    this.#seconds.observe(Math.max(0, this.#deps.clock.now() - started) / 1_000);
    return receipt;
  }

  async #decide(delivery: Delivery): Promise<Receipt> {
    const { agentId, frame, signal, place } = delivery;
    let header: BatchHeader;
    try {
      header = openFrame(frame, schemaVersion).header;
    } catch (error) {
      if (!isVedetteError(error)) throw error;
      return this.#dead({ agentId, stage: "decode", reason: error.message, frame, place }, signal);
    }
    if (header.agentId !== agentId) {
      const reason = `The batch says it comes from agent "${header.agentId}", the ${place === undefined ? "connection belongs to" : "key of the record is"} "${agentId}".`;
      return this.#dead({ agentId, stage: "identity", reason, frame, header, place }, signal);
    }
    const { batchId } = header;
    // A reconnected agent repeats what is still being worked on; both deliveries get the one receipt.
    const running = this.#running.get(batchId);
    if (running) {
      try {
        await running;
        return { batchId, outcome: Outcome.DUPLICATE, header };
      } catch {
        // The first delivery was given up by whoever brought it; this one need not be.
        signal.throwIfAborted();
        return this.#decide(delivery);
      }
    }
    if (this.#deps.ledger.has(header)) {
      this.#deps.sink.repeated(header, signal).catch((error: unknown) => {
        this.#warn({ error, batchId }, "A repeated batch could not be noted.");
      });
      return { batchId, outcome: Outcome.DUPLICATE, header };
    }
    const work = this.#store(header, delivery);
    this.#running.set(batchId, work);
    try {
      return await work;
    } finally {
      this.#running.delete(batchId);
    }
  }

  async #store(header: BatchHeader, { frame, signal, place }: Delivery): Promise<Receipt> {
    const arrival = { header, frame };
    // A frame that another collector may take over goes alone: that one would not find the same group again.
    const shares = this.#deps.journal !== undefined && place === undefined;
    const work = shares ? this.#queue.add(arrival, signal) : this.#queue.alone(arrival, signal);
    const [result] = await Promise.allSettled([work]);
    return this.#receipt({ ...arrival, place }, result, signal);
  }

  /** What became of a batch that was handed to the store. Rejects only when the signal aborts. */
  async #receipt(
    { header, frame, place }: Arrival & { readonly place?: string | undefined },
    result: PromiseSettledResult<void>,
    signal: AbortSignal,
  ): Promise<Receipt> {
    if (result.status === "rejected") {
      const error: unknown = result.reason;
      if (signal.aborted) throw error;
      const stage = isVedetteError(error) && error.code.startsWith("batch.") ? "decode" : "store";
      return this.#dead(
        { agentId: header.agentId, stage, reason: messageOf(error), frame, header, place },
        signal,
      );
    }
    this.#deps.ledger.add(header);
    this.#events.add(header.rows, { data_type: header.dataType });
    return { batchId: header.batchId, outcome: Outcome.STORED, header };
  }

  async #dead(refused: DeadFrame, signal: AbortSignal): Promise<Receipt> {
    const { place } = refused;
    const dead = place === undefined ? refused : { ...refused, reason: `${refused.reason} It is ${place}.` };
    this.#warn(
      { agentId: dead.agentId, stage: dead.stage, reason: dead.reason },
      "A batch was refused and kept as a dead letter.",
    );
    await insist(
      () => this.#deps.sink.deadLetter(dead, signal),
      signal,
      (error, waitMs) => this.#retried(error, waitMs),
    );
    if (dead.header?.agentId === dead.agentId) this.#deps.ledger.add(dead.header);
    return { batchId: dead.header?.batchId ?? "", outcome: Outcome.DEAD_LETTERED, reason: dead.reason };
  }

  #retried(error: unknown, waitMs: number): void {
    this.#retries.add(1, { code: isVedetteError(error) ? error.code : "unknown" });
    this.#warn({ error, waitMs }, "The store did not take a batch, will retry.");
  }
}

/** Never asked where no batches share an insert. */
const unnoted: GroupJournal = { note: () => Promise.resolve(() => Promise.resolve()) };

const names: Readonly<Record<number, string>> = {
  [Outcome.STORED]: "stored",
  [Outcome.DUPLICATE]: "duplicate",
  [Outcome.DEAD_LETTERED]: "dead_lettered",
};
