import type { Kafka } from "@vedette/core/kafka";
import type { Deps } from "@vedette/sdk";
import type { Carrier } from "../config/index.ts";
import type { AgentMetrics } from "../metrics.ts";
import { openCertificates } from "./certificates.ts";
import { GrpcTransport } from "./grpc.ts";
import { KafkaTransport } from "./kafka.ts";
import type { OnAcknowledged } from "./session.ts";
import type { Transport } from "./transport.ts";

/** Who ships. */
export interface Speaker {
  readonly agentId: string;
  readonly host: string;
  readonly version: string;
}

const welcomeTimeoutMs = 10_000;

/** Makes the transport that a configuration names. Connects to nothing yet. Throws `config.invalid`. */
export function openTransport(
  carrier: Carrier,
  speaker: Speaker,
  deps: Pick<Deps, "log" | "clock"> & { readonly baseDir: string; readonly stateDir: string },
  metrics: AgentMetrics,
  acknowledged: OnAcknowledged = () => undefined,
): Transport {
  if (carrier.kind === "collector") {
    const { collector } = carrier;
    const ackTimeoutMs = collector.ackTimeoutSeconds * 1_000;
    const certificates = collector.tls && openCertificates(collector.tls, deps.baseDir, deps.stateDir);
    const options = { ...collector, ...speaker, ackTimeoutMs, welcomeTimeoutMs, certificates };
    return new GrpcTransport(options, deps, metrics, acknowledged);
  }
  const { kafka } = carrier;
  // The client is large: it is loaded where it is used, at the first connection.
  const open = async (): Promise<Kafka> => (await import("@vedette/core/kafka")).openKafka(kafka, deps);
  const options = { ...kafka, ...speaker, ackTimeoutMs: kafka.ackTimeoutSeconds * 1_000 };
  return new KafkaTransport(options, open, deps, metrics, acknowledged);
}
