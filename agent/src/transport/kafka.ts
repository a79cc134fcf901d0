import type { Kafka, KafkaProducer, OutgoingRecord } from "@vedette/core/kafka";
import { rateLimited } from "@vedette/core/telemetry";
import { type Deps, isVedetteError, messageOf, VedetteError } from "@vedette/sdk";
import { backoffMs } from "../backoff.ts";
import type { AgentMetrics } from "../metrics.ts";
import { pause } from "../pause.ts";
import type { PendingBatch } from "../spool/index.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { OnAcknowledged } from "./session.ts";
import type { Outbox, Transport } from "./transport.ts";

export interface KafkaTransportOptions {
  readonly topic: string;
  /** Most batches in one request. */
  readonly window: number;
  readonly ackTimeoutMs: number;
  readonly agentId: string;
  readonly host: string;
  readonly version: string;
}

/**
 * Bytes of small batches that share a request. All records of a request become one batch of Kafka's, whose size the
 * topic bounds (1 MiB by default); a single batch of ours may be larger than this.
 */
const requestBytes = 512 << 10;
/** Bytes read from the spool ahead of what is being sent. */
const aheadBytes = 4 << 20;
const closeMs = 1_000;

/**
 * Ships to a topic of Kafka: one batch is one record, its key is the agent. Requests go out one after the other, each
 * with all batches that gathered during the one before: a batch never overtakes another, whatever fails. A batch is
 * acknowledged when every in-sync replica has it; one that was sent and not acknowledged comes again, as a repeat.
 */
export class KafkaTransport implements Transport {
  readonly #options: KafkaTransportOptions;
  readonly #open: () => Promise<Kafka>;
  readonly #deps: Pick<Deps, "log">;
  readonly #metrics: AgentMetrics;
  readonly #acknowledged: OnAcknowledged;
  readonly #warn: (fields: object, message: string) => void;
  /** Batches of the request that failed last: some of them may be there. */
  #doubtful = new Set<string>();
  #connected = false;
  #problem: string | undefined;

