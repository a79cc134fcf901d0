import { create } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { frameLimits } from "@vedette/core/batch";
import { isLoopbackAddress } from "@vedette/core/config";
import { rateLimited } from "@vedette/core/telemetry";
import {
  HelloSchema,
  type ShipRequest,
  ShipRequestSchema,
  type ShipResponse,
  shipMethod,
} from "@vedette/proto";
import { type Deps, schemaVersion, VedetteError } from "@vedette/sdk";
import { backoffMs } from "../backoff.ts";
import type { AgentMetrics } from "../metrics.ts";
import { pause } from "../pause.ts";
import type { Place } from "../spool/index.ts";
import { type OnAcknowledged, Session } from "./session.ts";
import type { Outbox, Transport } from "./transport.ts";

export interface GrpcOptions {
  /** `host:port` */
  readonly address: string;
  readonly window: number;
  readonly ackTimeoutMs: number;
  readonly welcomeTimeoutMs: number;
  readonly dangerouslyAllowPlaintext: boolean;
  readonly agentId: string;
  readonly host: string;
  readonly version: string;
}

/** Codes that say the collector does not want this agent, rather than that it is not there. */
const refusals: ReadonlySet<number> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.INVALID_ARGUMENT,
  status.UNIMPLEMENTED,
]);

/** Ships over one long gRPC stream (`vedette.v1.Ingest/Ship`), made anew whenever it breaks, for ever. */
export class GrpcTransport implements Transport {
  readonly #options: GrpcOptions;
  readonly #deps: Pick<Deps, "log" | "clock">;
  readonly #metrics: AgentMetrics;
  readonly #warn: (fields: object, message: string) => void;
  /** The furthest batch ever sent: what comes before it in a new session is a repeat. */
  #furthest: Place | undefined;
  #session: Session | undefined;

  readonly #acknowledged: OnAcknowledged;

  constructor(
    options: GrpcOptions,
    deps: Pick<Deps, "log" | "clock">,
    metrics: AgentMetrics,
    acknowledged: OnAcknowledged = () => undefined,
  ) {
    this.#acknowledged = acknowledged;
    if (!options.dangerouslyAllowPlaintext && !isLoopbackAddress(options.address)) {
      throw new VedetteError(
        "config.invalid",
        `The collector ${options.address} is not on loopback. Set dangerouslyAllowPlaintext to ship without TLS.`,
        { verdict: "stop" },
      );
    }
    this.#options = options;
    this.#deps = deps;
    this.#metrics = metrics;
    this.#warn = rateLimited(
      (fields, message) => deps.log.warn(fields, message),
      5_000,
      () => performance.now(),
    );
  }

  get connected(): boolean {
    return this.#session?.welcomed ?? false;
  }

  async run(outbox: Outbox, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      if (await this.#connect(outbox, signal)) failures = 0;
      if (!signal.aborted) await pause(backoffMs(failures), signal);
    }
  }

  /** One connection, from its making to its end. True where the collector took something. */
  async #connect(outbox: Outbox, signal: AbortSignal): Promise<boolean> {
    const { address, agentId, host, version } = this.#options;
    const client = new Client(address, credentials.createInsecure(), channelOptions);
    const stream = client.makeBidiStreamRequest<ShipRequest, ShipResponse>(
      shipMethod.path,
      shipMethod.requestSerialize,
      shipMethod.responseDeserialize,
      new Metadata(),
    );
    const session = new Session(stream, this.#options, outbox, this.#metrics, this.#deps, {
      repeatsUpTo: this.#furthest,
      acknowledged: this.#acknowledged,
    });
    this.#session = session;
    const nowMs = BigInt(Math.trunc(this.#deps.clock.now()));
    const hello = create(HelloSchema, { agentId, host, version, schemaVersion, nowMs });
    stream.write(create(ShipRequestSchema, { message: { case: "hello", value: hello } }));
    const end = await session.run(signal);
    this.#furthest = session.furthest ?? this.#furthest;
    client.close();
    if (signal.aborted) return true;
    const refused = end.code !== undefined && refusals.has(end.code);
    this.#metrics.connects.add(1, { result: refused ? "refused" : session.welcomed ? "lost" : "failed" });
    const code = refused ? "transport.refused" : "transport.unavailable";
    this.#warn(
      { address, code, reason: end.reason },
      refused
        ? "The collector refused the connection, will retry."
        : "The collector cannot be reached, will retry.",
    );
    return session.progressed;
  }
}

const channelOptions = {
  "grpc.max_send_message_length": frameLimits.frameBytes + 1_024,
  "grpc.max_receive_message_length": 1 << 20,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 0,
  // Reconnecting is decided here, with its own backoff; a fresh channel must not wait out an old one's.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_http_proxy": 0,
} as const;
