import { isVedetteError, messageOf } from "@vedette/sdk";
import type { KafkaDeps } from "./deps.ts";
import { openKafka } from "./open.ts";
import type { KafkaConnection } from "./settings.ts";
import type { IncomingRecord, Kafka, TopicState } from "./types.ts";

/** What a connection is used for, as far as it can be looked at from outside. */
export interface KafkaUse {
  readonly topic: string;
  /** Consumer group that reads it. */
  readonly group?: string;
  /** Somebody makes the topic where it is missing. */
  readonly created?: boolean;
  /** Bytes of the largest record that is sent to it. */
  readonly maxRecordBytes?: number;
  /** Header of each record that tells the schema of its batch, and the newest that this program can read. */
  readonly schema?: { readonly header: string; readonly known: number };
}

/** One thing that was looked at. */
export interface KafkaFinding {
  readonly what: string;
  readonly status: "good" | "warning" | "broken";
  readonly said: string;
  readonly cure?: string;
}

/**
 * Looks at brokers, topic, group and newest records. Changes nothing, joins no group; a question that stays open is a finding.
 * Never rejects.
 */
export async function probeKafka(
  settings: KafkaConnection,
  use: KafkaUse,
  deps: KafkaDeps,
): Promise<KafkaFinding[]> {
  try {
    const kafka = await openKafka(settings, deps);
    const state = await stateOf(kafka, use.topic);
    const at = settings.brokers.join(", ");
    if (state === undefined) return [missingTopic(use, at)];
    const found: KafkaFinding[] = [
      {
        what: "brokers",
        status: "good",
        said: `${at}: ${state.brokers} brokers, the topic ${use.topic} has ${state.partitions} partitions.`,
      },
      ...sizeFindings(use, state),
      ...copyFindings(use, state),
    ];
    if (use.group !== undefined) found.push(...(await groupFindings(kafka, use.topic, use.group)));
    if (use.schema !== undefined)
      found.push(...(await schemaFindings(settings, use.topic, use.schema, deps)));
    return found;
  } catch (error) {
    return [broken(error)];
  }
}

const broken = (error: unknown): KafkaFinding => ({
  what: "brokers",
  status: "broken",
  said: messageOf(error),
});

async function stateOf(kafka: Kafka, topic: string): Promise<TopicState | undefined> {
  const admin = await kafka.admin();
  try {
    return await admin.describe(topic);
  } finally {
    await admin.close();
  }
}

function missingTopic({ topic, created }: KafkaUse, at: string): KafkaFinding {
  const said = `The brokers at ${at} do not have the topic ${topic}.`;
  return created
    ? { what: "brokers", status: "warning", said, cure: "A collector makes it when it starts." }
    : { what: "brokers", status: "broken", said, cure: "docs/guide/kafka.md has the command that makes it." };
}

function sizeFindings({ topic, maxRecordBytes }: KafkaUse, { config }: TopicState): KafkaFinding[] {
  const limit = Number(config["max.message.bytes"] ?? Number.NaN);
  if (maxRecordBytes === undefined || !(limit < maxRecordBytes)) return [];
  return [
    {
      what: "records",
      status: "warning",
      said: `The topic ${topic} takes records of up to ${limit} bytes; one that hardly compresses may have ${maxRecordBytes}.`,
      cure: `Set max.message.bytes of the topic to ${maxRecordBytes} or more.`,
    },
  ];
}

/** A batch that is acknowledged should outlive the loss of a broker, and the loss of a broker should not stop the work. */
function copyFindings({ topic }: KafkaUse, { replicas, inSync, config }: TopicState): KafkaFinding[] {
  const what = "copies";
  const least = Number(config["min.insync.replicas"] ?? 1);
  if (inSync < least) {
    const said = `Only ${inSync} copies of ${topic} are in sync, ${least} are asked for; nothing can be sent.`;
    return [{ what, status: "broken", said, cure: "Start the brokers that are down." }];
  }
  const found: KafkaFinding[] = [];
  if (inSync < replicas) {
    const said = `Only ${inSync} of ${replicas} copies of ${topic} are in sync.`;
    found.push({ what, status: "warning", said, cure: "See to the brokers that are down or behind." });
  }
  if (replicas === 1) {
    const said = `The topic ${topic} has no copies: what a broker has acknowledged is lost with its disk.`;
    found.push({ what, status: "warning", said, cure: "Give the topic three replicas." });
  } else if (least < 2) {
    const said = `One broker acknowledges for ${topic}: what only it has is lost with its disk.`;
    found.push({ what, status: "warning", said, cure: "Set min.insync.replicas of the topic to 2." });
  } else if (least === replicas) {
    const said = `All ${replicas} copies of ${topic} must be in sync: one broker that is down stops the work.`;
    found.push({ what, status: "warning", said, cure: "Give the topic one replica more." });
  }
  return found;
}

async function groupFindings(kafka: Kafka, topic: string, group: string): Promise<KafkaFinding[]> {
  const admin = await kafka.admin();
  try {
    const [ends, committed] = await Promise.all([admin.ends(topic), admin.committed(group, topic)]);
    const places = new Map(committed.map(({ partition, offset }) => [partition, offset]));
    const behind = ends.reduce(
      (sum, { partition, offset }) => sum + offset - (places.get(partition) ?? 0n),
      0n,
    );
    const said = `The group ${group} has up to ${behind} records of ${topic} to read.`;
    return [{ what: "group", status: "good", said }];
  } catch (error) {
    return [{ ...broken(error), what: "group" }];
  } finally {
    await admin.close();
  }
}

async function schemaFindings(
  settings: KafkaConnection,
  topic: string,
  { header, known }: NonNullable<KafkaUse["schema"]>,
  deps: KafkaDeps,
): Promise<KafkaFinding[]> {
  const what = "batches";
  let records: readonly IncomingRecord[];
  try {
    const { newestRecords } = await import("./newest.ts");
    records = await newestRecords(settings, topic, deps);
  } catch (error) {
    const said = `The newest batches could not be looked at: ${messageOf(error)}`;
    return [
      {
        what,
        status: isVedetteError(error) && error.verdict.verdict === "stop" ? "broken" : "warning",
        said,
      },
    ];
  }
  const newest = Math.max(0, ...records.map(({ headers }) => Number(headers[header]) || 0));
  if (newest <= known) return [];
  const said = `Agents send batches of schema ${newest} to ${topic}; this program reads up to schema ${known}.`;
  return [
    {
      what,
      status: "broken",
      said,
      cure: "Upgrade the collectors; what they cannot read waits as dead letters.",
    },
  ];
}
