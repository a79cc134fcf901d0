import { isVedetteError, messageOf, VedetteError } from "@vedette/sdk";
import type { TopicPartition } from "./types.ts";

/** What was tried, for the sentence of the error. */
export interface Attempt {
  readonly brokers: readonly string[];
  readonly topic?: string;
  readonly group?: string;
}

interface Kind {
  /** Names of the protocol, of Node and of the libraries that mean this. */
  readonly names: readonly string[];
  /** Names beside which it means something else. */
  readonly unless?: readonly string[];
  readonly code: "transport.unavailable" | "transport.refused" | "transport.fenced" | "batch.too_large";
  readonly verdict: "retry" | "stop";
  readonly say: (attempt: Attempt) => string;
}

const brokersOf = ({ brokers }: Attempt): string => brokers.join(", ");
const wrongLogin = (attempt: Attempt): string =>
  `The broker at ${brokersOf(attempt)} did not take the login; check sasl.mechanism, sasl.username and sasl.password.`;
const topicOf = ({ topic }: Attempt): string => (topic === undefined ? "a topic" : `the topic ${topic}`);

/** The first kind that fits wins: what says most of the cause stands first. */
const kinds: readonly Kind[] = [
  {
    names: ["FENCED_INSTANCE_ID"],
    code: "transport.fenced",
    verdict: "stop",
    say: ({ group }) =>
      `Another process took the place of this member in the group ${group ?? ""}; give each process a name of its own.`,
  },
  {
    names: ["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH"],
    code: "transport.fenced",
    verdict: "retry",
    say: ({ group }) => `The group ${group ?? ""} has given this member's partitions to others.`,
  },
  {
    names: ["UNSUPPORTED_SASL_MECHANISM", "ILLEGAL_SASL_STATE"],
    code: "transport.refused",
    verdict: "stop",
    say: (attempt) =>
      `The listener at ${brokersOf(attempt)} does not take this kind of login; check sasl.mechanism and the port.`,
  },
  {
    names: ["SASL_AUTHENTICATION_FAILED"],
    code: "transport.refused",
    verdict: "stop",
    say: wrongLogin,
  },
  {
    // The libraries say so of a connection that broke during the login, too: that is no wrong password.
    names: ["PLT_KFK_AUTHENTICATION", "KafkaJSSASLAuthenticationError"],
    unless: ["PLT_KFK_NETWORK", "PLT_KFK_TIMEOUT", "KafkaJSConnectionError", "ECONNRESET", "ECONNREFUSED"],
    code: "transport.refused",
    verdict: "stop",
    say: wrongLogin,
  },
  {
    names: [
      "SELF_SIGNED_CERT_IN_CHAIN",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_GET_ISSUER_CERT",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "CERT_HAS_EXPIRED",
      "CERT_NOT_YET_VALID",
    ],
    code: "transport.refused",
    verdict: "stop",
    say: (attempt) =>
      `The certificate of the broker at ${brokersOf(attempt)} is not trusted; check tls.caFile and tls.serverName.`,
  },
  {
    names: ["ERR_SSL_WRONG_VERSION_NUMBER", "EPROTO", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "tls-expected"],
    code: "transport.refused",
    verdict: "stop",
    say: (attempt) =>
      `One side at ${brokersOf(attempt)} speaks TLS and the other does not; check tls.enabled.`,
  },
  {
    // So ends a listener without TLS, but also a broker that goes down meanwhile.
    names: ["tls-cut"],
    code: "transport.unavailable",
    verdict: "retry",
    say: (attempt) =>
      `The broker at ${brokersOf(attempt)} ended the connection before TLS was agreed; check tls.enabled and the port.`,
  },
  {
    names: ["UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_ID", "unknown-topic"],
    code: "transport.refused",
    verdict: "stop",
    say: (attempt) => `The brokers at ${brokersOf(attempt)} do not have ${topicOf(attempt)}; create it.`,
  },
  {
    names: ["INVALID_TOPIC_EXCEPTION"],
    code: "transport.refused",
    verdict: "stop",
    say: (attempt) => `The brokers do not take the name of ${topicOf(attempt)}.`,
  },
  {
    names: [
      "TOPIC_AUTHORIZATION_FAILED",
      "GROUP_AUTHORIZATION_FAILED",
      "CLUSTER_AUTHORIZATION_FAILED",
      "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
    ],
    code: "transport.refused",
    verdict: "stop",
    say: (attempt) =>
      `The user may not use ${topicOf(attempt)}${attempt.group === undefined ? "" : ` as the group ${attempt.group}`}; give it the rights at the brokers (ACLs).`,
  },
  {
    names: ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"],
    code: "batch.too_large",
    verdict: "stop",
    say: (attempt) => `A record is over max.message.bytes of ${topicOf(attempt)}; raise it there.`,
  },
  {
    names: ["NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"],
    code: "transport.unavailable",
    verdict: "retry",
    say: (attempt) =>
      `Fewer replicas of ${topicOf(attempt)} are in sync than its min.insync.replicas asks for; see to the brokers.`,
  },
  {
    names: ["KAFKA_STORAGE_ERROR"],
    code: "transport.unavailable",
    verdict: "retry",
    say: (attempt) =>
      `A broker of ${brokersOf(attempt)} cannot write ${topicOf(attempt)} to its disk; see to its free space.`,
  },
  {
    names: ["ENOTFOUND", "EAI_AGAIN"],
    code: "transport.unavailable",
    verdict: "retry",
    say: (attempt) => `The name of no broker of ${brokersOf(attempt)} is known; check brokers.`,
  },
  {
    names: ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"],
    code: "transport.unavailable",
    verdict: "retry",
    say: (attempt) => `Nobody answers at ${brokersOf(attempt)}; check brokers, and that the broker runs.`,
  },
];

