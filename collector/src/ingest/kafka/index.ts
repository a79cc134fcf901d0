export { KafkaIngest, type KafkaStatus } from "./source.ts";
