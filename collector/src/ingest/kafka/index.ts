export { askLag } from "./lag.ts";
export { KafkaIngest, type KafkaStatus } from "./source.ts";
export { ensureTopic, type TopicOptions } from "./topic.ts";