/**
 * The error of a library as one of ours, that names the broker and the remedy. What is not known may pass: verdict `retry`.
 */
export function kafkaError(error: unknown, attempt: Attempt): VedetteError {
  if (isVedetteError(error)) return error;
  const names = namesOf(error);
  const has = (name: string): boolean => names.has(name);
  const kind = kinds.find((known) => known.names.some(has) && !known.unless?.some(has));
  if (kind) {
    return new VedetteError(kind.code, kind.say(attempt), { verdict: kind.verdict }, { cause: error });
  }
  const message = `Kafka at ${brokersOf(attempt)} failed: ${deepestMessage(error)}`;
  return new VedetteError("transport.unavailable", message, { verdict: "retry" }, { cause: error });
}

/** A commit for partitions that are not, or not any more, this member's. */
export function fenced(group: string, places: readonly TopicPartition[]): VedetteError {
  const names = places.map(({ topic, partition }) => `${topic}/${partition}`).join(", ");
  const message = `The group ${group} has given ${names} to another member; nothing was committed.`;
  return new VedetteError("transport.fenced", message, { verdict: "retry" });
}

/** Whether any error in the chain carries this name. */
export const isNamed = (error: unknown, ...names: readonly string[]): boolean => {
  const found = namesOf(error);
  return names.some((name) => found.has(name));
};

/** Every error under this one: both libraries wrap, each in its own way. Bounded against circles. */
function chain(error: unknown): Record<string, unknown>[] {
  const all: Record<string, unknown>[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && all.length < 100) {
    const next = queue.shift();
    if (typeof next !== "object" || next === null) continue;
    const item = next as Record<string, unknown>;
    if (all.includes(item)) continue;
    all.push(item);
    queue.push(item["cause"], item["originalError"]);
    if (Array.isArray(item["errors"])) queue.push(...item["errors"]);
  }
  return all;
}

function namesOf(error: unknown): Set<string> {
  const names = new Set<string>();
  for (const { code, apiId, type, name, message } of chain(error)) {
    for (const each of [code, apiId, type, name]) if (typeof each === "string") names.add(each);
    if (typeof message !== "string") continue;
    // The libraries' own words for what has no code.
    if (/^Unknown topic /.test(message)) names.add("unknown-topic");
    if (/wrong version number|Broker requires TLS/i.test(message)) names.add("tls-expected");
    if (/TLS handshake failed|before secure TLS connection/i.test(message)) names.add("tls-cut");
  }
  return names;
}

function deepestMessage(error: unknown): string {
  const last = chain(error).at(-1);
  return typeof last?.["message"] === "string" ? last["message"] : messageOf(error);
}

/** Does the work; its error becomes one of ours. */
export async function guard<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw kafkaError(error, attempt);
  }
}
