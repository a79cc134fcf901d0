export { BruteForce, failedPassword } from "./brute-force.ts";
export { Fleet } from "./fleet.ts";
export { Kafka, type KafkaOptions, noKafka, startKafka } from "./kafka.ts";
export { checksumOf, NumberedLog, numberedLine } from "./numbered-log.ts";
export { type Daemon, rsyslogDaemon, syslogNgDaemon } from "./peers/syslog-daemons.ts";
export { freePort } from "./ports.ts";
export { seeded } from "./random.ts";
export { pause, until } from "./until.ts";
export { childrenOf, type Running, run, usageOf, vedette } from "./vedette.ts";
