import { create } from "@bufbuild/protobuf";
import { frameLimits, freeBytes } from "@vedette/core/batch";
import {
  type CallHandler,
  listenGrpc,
  type Methods,
  nameOf,
  type PeerCertificate,
  type RefusedReason,
  type ServerCall,
  status,
} from "@vedette/core/grpc";
import { type Counter, rateLimited, type Telemetry } from "@vedette/core/telemetry";
import {
  AckSchema,
  frameOf,
  type Hello,
  type ShipResponse,
  ShipResponseSchema,
  shipMethod,
  WelcomeSchema,
} from "@vedette/proto";
import { agentUri, type Deps, messageOf, schemaVersion, type TlsContent, VedetteError } from "@vedette/sdk";
import type { AgentState, Agents } from "./agents.ts";
import { Budget } from "./budget.ts";
import type { Intake, Receipt } from "./intake.ts";

export interface GrpcOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Batches an agent may have unacknowledged. */
  readonly window: number;
  readonly collectorId: string;
  /** Bytes of batches held at the same time, over all agents. */
  readonly maxBytes: number;
}

export interface GrpcIngest {
  readonly port: number;
  /** Ends all streams; batches without an acknowledgement come again. */
  stop(): Promise<void>;
}

/** Where the certificate of a listener is from. */
export interface ListenerTls {
  read(): TlsContent;
  /** Gives each later one to `use`. */
  watch(use: (content: TlsContent) => void, deps: Pick<Deps, "log" | "signal">): void;
}

/** Who may come in. */
export interface Gate {
  readonly methods: Methods;
  readonly openTo: ReadonlySet<string>;
  admits(certificate: PeerCertificate): string | undefined;
  start(recheck: () => void): void;
  stop(): void;
}

export interface GrpcDeps extends Deps {
  readonly telemetry: Telemetry;
  /** Default: no TLS. With authorities of clients, agents need a certificate that names them. */
  readonly tls?: ListenerTls | undefined;
  /** Whom of those with a certificate is let in, and what may be called without one. Default: all, and nothing. */
  readonly fleet?: Gate | undefined;
}

/** Serves `vedette.v1.Ingest/Ship`, and `others` on the same port. Throws `transport.unavailable` where the address cannot be had. */
export async function serveGrpc(
  options: GrpcOptions,
  intake: Intake,
  agents: Agents,
  deps: GrpcDeps,
  others: Methods = {},
): Promise<GrpcIngest> {
  const stopping = new AbortController();
  const signal = AbortSignal.any([deps.signal, stopping.signal]);
  const calls = new Set<ServerCall>();
  const budget = new Budget(options.maxBytes);
  const refused = deps.telemetry.counter(
    "vedette_ingest_refused_total",
    "Connections and streams of agents that were refused because of TLS or of whom they claim to be.",
    ["reason"],
  );
  const ship = (call: ServerCall): CallHandler => {
    calls.add(call);
    return new Shipment(call, options, budget, intake, agents, { ...deps, refused }, signal, () =>
      calls.delete(call),
    );
  };
  const tell = rateLimited(
    (fields, message) => deps.log.warn(fields, message),
    5_000,
    () => performance.now(),
  );
  const at = {
    ...serverOptions,
    at: { host: options.host, port: options.port },
    ...(deps.tls && { tls: securely(deps.tls.read()) }),
    ...(deps.fleet && { openTo: deps.fleet.openTo, admits: deps.fleet.admits }),
    refused: (reason: RefusedReason, address: string | undefined) => {
      refused.add(1, { reason });
      tell({ reason, address }, "A connection of an agent was refused.");
    },
  };
  const server = await listenGrpc(at, { ...others, ...deps.fleet?.methods, [shipMethod.path]: ship }).catch(
    (error: unknown) => {
      const message = `Cannot listen for agents on ${options.host}:${options.port}: ${messageOf(error)}.`;
      throw new VedetteError("transport.unavailable", message, { verdict: "stop" }, { cause: error });
    },
  );
  deps.fleet?.start(() => server.recheck());
  deps.tls?.watch((changed) => server.renew(securely(changed)), deps);
  return {
    port: server.port,
    stop: async () => {
      deps.fleet?.stop();
      stopping.abort();
      for (const call of calls) call.end();
      await server.stop(1_000);
    },
  };
}

const serverOptions = {
  maxMessageBytes: frameLimits.frameBytes + 1_024,
  maxStreams: 16,
  keepAliveMs: 20_000,
  keepAliveTimeoutMs: 10_000,
} as const;

/** A listener always has a certificate: its settings demand one. */
const securely = ({ cert = Buffer.alloc(0), key = Buffer.alloc(0), ca }: TlsContent) => ({
  ...{ cert, key, minVersion: "TLSv1.3" as const },
  ...(ca && { ca }),
});

