import type { Kafka, TopicSpec } from "@vedette/core/kafka";
import { VedetteError } from "@vedette/sdk";

export interface TopicOptions {
  readonly topic: string;
  /** The key of the configuration that names it, for messages. */
  readonly setting: string;
  /** Makes the topic where it is missing. */
  readonly create?:
    | { readonly partitions: number; readonly replicas: number; readonly retentionHours: number }
    | undefined;
}

/** The largest batch an agent may be set to make, and its header. */
const maxMessageBytes = 18 << 20;

/** How a topic for batches, or for what comes of them, is made. */
function specOf(
  topic: string,
  { partitions, replicas, retentionHours }: NonNullable<TopicOptions["create"]>,
): TopicSpec {
  const config = {
    // Batches are compressed already; the broker must keep them as they come.
    "compression.type": "producer",
    "cleanup.policy": "delete",
    "max.message.bytes": String(maxMessageBytes),
    "retention.ms": String(retentionHours * 3_600_000),
    "min.insync.replicas": String(replicas >= 3 ? 2 : 1),
    // What was acknowledged is never given up for a leader that lacks it.
    "unclean.leader.election.enable": "false",
  };
  return { topic, partitions, replicas, config };
}

/** Sees to it that the topic is there and gives its number of partitions. Throws `transport.refused`. */
export async function ensureTopic(kafka: Kafka, options: TopicOptions): Promise<number> {
  const { topic, create } = options;
  const admin = await kafka.admin();
  try {
    const found = (await admin.partitions([topic])).get(topic);
    if (found !== undefined) return found;
    if (!create) throw missing(options);
    await admin.createTopics([specOf(topic, create)]);
    // Another collector may have been first, with other settings.
    return (await admin.partitions([topic])).get(topic) ?? create.partitions;
  } finally {
    await admin.close();
  }
}

function missing({ topic, setting }: TopicOptions): VedetteError {
  const { config = {} } = specOf(topic, { partitions: 12, replicas: 3, retentionHours: 72 });
  const settings = Object.entries(config).map(([key, value]) => `--config ${key}=${value}`);
  const message =
    `The topic "${topic}" (${setting}) does not exist. Let the collector make it (collector.ingest.kafka.createTopics), or run ` +
    `kafka-topics.sh --create --topic ${topic} --partitions 12 --replication-factor 3 ${settings.join(" ")}`;
  return new VedetteError("transport.refused", message, { verdict: "stop" });
}
