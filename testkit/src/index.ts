export { freePort } from "@vedette/sdk/testing";
export { BruteForce, failedPassword } from "./brute-force.ts";
export { Fleet } from "./fleet.ts";
export { Gate } from "./gate.ts";
export {
  buildGoExample,
  buildGoOracle,
  buildGoPlugins,
  buildWithGoSdk,
  type GoPlugins,
  withoutGo,
} from "./go.ts";
export { Herd, type HerdOptions } from "./herd.ts";
export { Kafka, type KafkaOptions, noKafka, startKafka } from "./kafka.ts";
export { Member } from "./member.ts";
export { checksumOf, NumberedLog, numberedLine, type RotationKind, rotationKinds } from "./numbered-log.ts";
export { type Daemon, rsyslogDaemon, syslogNgDaemon } from "./peers/syslog-daemons.ts";
export { noPostgres, Postgres } from "./postgres.ts";
export { seeded } from "./random.ts";
export { fillDisk, smallDisk } from "./small-disk.ts";
export { pause, until } from "./until.ts";
export { bundledAgent, childrenOf, program, type Running, run, usageOf, vedette } from "./vedette.ts";
