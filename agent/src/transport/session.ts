import { create } from "@bufbuild/protobuf";
import type { Call, CallEvents } from "@vedette/core/grpc";
import { rateLimited } from "@vedette/core/telemetry";
import {
  type Ack,
  batchHead,
  type Hello,
  Outcome,
  ShipRequestSchema,
  type ShipResponse,
  shipMethod,
} from "@vedette/proto";
import { type Deps, once } from "@vedette/sdk";
import type { AgentMetrics } from "../metrics.ts";
import type { PendingBatch, Place } from "../spool/index.ts";
import type { Outbox } from "./transport.ts";

export interface SessionOptions {
  readonly window: number;
  readonly ackTimeoutMs: number;
  readonly welcomeTimeoutMs: number;
}

/** How a connection ended. */
export interface SessionEnd {
  readonly reason: string;
  readonly code?: number;
}

/**
 * How far sending may run ahead of one batch that is not acknowledged while others are. A collector keeps apart
 * what it stored only among the latest sequences; a batch left too far behind would look stored.
 */
const maxLead = 512;

/** Bound of the bytes sent and not yet acknowledged. A collector takes this much many times a second. */
const maxInFlightBytes = 4 << 20;

/** Told of every acknowledgement of a batch that was sent. */
export type OnAcknowledged = (header: PendingBatch["header"], outcome: string) => void;

/** What a session knows of the ones before it, and whom it tells. */
interface SessionContext {
  /** The furthest batch sent before: what comes up to it is a repeat. */
  readonly repeatsUpTo: Place | undefined;
  readonly acknowledged: OnAcknowledged;
}

interface Shipped {
  readonly header: PendingBatch["header"];
  readonly bytes: number;
}

/** One stream: batches out as long as the window has room, acknowledgements back in any order. */
export class Session {
  readonly #call: Call;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  readonly #metrics: AgentMetrics;
  readonly #deps: Pick<Deps, "log" | "clock">;
  readonly #repeatsUpTo: Place | undefined;
  readonly #acknowledged: OnAcknowledged;
  readonly #warn: (fields: object, message: string) => void;
  /** Without frames: these lie in the spool, and in memory only until they are sent. */
  readonly #inFlight = new Map<string, Shipped>();
  #inFlightBytes = 0;
  readonly #ended = new AbortController();
  #end: SessionEnd = { reason: "The stream was closed." };
  #window = 0;
  #wake: (() => void) | undefined;
  #movedAt = performance.now();
  furthest: Place | undefined;
  progressed = false;

