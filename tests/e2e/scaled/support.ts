import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchBuilder, decodeBatch, encodeNative } from "@vedette/core/batch";
import { type Kafka, kafkaConnection, openKafka } from "@vedette/core/kafka";
import { Telemetry } from "@vedette/core/telemetry";
import type { Alert, Event } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { startKafka } from "@vedette/testkit";
import type { AlertKeeper } from "../../../collector/src/alerting/index.ts";
import { parseRules } from "../../../collector/src/detect/index.ts";
import { startEngine } from "../../../collector/src/engine/index.ts";
import { ScaledDetection } from "../../../collector/src/matches/index.ts";
import { alertRow } from "../../../collector/src/records/index.ts";
import { openStore, type Store } from "../../../collector/src/store/index.ts";

const clock = { now: () => Date.now() };

/** A broker, and engines as they are asked for, for several collectors' worth of detection in this process. */
export async function openBench() {
  const [broker, dir] = [await startKafka(), mkdtempSync(join(tmpdir(), "vedette-scaled-"))];
  const log = recordingLogger();
  const kafka = await openKafka(kafkaConnection.parse({ brokers: broker.bootstrap }), { log, baseDir: dir });
  const closing: (() => Promise<unknown>)[] = [];
  return {
    kafka,
    store: async (): Promise<Store> => {
      const engine = await startEngine({ stateDir: join(dir, String(closing.length)) });
      closing.push(() => engine.stop());
      return openStore(engine, { log, clock });
    },
    close: async () => {
      for (const close of closing) await close();
      await broker.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface CollectorOptions {
  readonly kafka: Kafka;
  readonly store: Store;
  readonly rules: string;
  readonly topic: string;
  readonly partitions: number;
  /** Never commits, as one that is killed before it could. */
  readonly forgetful?: boolean;
}

/** What a collector does with batches after they came in: stores, detects, stores alerts. */
export class Collector {
  readonly log = recordingLogger();
  readonly detection: ScaledDetection;
  readonly #store: Store;
  readonly #alerting: AlertKeeper;
  readonly #end = new AbortController();

  constructor({ kafka, store, rules, topic, partitions, forgetful = false }: CollectorOptions) {
    const parsed = parseRules(rules);
    if (parsed.problems.length > 0) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
    this.#store = store;
    // As the pipeline keeps what nothing hides; it is tested elsewhere.
    this.#alerting = {
      keep: async (alerts, token) => {
        await store.insertRows(
          "alerts",
          alerts.map((each) => alertRow(each)),
          token,
        );
        return alerts;
      },
    };
    const create = { partitions, replicas: 1, retentionHours: 1 };
    const open = async (): Promise<Kafka> => (forgetful ? withoutCommits(kafka) : kafka);
    this.detection = new ScaledDetection(
      { topic, group: topic, member: undefined, sessionTimeoutMs: 6_000, create },
      {
        open,
        rules: parsed.rules,
        store,
        alerting: this.#alerting,
        telemetry: new Telemetry(),
        log: this.log,
        clock,
        signal: this.#end.signal,
      },
    );
  }

  async take(events: readonly Event[], batchId: string): Promise<void> {
    const builder = new BatchBuilder(events[0]!.dataType!, { rows: 1e6, bytes: 1e9 });
    for (const event of events) builder.append(event, { source: "test", offset: 0, end: 1 });
    const stamp = { batchId, agentId: "agent", epoch: 1, sequence: 0, codec: "none" } as const;
    const batch = decodeBatch(builder.seal(stamp).frame);
    await this.#store.insertEvents(encodeNative(batch), batchId);
    const alerts = await this.detection.process(batch, this.#end.signal);
    await this.#alerting.keep(alerts, `${batchId}:alerts`);
  }

  async stop(): Promise<void> {
    await this.detection.stop();
    this.#end.abort();
  }
}

const withoutCommits = (kafka: Kafka): Kafka => ({
  ...kafka,
  consumer: async (options) => {
    const consumer = await kafka.consumer(options);
    return {
      run: (topics, handlers, signal) => consumer.run(topics, handlers, signal),
      commit: async () => undefined,
      get connected() {
        return consumer.connected;
      },
      close: () => consumer.close(),
    };
  },
});

export const batchIdOf = (index: number): string =>
  `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`;

export async function alertsIn(store: Store): Promise<Alert[]> {
  const rows = await store.query<{ document: string }>(
    "SELECT document FROM alerts FINAL ORDER BY timestamp, id",
  );
  return rows.map(({ document }) => JSON.parse(document) as Alert);
}

/** Resolves when the owners have taken all that is in the topic and committed it. */
export async function drained(kafka: Kafka, topic: string): Promise<boolean> {
  const admin = await kafka.admin();
  try {
    const committed = new Map(
      (await admin.committed(topic, topic)).map((each) => [each.partition, each.offset]),
    );
    return (await admin.ends(topic)).every(
      ({ partition, offset }) => (committed.get(partition) ?? 0n) >= offset,
    );
  } finally {
    await admin.close();
  }
}
