/**
 * What the libraries for Kafka cost on the real broker: CPU µs (user and system, all threads) of producing and consuming
 * records of 64 KiB and 1 MiB, and CPU ms a second while connected with nothing to do. Both of ours run behind their seam,
 * as they do in agent and collector. The librdkafka binding is no dependency: `--confluent` names a folder in which
 * `@confluentinc/kafka-javascript` is installed (CKJS_LINKING=dynamic npm install, with Debian's libsasl2-dev, libssl-dev,
 * libzstd-dev, liblz4-dev, libcurl4-openssl-dev).
 * Run: node --conditions=@vedette/source benchmarks/micro/kafka-clients.ts [--confluent folder] [--idle seconds] [--mib 250]
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { kafkaConnection, openKafka } from "@vedette/core/kafka";
import { recordingLogger } from "@vedette/sdk/testing";
import { pause, startKafka, until } from "@vedette/testkit";

const KiB = 1_024;
const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    confluent: { type: "string" },
    idle: { type: "string", default: "20" },
    brokers: { type: "string", default: "" },
    /** MiB sent per library and size. */
    mib: { type: "string", default: "250" },
  },
});

interface Subject {
  send(topic: string, values: readonly Buffer[]): Promise<unknown>;
  /** Resolves when so many records have come. */
  consume(topic: string, count: number): Promise<void>;
  close(): Promise<void>;
}

async function ours(client: string, brokers: readonly string[]): Promise<Subject> {
  const deps = { log: recordingLogger(), baseDir: process.cwd() };
  const kafka = await openKafka(kafkaConnection.parse({ brokers, client }), deps);
  const producer = await kafka.producer();
  const consumer = await kafka.consumer({
    group: `bench-${client}-${process.pid}`,
    maxBytes: 32 * KiB * KiB,
  });
  const end = new AbortController();
  let taken = 0;
  let running: Promise<void> | undefined;
  return {
    send: (topic, values) =>
      producer.send(
        topic,
        values.map((value) => ({ value, partition: 0 })),
      ),
    async consume(topic, count) {
      const handlers = {
        assigned: async () => {},
        revoked: async () => {},
        records: async (_: unknown, records: readonly unknown[]) => {
          taken += records.length;
        },
      };
      running ??= consumer.run([topic], handlers, end.signal);
      await until(`${count} records`, () => taken >= count, { everyMs: 20 });
    },
    async close() {
      end.abort();
      await Promise.all([running, producer.close(), consumer.close()]);
    },
  };
}

/** The promise API of the binding, which is made after that of kafkajs. */
async function confluent(folder: string, brokers: readonly string[]): Promise<Subject> {
  // No dependency of ours: a name that tools do not look for.
  const binding = ["@confluentinc", "kafka-javascript"].join("/");
  const require = createRequire(join(folder, "package.json"));
  const { Kafka, logLevel } = require(binding).KafkaJS;
  const kafka = new Kafka({ kafkaJS: { brokers, logLevel: logLevel.NOTHING } });
  const producer = kafka.producer({
    kafkaJS: { acks: -1, idempotent: true },
    "message.max.bytes": 20_000_000,
  });
  const consumer = kafka.consumer({
    kafkaJS: { groupId: `bench-confluent-${process.pid}`, fromBeginning: true, autoCommit: false },
  });
  await Promise.all([producer.connect(), consumer.connect()]);
  let taken = 0;
  return {
    send: (topic, values) =>
      producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) }),
    async consume(topic, count) {
      await consumer.subscribe({ topics: [topic] });
      await consumer.run({
        eachBatch: async ({ batch }: { batch: { messages: readonly unknown[] } }) => {
          taken += batch.messages.length;
        },
      });
      await until(`${count} records`, () => taken >= count, { everyMs: 20 });
    },
    async close() {
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
    },
  };
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** One library and one size, in a process of its own. */
async function measure(name: string, topic: string, size: number, count: number): Promise<void> {
  const brokers = args.brokers.split(",");
  const subject =
    name === "confluent" ? await confluent(args.confluent ?? "", brokers) : await ours(name, brokers);
  const value = randomBytes(size);
  const window = 8;
  await Promise.all(Array.from({ length: window }, () => subject.send(topic, [value])));
  let before = cpuMs();
  let began = performance.now();
  for (let sent = 0; sent < count; sent += window) {
    await Promise.all(Array.from({ length: window }, () => subject.send(topic, [value])));
  }
  const produceUs = ((cpuMs() - before) * 1_000) / count;
  const produceWall = (performance.now() - began) / 1_000;
  before = cpuMs();
  began = performance.now();
  await subject.consume(topic, count + window);
  const consumeUs = ((cpuMs() - before) * 1_000) / (count + window);
  const consumeWall = (performance.now() - began) / 1_000;
  await pause(2_000);
  before = cpuMs();
  await pause(Number(args.idle) * 1_000);
  const idleMsPerS = (cpuMs() - before) / Number(args.idle);
  const peakMiB = Math.round(process.resourceUsage().maxRSS / KiB);
  await Promise.race([subject.close(), pause(10_000)]);
  console.log(JSON.stringify({ produceUs, produceWall, consumeUs, consumeWall, idleMsPerS, peakMiB }));
  process.exit(0);
}

const [child, topic = "", size = "", count = ""] = positionals;
if (child !== undefined) await measure(child, topic, Number(size), Number(count));
else {
  const kafka = await startKafka();
  const names = ["platformatic", "kafkajs", ...(args.confluent === undefined ? [] : ["confluent"])];
  const rows: Record<string, unknown>[] = [];
  try {
    const setUp = await openKafka(kafkaConnection.parse({ brokers: kafka.bootstrap }), {
      ...{ log: recordingLogger(), baseDir: process.cwd() },
    });
    const admin = await setUp.admin();
    for (const bytes of [64 * KiB, 1_000 * KiB]) {
      const records = Math.ceil((Number(args.mib) * KiB * KiB) / bytes / 8) * 8;
      for (const name of names) {
        const own = `${name}-${bytes}`;
        const config = { "max.message.bytes": String(20_000_000) };
        await admin.createTopics([{ topic: own, partitions: 1, replicas: 1, config }]);
        const self = fileURLToPath(import.meta.url);
        const options = ["--brokers", kafka.bootstrap.join(), "--idle", args.idle];
        if (args.confluent !== undefined) options.push("--confluent", args.confluent);
        const said = execFileSync(
          process.execPath,
          ["--conditions=@vedette/source", self, ...options, name, own, String(bytes), String(records)],
          { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], timeout: 600_000 },
        );
        const figures = JSON.parse(said.trim().split("\n").at(-1) ?? "{}") as Record<string, number>;
        const row = {
          library: name,
          KiB: bytes / KiB,
          ...Object.fromEntries(Object.entries(figures).map(([key, n]) => [key, Number(n.toFixed(2))])),
        };
        console.error(JSON.stringify(row));
        rows.push(row);
      }
    }
    await admin.close();
  } finally {
    await kafka.stop();
  }
  console.table(rows);
}
