import { type AgentConfig, carrierOf } from "@vedette/agent";
import { type KafkaConnection, type KafkaUse, probeKafka } from "@vedette/core/kafka";
import { messageOf, schemaVersion } from "@vedette/sdk";
import type { LoadedConfig } from "../config-file.ts";
import type { Finding } from "./finding.ts";

/** What of a configuration talks to Kafka. */
interface User {
  readonly what: string;
  readonly connection: KafkaConnection;
  readonly use: KafkaUse;
}

/** How long brokers may take to answer. */
const patienceMs = 20_000;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Asks the brokers that a configuration names for topic, group and newest batches, as agent and collector would. Changes nothing. */
export async function kafkaFindings({ config, baseDir }: LoadedConfig): Promise<Finding[]> {
  return (await Promise.all(usersOf(config).map((user) => look(user, baseDir)))).flat();
}

function usersOf({ agent, collector }: LoadedConfig["config"]): User[] {
  const users: User[] = [];
  const carrier = carrierOf(agent satisfies AgentConfig);
  if (carrier.kind === "kafka") {
    const use = { topic: carrier.kafka.topic, maxRecordBytes: agent.batch.bytes };
    users.push({ what: "agent's Kafka", connection: carrier.kafka, use });
  }
  const { kafka } = collector.ingest;
  if (!kafka) return users;
  const created = kafka.createTopics !== undefined;
  const schema = { header: "schema", known: schemaVersion };
  const use = { topic: kafka.topic, group: kafka.group, schema, created };
  users.push({ what: "collector's Kafka", connection: kafka, use });
  const { shared, topic } = collector.detect;
  if (shared) users.push({ what: "shared detection's Kafka", connection: kafka, use: { topic, created } });
  return users;
}

async function look({ what, connection, use }: User, baseDir: string): Promise<Finding[]> {
  try {
    const found = await inTime(probeKafka(connection, use, { baseDir, log: quiet }));
    return found.map((finding) =>
      finding.what === "brokers" ? { ...finding, what } : { ...finding, what: `${what}, ${finding.what}` },
    );
  } catch (error) {
    return [{ what, status: "broken", said: messageOf(error), cure: "Check brokers." }];
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The brokers did not answer within ${patienceMs / 1_000} s.`)),
      patienceMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
