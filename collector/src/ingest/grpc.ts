import { create } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";
import { frameLimits } from "@vedette/core/batch";
import {
  AckSchema,
  type Hello,
  type ShipRequest,
  type ShipResponse,
  ShipResponseSchema,
  shipMethod,
  WelcomeSchema,
} from "@vedette/proto";
import { type Deps, messageOf, schemaVersion, VedetteError } from "@vedette/sdk";
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

type Stream = ServerDuplexStream<ShipRequest, ShipResponse>;

/** Serves `vedette.v1.Ingest/Ship`. Throws `transport.unavailable` where the address cannot be had. */
export async function serveGrpc(
  options: GrpcOptions,
  intake: Intake,
  agents: Agents,
  deps: Deps,
): Promise<GrpcIngest> {
  const server = new Server({
    "grpc.max_receive_message_length": frameLimits.frameBytes + 1024,
    "grpc.keepalive_time_ms": 20_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_concurrent_streams": 16,
  });
  const stopping = new AbortController();
  const signal = AbortSignal.any([deps.signal, stopping.signal]);
  const streams = new Set<Stream>();
  const budget = new Budget(options.maxBytes);
  server.addService(
    { ship: shipMethod },
    {
      ship: (stream: Stream) => {
        streams.add(stream);
        new Shipment(stream, options, budget, intake, agents, deps, signal, () => streams.delete(stream));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `${options.host}:${options.port}`,
      ServerCredentials.createInsecure(),
      (error, bound) => {
        if (!error) {
          resolve(bound);
          return;
        }
        const message = `Cannot listen for agents on ${options.host}:${options.port}: ${messageOf(error)}.`;
        reject(new VedetteError("transport.unavailable", message, { verdict: "stop" }, { cause: error }));
      },
    );
  });
  return {
    port,
    stop: async () => {
      stopping.abort();
      for (const stream of streams) stream.end();
      const forced = setTimeout(() => server.forceShutdown(), 1_000);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(forced);
    },
  };
}

/** One agent's stream: hello, then batches in and acknowledgements out. */
class Shipment {
  readonly #stream: Stream;
  readonly #options: GrpcOptions;
  readonly #budget: Budget;
  readonly #intake: Intake;
  readonly #agents: Agents;
  readonly #deps: Deps;
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

  constructor(
    stream: Stream,
    options: GrpcOptions,
    budget: Budget,
    intake: Intake,
    agents: Agents,
    deps: Deps,
    signal: AbortSignal,
    gone: () => void,
  ) {
    this.#stream = stream;
    this.#options = options;
    this.#budget = budget;
    this.#intake = intake;
    this.#agents = agents;
    this.#deps = deps;
    this.#signal = signal;
    const close = (): void => {
      if (!this.#open) return;
      this.#open = false;
      budget.leave(this.#resume);
      if (this.#agent) this.#agent.connections--;
      gone();
    };
    stream.on("data", (request: ShipRequest) => this.#take(request));
    stream.on("end", () => stream.end());
    stream.on("close", close);
    stream.on("cancelled", close);
    stream.on("error", (error) => {
      deps.log.debug({ error, agentId: this.#agent?.agentId }, "An agent's stream broke.");
      close();
    });
  }

  #take(request: ShipRequest): void {
    const { message } = request;
    if (message.case === "hello") this.#hello(message.value);
    else if (message.case === "batch") this.#batch(message.value.frame);
    else this.#refuse(status.INVALID_ARGUMENT, "The message is neither Hello nor Batch.");
  }

  #hello(hello: Hello): void {
    if (hello.schemaVersion > schemaVersion) {
      const why = `The agent speaks event schema ${hello.schemaVersion}, this collector ${schemaVersion}. Upgrade the collector first.`;
      this.#refuse(status.FAILED_PRECONDITION, why);
      return;
    }
    if (!/^[\w.:@-]{1,200}$/.test(hello.agentId)) {
      this.#refuse(status.INVALID_ARGUMENT, "The agent id is not usable.");
      return;
    }
    if (this.#agent) {
      this.#refuse(status.INVALID_ARGUMENT, "A stream says Hello once.");
      return;
    }
    const now = this.#deps.clock.now();
    const skew = hello.nowMs === 0n ? 0 : Number(hello.nowMs) - now;
    this.#agent = this.#agents.hello(
      hello.agentId,
      hello.host.slice(0, 255),
      hello.version.slice(0, 64),
      skew,
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
    this.#stream.write(create(ShipResponseSchema, { message: { case: "welcome", value: welcome } }));
  }

  #batch(bytes: Uint8Array): void {
    const agent = this.#agent;
    if (!agent) {
      this.#refuse(status.FAILED_PRECONDITION, "Hello comes first.");
      return;
    }
    this.#pending++;
    this.#waits = !this.#budget.take(bytes.length, this.#resume);
    this.#flow();
    const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#intake.accept(agent.agentId, frame, this.#signal).then(
      (receipt) => {
        this.#budget.give(frame.length);
        this.#acknowledge(agent, receipt);
      },
      (error: unknown) => {
        this.#budget.give(frame.length);
        if (this.#signal.aborted) return;
        this.#deps.log.error({ error, agentId: agent.agentId }, "A batch could not be taken.");
        this.#refuse(status.INTERNAL, "The batch could not be taken; send it again.");
      },
    );
  }

  /** Reads on while the agent's window and the collector's budget allow; gRPC's flow control does the rest. */
  #flow(): void {
    if (!this.#open) return;
    if (this.#waits || this.#pending >= this.#options.window) this.#stream.pause();
    else this.#stream.resume();
  }

  #acknowledge(agent: AgentState, receipt: Receipt): void {
    this.#note(agent, receipt);
    this.#pending--;
    this.#flow();
    if (!this.#open) return;
    const ack = create(AckSchema, {
      batchId: receipt.batchId,
      outcome: receipt.outcome,
      reason: receipt.reason ?? "",
    });
    this.#stream.write(create(ShipResponseSchema, { message: { case: "ack", value: ack } }));
  }

  #note(agent: AgentState, { header }: Receipt): void {
    agent.lastBatchAt = this.#deps.clock.now();
    agent.batches++;
    if (!header) return;
    agent.events += header.rows;
    agent.lastEventAt = Math.max(agent.lastEventAt, header.maxTime);
  }

  #refuse(code: status, details: string): void {
    if (!this.#open) return;
    this.#deps.log.warn({ agentId: this.#agent?.agentId, details }, "An agent's stream was refused.");
    this.#stream.emit("error", { code, details });
  }
}