  /** Opens the call and says Hello when the connection stands: until then nothing of protobuf needs to be loaded. */
  constructor(
    open: (events: CallEvents) => Call,
    hello: () => Hello,
    options: SessionOptions,
    outbox: Outbox,
    metrics: AgentMetrics,
    deps: Pick<Deps, "log" | "clock">,
    { repeatsUpTo, acknowledged }: SessionContext,
  ) {
    this.#acknowledged = acknowledged;
    this.#options = options;
    this.#outbox = outbox;
    this.#metrics = metrics;
    this.#deps = deps;
    this.#repeatsUpTo = repeatsUpTo;
    this.#warn = rateLimited(
      (fields, message) => deps.log.warn(fields, message),
      5_000,
      () => performance.now(),
    );
    this.furthest = repeatsUpTo;
    this.#call = open({
      connected: () => this.#greet(hello()),
      message: (bytes) => this.#read(bytes),
      drain: () => this.#wake?.(),
      ended: ({ code, details }) =>
        this.#finish(code === 0 ? { reason: "The collector ended the stream." } : { reason: details, code }),
    });
  }

  #greet(hello: Hello): void {
    const request = create(ShipRequestSchema, { message: { case: "hello", value: hello } });
    this.#call.write([shipMethod.requestSerialize(request)]);
  }

  /** True after the collector's Welcome, until the end. */
  get welcomed(): boolean {
    return this.#window > 0 && !this.#ended.signal.aborted;
  }

  /** Ships until the stream or the signal ends, and says how it ended. */
  async run(signal: AbortSignal): Promise<SessionEnd> {
    const stop = (): void => this.#finish({ reason: "The agent stops." });
    signal.addEventListener("abort", stop, { once: true });
    const every = Math.min(1_000, this.#options.welcomeTimeoutMs, this.#options.ackTimeoutMs) / 2;
    const watchdog = setInterval(() => this.#watch(), every);
    if (signal.aborted) stop();
    const ended = this.#ended.signal;
    let after: Place | undefined;
    while (!ended.aborted) {
      if (this.#isFull || this.#isAhead(after) || this.#call.isFull) {
        await this.#room();
        continue;
      }
      const batch = await this.#outbox.next(after, ended);
      if (!batch || ended.aborted) break;
      after = batch.header;
      this.#send(batch);
    }
    clearInterval(watchdog);
    signal.removeEventListener("abort", stop);
    return this.#end;
  }

  get #isFull(): boolean {
    return this.#inFlight.size >= this.#window || this.#inFlightBytes >= maxInFlightBytes;
  }

  #isAhead(after: Place | undefined): boolean {
    const oldest = this.#inFlight.values().next().value?.header;
    return oldest?.epoch === after?.epoch && (after?.sequence ?? 0) - (oldest?.sequence ?? 0) >= maxLead;
  }

  #send(batch: PendingBatch): void {
    const { header, frame } = batch;
    // Silence counts from the first batch that could be answered.
    if (this.#inFlight.size === 0) this.#movedAt = performance.now();
    this.#inFlight.set(header.batchId, { header, bytes: frame.length });
    this.#inFlightBytes += frame.length;
    this.#metrics.sent.add(1);
    if (this.#repeatsUpTo && !isBehind(header, this.#repeatsUpTo)) this.#metrics.resent.add(1);
    if (!this.furthest || isBehind(header, this.furthest)) this.furthest = header;
    this.#call.write([batchHead(frame.length), frame], () => batch.release?.());
  }

  #read(bytes: Buffer): void {
    try {
      this.#take(shipMethod.responseDeserialize(bytes));
    } catch {
      this.#finish({ reason: "The collector sent what is no message of ours." });
    }
  }

  #take({ message }: ShipResponse): void {
    if (message.case === "welcome") {
      this.#window = Math.max(1, Math.min(message.value.window, this.#options.window));
      this.#metrics.connects.add(1, { result: "ok" });
      this.#deps.log.info(
        { collectorId: message.value.collectorId, window: this.#window },
        "Connected to a collector.",
      );
    } else if (message.case === "ack") {
      this.#acknowledge(message.value);
    }
    this.#wake?.();
  }

  #acknowledge({ batchId, outcome, reason }: Ack): void {
    const shipped = this.#inFlight.get(batchId);
    if (!shipped) {
      // A repeated acknowledgement, or one of a batch that this session did not send: nothing to do.
      this.#metrics.acknowledged.add(1, { outcome: "unknown" });
      return;
    }
    if (outcome === Outcome.UNSPECIFIED) {
      this.#finish({ reason: "The collector acknowledged a batch without saying what became of it." });
      return;
    }
    this.#inFlight.delete(batchId);
    this.#inFlightBytes -= shipped.bytes;
    this.#movedAt = performance.now();
    this.progressed = true;
    const word = outcomes()[outcome] ?? "unknown";
    this.#metrics.acknowledged.add(1, { outcome: word });
    this.#acknowledged(shipped.header, word);
    if (outcome === Outcome.DEAD_LETTERED) {
      this.#warn({ batchId, reason: reason.slice(0, 500) }, "The collector kept a batch as a dead letter.");
    }
    this.#outbox.acknowledge(shipped.header);
  }

  #watch(): void {
    const silent = performance.now() - this.#movedAt;
    if (this.#window === 0) {
      if (silent > this.#options.welcomeTimeoutMs)
        this.#finish({ reason: "The collector did not answer Hello." });
    } else if (this.#inFlight.size > 0 && silent > this.#options.ackTimeoutMs) {
      this.#finish({ reason: `${this.#inFlight.size} batches were not acknowledged in time.` });
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #finish(end: SessionEnd): void {
    if (this.#ended.signal.aborted) return;
    this.#end = end;
    this.#ended.abort();
    this.#call.cancel();
    this.#wake?.();
  }
}

const outcomes = once(
  (): Readonly<Record<number, string>> => ({
    [Outcome.STORED]: "stored",
    [Outcome.DUPLICATE]: "duplicate",
    [Outcome.DEAD_LETTERED]: "dead_lettered",
  }),
);

const isBehind = (left: Place, right: Place): boolean =>
  left.epoch > right.epoch || (left.epoch === right.epoch && left.sequence > right.sequence);
