import type { Counter, Telemetry } from "@vedette/core/telemetry";

/** What the collector counts of its membership in a consumer group. No label names a partition. */
export interface KafkaMetrics {
  readonly commits: Counter;
  readonly rebalances: Counter;
  readonly failures: Counter;
}

/** What the gauges show, asked for when they are. */
export interface KafkaGauges {
  readonly partitions: number;
  readonly inFlight: number;
  readonly lagSum: number;
  readonly lagMax: number;
}

/** Registers the metrics. Call once per registry. */
export function kafkaMetrics(telemetry: Telemetry, gauges: () => KafkaGauges): KafkaMetrics {
  const gauge = (name: string, help: string) => telemetry.gauge(`vedette_kafka_${name}`, help);
  const partitions = gauge("partitions", "Partitions of the topic of batches that this collector has.");
  const inFlight = gauge("in_flight_batches", "Batches taken from Kafka and not done.");
  const lagSum = gauge("lag_batches", "Batches of those partitions that are not done, as last asked for.");
  const lagMax = gauge("lag_batches_max", "The same for the partition that has most of them.");
  telemetry.onRender(() => {
    const now = gauges();
    partitions.set(now.partitions);
    inFlight.set(now.inFlight);
    lagSum.set(now.lagSum);
    lagMax.set(now.lagMax);
  });
  const total = (name: string, help: string, label: string): Counter =>
    telemetry.counter(`vedette_kafka_${name}_total`, help, [label]);
  return {
    commits: total("commits", "Commits of offsets, by result: ok, fenced or failed.", "result"),
    rebalances: total(
      "rebalances",
      "Partitions that came or went, by kind: assigned, revoked or lost.",
      "kind",
    ),
    failures: total("failures", "Times the consumer ended with an error, by its code.", "code"),
  };
}
