/** Kafka for agent and collector: one seam, two libraries behind it, of which only the chosen one is loaded. */
export type { KafkaDeps } from "./deps.ts";
export { partitionOfKey } from "./murmur2.ts";
export { openKafka } from "./open.ts";
export { type KafkaFinding, type KafkaUse, probeKafka } from "./probe.ts";
export { type KafkaConnection, kafkaConnection, kafkaConnectionFields } from "./settings.ts";
export type * from "./types.ts";
