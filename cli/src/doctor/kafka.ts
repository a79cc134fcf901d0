import { type AgentConfig, carrierOf } from "@vedette/agent";
import { type KafkaConnection, openKafka } from "@vedette/core/kafka";
import { isVedetteError, messageOf } from "@vedette/sdk";
import type { LoadedConfig } from "../config-file.ts";
import type { Finding } from "./finding.ts";

/** What of a configuration talks to Kafka. */
interface User {
  readonly what: string;
  readonly connection: KafkaConnection & { readonly topic: string };
  /** Whether a missing topic is made by itself. */
  readonly creates: boolean;
}

/** How long brokers may take to answer. */
const patienceMs = 20_000;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Asks the brokers that a configuration names for its topics, as agent and collector would. Changes nothing. */
export async function kafkaFindings({ config, baseDir }: LoadedConfig): Promise<Finding[]> {
  return Promise.all(usersOf(config).map((user) => look(user, baseDir)));
}

function usersOf({ agent, collector }: LoadedConfig["config"]): User[] {
  const users: User[] = [];
  const carrier = carrierOf(agent satisfies AgentConfig);
  if (carrier.kind === "kafka")
    users.push({ what: "agent's Kafka", connection: carrier.kafka, creates: false });
  const { kafka } = collector.ingest;
  if (!kafka) return users;
  const creates = kafka.createTopics !== undefined;
  users.push({ what: "collector's Kafka", connection: kafka, creates });
  const { shared, topic } = collector.detect;
  if (shared) users.push({ what: "shared detection's Kafka", connection: { ...kafka, topic }, creates });
  return users;
}

async function look({ what, connection, creates }: User, baseDir: string): Promise<Finding> {
  const { topic, brokers } = connection;
  try {
    const partitions = await inTime(partitionsOf(connection, baseDir));
    if (partitions !== undefined) {
      return { what, status: "good", said: `${brokers[0]} answers; ${topic} has ${partitions} partitions.` };
    }
    const said = `The brokers at ${brokers.join(", ")} do not have the topic ${topic}.`;
    return creates
      ? { what, status: "warning", said, cure: "A collector makes it when it starts." }
      : { what, status: "broken", said, cure: "docs/guide/kafka.md has the command that makes it." };
  } catch (error) {
    return {
      what,
      status: "broken",
      said: messageOf(error),
      ...(isVedetteError(error) ? {} : { cure: "Check brokers." }),
    };
  }
}

async function partitionsOf(
  connection: KafkaConnection & { readonly topic: string },
  baseDir: string,
): Promise<number | undefined> {
  const kafka = await openKafka(connection, { baseDir, log: quiet });
  const admin = await kafka.admin();
  try {
    return (await admin.partitions([connection.topic])).get(connection.topic);
  } finally {
    await admin.close();
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