/** One agent's stream: hello, then batches in and acknowledgements out. */
class Shipment implements CallHandler {
  readonly #call: ServerCall;
  readonly #options: GrpcOptions;
  readonly #budget: Budget;
  readonly #intake: Intake;
  readonly #agents: Agents;
  readonly #deps: Deps & { readonly refused: Counter };
  readonly #signal: AbortSignal;
  #agent: AgentState | undefined;
  #pending = 0;
  /** True from the moment the budget says so until it says otherwise. */
  #waits = false;
  #open = true;
  readonly #resume = (): void => {
    this.#waits = false;
    this.#flow();
  };

  readonly #gone: () => void;

  constructor(
    call: ServerCall,
    options: GrpcOptions,
    budget: Budget,
    intake: Intake,
    agents: Agents,
    deps: Deps & { readonly refused: Counter },
    signal: AbortSignal,
    gone: () => void,
  ) {
    this.#call = call;
    this.#options = options;
    this.#budget = budget;
    this.#intake = intake;
    this.#agents = agents;
    this.#deps = deps;
    this.#signal = signal;
    this.#gone = gone;
  }

  end(): void {
    this.#call.end();
  }

  drain(): void {
    this.#flow();
  }

  close(error?: Error): void {
    this.#open = false;
    if (error) this.#deps.log.debug({ error, agentId: this.#agent?.agentId }, "An agent's stream broke.");
    this.#budget.leave(this.#resume);
    if (this.#agent) this.#agent.connections--;
    this.#gone();
  }

  message(bytes: Buffer): void {
    const frame = frameOf(bytes);
    if (frame) {
      this.#batch(frame, bytes);
      return;
    }
    try {
      const { message } = shipMethod.requestDeserialize(bytes);
      if (message.case === "hello") this.#hello(message.value);
      else if (message.case === "batch") this.#batch(bufferOf(message.value.frame), bytes);
      else this.#refuse(status.invalidArgument, "The message is neither Hello nor Batch.");
    } catch (error) {
      this.#refuse(status.invalidArgument, `The message does not decode: ${messageOf(error)}.`);
    }
  }

  #hello(hello: Hello): void {
    if (hello.schemaVersion > schemaVersion) {
      const why = `The agent speaks event schema ${hello.schemaVersion}, this collector ${schemaVersion}. Upgrade the collector first.`;
      this.#refuse(status.failedPrecondition, why);
      return;
    }
    if (!/^[\w.:@-]{1,200}$/.test(hello.agentId)) {
      this.#refuse(status.invalidArgument, "The agent id is not usable.");
      return;
    }
    if (this.#agent) {
      this.#refuse(status.invalidArgument, "A stream says Hello once.");
      return;
    }
    const { certificate } = this.#call;
    const named = certificate && nameOf(certificate);
    if (certificate && named !== hello.agentId) {
      this.#deps.refused.add(1, { reason: "identity" });
      this.#refuse(status.permissionDenied, otherName(hello.agentId, named));
      return;
    }
    const now = this.#deps.clock.now();
    const skew = hello.nowMs === 0n ? 0 : Number(hello.nowMs) - now;
    this.#agent = this.#agents.hello(
      hello.agentId,
      {
        ...{ host: hello.host.slice(0, 255), version: hello.version.slice(0, 64), clockSkewMs: skew },
        address: this.#call.peer,
      },
      now,
    );
    this.#deps.log.info(
      { agentId: hello.agentId, host: hello.host, version: hello.version },
      "An agent connected.",
    );
    const welcome = create(WelcomeSchema, {
      collectorId: this.#options.collectorId,
      window: this.#options.window,
    });
    this.#send(create(ShipResponseSchema, { message: { case: "welcome", value: welcome } }));
  }

  /** `message` is what the frame is a view into. */
  #batch(frame: Buffer, message: Buffer): void {
    const agent = this.#agent;
    if (!agent) {
      this.#refuse(status.failedPrecondition, "Hello comes first.");
      return;
    }
    this.#pending++;
    this.#waits = !this.#budget.take(frame.length, this.#resume);
    this.#flow();
    const { length } = frame;
    this.#intake.accept(agent.agentId, frame, this.#signal).then(
      (receipt) => {
        this.#budget.give(length);
        // What is not compressed is looked at where it lies, for as long as history shows it.
        if (receipt.header && receipt.header.codec !== "none") freeBytes(message);
        this.#acknowledge(agent, receipt);
      },
      (error: unknown) => {
        this.#budget.give(length);
        if (this.#signal.aborted) return;
        this.#deps.log.error({ error, agentId: agent.agentId }, "A batch could not be taken.");
        this.#refuse(status.internal, "The batch could not be taken; send it again.");
      },
    );
  }

  /** Reads on while the agent's window and the collector's budget allow; HTTP/2's flow control does the rest. */
  #flow(): void {
    if (!this.#open) return;
    // An agent that sends and does not read its acknowledgements must not fill our memory with them.
    if (this.#waits || this.#call.isFull || this.#pending >= this.#options.window) this.#call.pause();
    else this.#call.resume();
  }

  #acknowledge(agent: AgentState, receipt: Receipt): void {
    this.#note(agent, receipt);
    this.#pending--;
    if (!this.#open) return;
    const ack = create(AckSchema, {
      batchId: receipt.batchId,
      outcome: receipt.outcome,
      reason: receipt.reason ?? "",
    });
    this.#send(create(ShipResponseSchema, { message: { case: "ack", value: ack } }));
    this.#flow();
  }

  #send(response: ShipResponse): void {
    this.#call.write(shipMethod.responseSerialize(response));
  }

  #note(agent: AgentState, { header }: Receipt): void {
    agent.lastBatchAt = this.#deps.clock.now();
    agent.batches++;
    if (!header) return;
    agent.events += header.rows;
    agent.lastEventAt = Math.max(agent.lastEventAt, header.maxTime);
  }

  #refuse(code: number, details: string): void {
    if (!this.#open) return;
    this.#deps.log.warn({ agentId: this.#agent?.agentId, details }, "An agent's stream was refused.");
    this.#call.end(code, details);
  }
}

/** Why an agent may not speak under a name that its certificate does not give it. */
const otherName = (agentId: string, named: string | undefined): string =>
  named === undefined
    ? `The certificate of this agent names no agent; it needs the name URI:${agentUri(agentId)}.`
    : `The certificate of this agent is for the agent "${named}", and it calls itself "${agentId}".`;

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);
