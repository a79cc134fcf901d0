import { create } from "@bufbuild/protobuf";
import { isLoopbackAddress } from "@vedette/core/config";
import { Call, type ClientTls, status } from "@vedette/core/grpc";
import { rateLimited } from "@vedette/core/telemetry";
import { HelloSchema } from "@vedette/proto";
import { shipPath } from "@vedette/proto/paths";
import { type Deps, messageOf, schemaVersion, VedetteError } from "@vedette/sdk";
import { backoffMs } from "../backoff.ts";
import type { AgentMetrics } from "../metrics.ts";
import { pause } from "../pause.ts";
import type { Place } from "../spool/index.ts";
import type { Certificates } from "./certificates.ts";
import { type OnAcknowledged, Session } from "./session.ts";
import type { Outbox, Transport } from "./transport.ts";

export interface GrpcOptions {
  /** `host:port` */
  readonly address: string;
  readonly window: number;
  readonly ackTimeoutMs: number;
  readonly welcomeTimeoutMs: number;
  readonly dangerouslyAllowPlaintext: boolean;
  /** Default: no TLS. */
  readonly certificates?: Certificates | undefined;
  readonly agentId: string;
  readonly host: string;
  readonly version: string;
}

/** Codes that say the collector does not want this agent, rather than that it is not there. */
const refusals: ReadonlySet<number> = new Set([
  status.unauthenticated,
  status.permissionDenied,
  status.failedPrecondition,
  status.invalidArgument,
  status.unimplemented,
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
    const { certificates, dangerouslyAllowPlaintext, address } = options;
    if (!certificates && !dangerouslyAllowPlaintext && !isLoopbackAddress(address)) {
      throw new VedetteError(
        "config.invalid",
        `The collector ${address} is not on loopback; it is reached over TLS only (agent.collector.tls).`,
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
    const { address, agentId, host, version, certificates } = this.#options;
    let tls: ClientTls | undefined;
    try {
      tls = certificates?.read(this.#deps.clock.now());
    } catch (error) {
      this.#metrics.connects.add(1, { result: "failed" });
      const fields = { address, code: "transport.certificate", reason: messageOf(error) };
      this.#warn(fields, "There is no certificate to connect with; batches wait, will retry.");
      return false;
    }
    const hello = () => {
      const nowMs = BigInt(Math.trunc(this.#deps.clock.now()));
      return create(HelloSchema, { agentId, host, version, schemaVersion, nowMs });
    };
    const call = { ...callOptions, address, tls, userAgent: `vedette-agent/${version}` };
    const session = new Session(
      (events) => new Call(call, events),
      hello,
      this.#options,
      outbox,
      this.#metrics,
      this.#deps,
      { repeatsUpTo: this.#furthest, acknowledged: this.#acknowledged },
    );
    this.#session = session;
    const renewed = new AbortController();
    const watch = certificates && setInterval(() => certificates.changed && renewed.abort(), renewedMs);
    const end = await session.run(AbortSignal.any([signal, renewed.signal]));
    clearInterval(watch);
    this.#furthest = session.furthest ?? this.#furthest;
    if (signal.aborted || renewed.signal.aborted) return true;
    const refused = end.code !== undefined && refusals.has(end.code);
    this.#metrics.connects.add(1, { result: refused ? "refused" : session.welcomed ? "lost" : "failed" });
    const code = refused ? "transport.refused" : "transport.unavailable";
    this.#warn(
      { address, code, reason: end.reason, ...certificates?.paths },
      refused
        ? "The collector refused the connection, will retry."
        : "The collector cannot be reached, will retry.",
    );
    return session.progressed;
  }
}

/** How often the files of a connection's certificates are looked at. */
const renewedMs = 5_000;

const callOptions = {
  path: shipPath,
  maxMessageBytes: 1 << 20,
  keepAliveMs: 20_000,
  keepAliveTimeoutMs: 10_000,
} as const;
