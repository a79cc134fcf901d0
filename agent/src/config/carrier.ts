import type { z } from "zod";
import { collectorTarget } from "./collector.ts";
import type { kafkaTarget } from "./kafka.ts";

/** A collector to ship to. */
export type CollectorTarget = z.infer<typeof collectorTarget>;
type KafkaTarget = z.infer<typeof kafkaTarget>;

/** What carries an agent's batches. */
export type Carrier =
  | { readonly kind: "collector"; readonly collector: CollectorTarget }
  | { readonly kind: "kafka"; readonly kafka: KafkaTarget };

/** What a configuration names; where it names nothing, a collector on loopback. */
export function carrierOf({
  collector,
  kafka,
}: {
  readonly collector?: CollectorTarget | undefined;
  readonly kafka?: KafkaTarget | undefined;
}): Carrier {
  return kafka
    ? { kind: "kafka", kafka }
    : { kind: "collector", collector: collector ?? collectorTarget.parse({}) };
}

/** Where batches go, for people. */
export const addressOf = (carrier: Carrier): string =>
  carrier.kind === "kafka"
    ? `the topic ${carrier.kafka.topic} at ${carrier.kafka.brokers.join(", ")}`
    : carrier.collector.address;
