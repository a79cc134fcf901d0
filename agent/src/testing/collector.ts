import { create } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { type Batch, decodeBatch, frameLimits } from "@vedette/core/batch";
import {
  AckSchema,
  Outcome,
  type ShipRequest,
  type ShipResponse,
  ShipResponseSchema,
  shipMethod,
  WelcomeSchema,
} from "@vedette/proto";

type Stream = ServerDuplexStream<ShipRequest, ShipResponse>;

/** What a scripted collector does with one delivery. */
export interface Delivery {
  readonly batch: Batch;
  readonly frame: Buffer;
  readonly stream: Stream;
  /** Deliveries before this one, over all connections. */
  readonly index: number;
  ack(outcome?: Outcome, reason?: string): void;
  /** Ends the connection as a crash would. */
  cut(): void;
}

export interface TestCollector {
  readonly address: string;
  readonly deliveries: readonly Delivery[];
  connections: number;
  /** Most deliveries of one connection that were unacknowledged at the same time. */
  mostInFlight: number;
  stop(): Promise<void>;
}

/** A real gRPC server on loopback whose behaviour a test writes. */
export async function startTestCollector(
  onDelivery: (delivery: Delivery) => void,
  { window = 16, port = 0, welcome = true }: { window?: number; port?: number; welcome?: boolean } = {},
): Promise<TestCollector> {
  const server = new Server({ "grpc.max_receive_message_length": frameLimits.frameBytes + 1_024 });
  const deliveries: Delivery[] = [];
  const streams = new Set<Stream>();
  const collector = { address: "", deliveries, connections: 0, mostInFlight: 0, stop: async () => undefined };
  const ship = (stream: Stream): void => {
    collector.connections++;
    streams.add(stream);
    let inFlight = 0;
    stream.on("error", () => streams.delete(stream));
    stream.on("end", () => stream.end());
    stream.on("data", ({ message }: ShipRequest) => {
      if (message.case === "hello" && welcome) {
        const value = create(WelcomeSchema, { collectorId: "test", window });
        stream.write(create(ShipResponseSchema, { message: { case: "welcome", value } }));
      }
      if (message.case !== "batch") return;
      collector.mostInFlight = Math.max(collector.mostInFlight, ++inFlight);
      const frame = Buffer.from(message.value.frame);
      const batch = decodeBatch(frame);
      const delivery: Delivery = {
        batch,
        frame,
        stream,
        index: deliveries.length,
        ack: (outcome = Outcome.STORED, reason = "") => {
          inFlight--;
          const value = create(AckSchema, { batchId: batch.header.batchId, outcome, reason });
          stream.write(create(ShipResponseSchema, { message: { case: "ack", value } }));
        },
        cut: () => stream.emit("error", { code: 14, details: "cut" }),
      };
      deliveries.push(delivery);
      onDelivery(delivery);
    });
  };
  server.addService({ ship: shipMethod }, { ship });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, free) =>
      error ? reject(error) : resolve(free),
    );
  });
  collector.address = `127.0.0.1:${bound}`;
  return Object.assign(collector, {
    stop: async () => {
      server.forceShutdown();
    },
  });
}