  /** `open` is called again after every failure. */
  constructor(
    options: KafkaTransportOptions,
    open: () => Promise<Kafka>,
    deps: Pick<Deps, "log">,
    metrics: AgentMetrics,
    acknowledged: OnAcknowledged = () => undefined,
  ) {
    this.#options = options;
    this.#open = open;
    this.#deps = deps;
    this.#metrics = metrics;
    this.#acknowledged = acknowledged;
    this.#warn = rateLimited(
      (fields, message) => deps.log.warn(fields, message),
      5_000,
      () => performance.now(),
    );
  }

  get connected(): boolean {
    return this.#connected;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  async run(outbox: Outbox, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const end = await this.#connect(outbox, signal);
      this.#connected = false;
      if (signal.aborted) return;
      if (end.progressed) failures = 0;
      this.#tell(end.error);
      // What a person must change is looked at seldom, so that it goes on by itself afterwards.
      await pause(backoffMs(isLasting(end.error) ? Number.MAX_SAFE_INTEGER : failures), signal);
    }
  }

  /** One producer, from its making to its failure. */
  async #connect(outbox: Outbox, signal: AbortSignal): Promise<{ progressed: boolean; error: unknown }> {
    const ended = new AbortController();
    const stop = AbortSignal.any([signal, ended.signal]);
    let progressed = false;
    let producer: KafkaProducer | undefined;
    try {
      const kafka = await this.#open();
      await this.#requireTopic(kafka);
      producer = await kafka.producer({ idempotent: true });
      this.#connected = true;
      this.#problem = undefined;
      this.#metrics.connects.add(1, { result: "ok" });
      this.#deps.log.info({ topic: this.#options.topic }, "Connected to Kafka.");
      const limits = { batches: this.#options.window, bytes: aheadBytes };
      const ahead = new ReadAhead(outbox, limits, stop);
      for (;;) {
        const batches = await ahead.take(this.#options.window, requestBytes);
        if (batches.length === 0) return { progressed, error: undefined };
        await this.#send(producer, batches, outbox, stop);
        this.#problem = undefined;
        progressed = true;
      }
    } catch (error) {
      return { progressed, error };
    } finally {
      ended.abort();
      await Promise.race([
        producer?.close().catch(() => undefined),
        pause(closeMs, new AbortController().signal),
      ]);
    }
  }

  /** Talks to the brokers before the first batch does, so that a quiet agent knows as well what is wrong. */
  async #requireTopic(kafka: Kafka): Promise<void> {
    const { topic } = this.#options;
    const admin = await kafka.admin();
    try {
      if ((await admin.partitions([topic])).has(topic)) return;
    } finally {
      await admin.close();
    }
    const message = `The topic "${topic}" does not exist, or this user may not see it. docs/guide/kafka.md says how to make it.`;
    throw new VedetteError("transport.refused", message, { verdict: "stop" });
  }

  async #send(
    producer: KafkaProducer,
    batches: readonly PendingBatch[],
    outbox: Outbox,
    signal: AbortSignal,
  ): Promise<void> {
    this.#metrics.sent.add(batches.length);
    const repeats = batches.filter(({ header }) => this.#doubtful.has(header.batchId)).length;
    if (repeats > 0) this.#metrics.resent.add(repeats);
    this.#doubtful = new Set(batches.map(({ header }) => header.batchId));
    const records = batches.map((batch) => this.#recordOf(batch));
    try {
      await this.#inTime(producer.send(this.#options.topic, records), signal);
    } catch (error) {
      const [first] = batches;
      if (!isLasting(error) || first === undefined) throw error;
      if (batches.length === 1) {
        const fields = { batchId: first.header.batchId, bytes: first.frame.length };
        this.#metrics.refused.add(1, { reason: error.code });
        this.#deps.log.error(
          { error, topic: this.#options.topic, ...fields },
          "Kafka refused a batch; it is kept.",
        );
        throw error;
      }
      // One of them is the reason: the ones before it must not wait with it.
      for (const batch of batches) await this.#send(producer, [batch], outbox, signal);
      return;
    }
    this.#doubtful.clear();
    for (const { header } of batches) {
      this.#metrics.acknowledged.add(1, { outcome: "queued" });
      this.#acknowledged(header, "queued");
      outbox.acknowledge(header);
    }
  }

  /** What the work gives, as long as neither the time for it nor the signal ends. */
  async #inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    const { ackTimeoutMs } = this.#options;
    const over = new AbortController();
    const late = pause(ackTimeoutMs, AbortSignal.any([signal, over.signal])).then(() => {
      const message = `Kafka did not acknowledge batches for ${ackTimeoutMs / 1_000} s.`;
      throw new VedetteError("transport.unavailable", message, { verdict: "retry" });
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      late.catch(() => undefined);
      over.abort();
    }
  }

  #recordOf({ header, frame }: PendingBatch): OutgoingRecord {
    const { agentId, host, version } = this.#options;
    return {
      key: agentId,
      value: frame,
      headers: {
        batchId: header.batchId,
        schema: String(header.schema),
        dataType: header.dataType,
        epoch: String(header.epoch),
        sequence: String(header.sequence),
        host,
        version,
      },
    };
  }

  #tell(error: unknown): void {
    this.#problem = `Batches wait in the spool: ${messageOf(error)}`;
    const lasting = isLasting(error);
    this.#metrics.connects.add(1, { result: lasting ? "refused" : "lost" });
    const fields = { error, topic: this.#options.topic };
    this.#warn(
      fields,
      lasting ? "Kafka refuses batches, will retry." : "Kafka cannot be reached, will retry.",
    );
  }
}

/** Whether the same call fails until a person changes something. */
const isLasting = (error: unknown): error is VedetteError =>
  isVedetteError(error) && error.verdict.verdict !== "retry";
