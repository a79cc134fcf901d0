import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A listener that asks for a login (SASL PLAIN and SCRAM), with TLS where there is a certificate. */
export interface SecureListener {
  readonly port: number;
  readonly users: readonly { readonly name: string; readonly password: string }[];
  /** PEM files; the key as PKCS #8. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** What differs between the nodes of a cluster. */
export interface NodeSettings {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly dir: string;
  readonly voters: string;
  readonly brokers: number;
  readonly secure: SecureListener | undefined;
}

/** `server.properties` of a node that is broker and controller: small, quick to start, on loopback only. */
export function kafkaProperties({
  id,
  port,
  controllerPort,
  dir,
  voters,
  brokers,
  secure,
}: NodeSettings): string[] {
  const protocol = secure?.tls ? "SASL_SSL" : "SASL_PLAINTEXT";
  const listeners = [
    `PLAINTEXT://127.0.0.1:${port}`,
    ...(secure ? [`SECURE://localhost:${secure.port}`] : []),
  ];
  const replication = Math.min(3, brokers);
  return [
    "process.roles=broker,controller",
    `node.id=${id}`,
    `controller.quorum.voters=${voters}`,
    `listeners=${[...listeners, `CONTROLLER://127.0.0.1:${controllerPort}`].join(",")}`,
    `advertised.listeners=${listeners.join(",")}`,
    `listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:${protocol}`,
    "controller.listener.names=CONTROLLER",
    "inter.broker.listener.name=PLAINTEXT",
    `log.dirs=${join(dir, "data")}`,
    `offsets.topic.replication.factor=${replication}`,
    `transaction.state.log.replication.factor=${replication}`,
    "transaction.state.log.min.isr=1",
    // What is acknowledged outlives the loss of a node where there are nodes to spare.
    `default.replication.factor=${replication}`,
    `min.insync.replicas=${replication >= 3 ? 2 : 1}`,
    // A node that is gone is noticed in seconds.
    "broker.session.timeout.ms=4000",
    "broker.heartbeat.interval.ms=500",
    "replica.lag.time.max.ms=5000",
    "replica.fetch.wait.max.ms=500",
    "offsets.topic.num.partitions=4",
    "transaction.state.log.num.partitions=4",
    "group.initial.rebalance.delay.ms=0",
    "group.min.session.timeout.ms=1000",
    "auto.create.topics.enable=false",
    "num.network.threads=2",
    "num.io.threads=2",
    ...(secure ? secureProperties(secure) : []),
  ];
}

function secureProperties({ users, tls }: SecureListener): string[] {
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  const known = users.map(({ name, password }) => `user_${name}="${password}"`).join(" ");
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required ${known};`;
  const prefix = "listener.name.secure";
  return [
    `${prefix}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512`,
    `${prefix}.plain.sasl.jaas.config=${plain}`,
    `${prefix}.scram-sha-256.sasl.jaas.config=${scram}`,
    `${prefix}.scram-sha-512.sasl.jaas.config=${scram}`,
    ...(tls
      ? [
          `${prefix}.ssl.keystore.type=PEM`,
          `${prefix}.ssl.keystore.certificate.chain=${oneLine(tls.certFile)}`,
          `${prefix}.ssl.keystore.key=${oneLine(tls.keyFile)}`,
        ]
      : []),
  ];
}

/** A PEM file as a value of a properties file. */
const oneLine = (file: string): string => readFileSync(file, "utf8").trim().replaceAll("\n", "\\n\\\n  ");
