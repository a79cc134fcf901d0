import { type Kafka, kafkaConnection, openKafka, type TopicSpec } from "@vedette/core/kafka";
import { recordingLogger } from "@vedette/sdk/testing";
import { noKafka } from "@vedette/testkit";

/** Why the suite is skipped here; CI has what it needs. */
export const missing = await noKafka();

export const clients = ["platformatic", "kafkajs"] as const;
export type Client = (typeof clients)[number];

/** Opens a cluster through a library, with what is logged at hand. */
export async function open(client: Client, brokers: readonly string[], more: object = {}) {
  const log = recordingLogger();
  const settings = kafkaConnection.parse({ brokers, client, clientId: "conformance", ...more });
  const kafka = await openKafka(settings, { log, baseDir: process.cwd() });
  return { kafka, log };
}

export async function createTopic(kafka: Kafka, topic: string, more: Partial<TopicSpec> = {}): Promise<void> {
  const admin = await kafka.admin();
  await admin.createTopics([{ topic, partitions: 3, replicas: 1, ...more }]);
  await admin.close();
}

export const numbered = (from: number, count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`${from + index}`));

/** Whether a rebalance leaves alone what a member keeps. */
export const cooperative = (client: Client): boolean => client === "platformatic";
/** Whether a member may have a name by which it is known again after a restart. */
export const staticMembers = (client: Client): boolean => client === "platformatic";
