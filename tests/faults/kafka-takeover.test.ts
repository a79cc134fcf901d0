import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouseClient, createClient } from "@clickhouse/client";
import { type EngineHandle, startEngine } from "@vedette/collector/engine";
import {
  Gate,
  Herd,
  type Kafka,
  type Member,
  NumberedLog,
  noKafka,
  pause,
  startKafka,
} from "@vedette/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const missing = await noKafka();

const agents = 4;
const linesEach = 2_000;
const sessionSeconds = 6;

describe.skipIf(missing !== undefined)(`a partition that changes hands amid work ${missing ?? ""}`, () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-kafka-takeover-"));
  let kafka: Kafka;
  let engine: EngineHandle;
  let gate: Gate;
  let client: ClickHouseClient;
  let herd: Herd | undefined;

  beforeAll(async () => {
    kafka = await startKafka();
    engine = await startEngine({ stateDir: join(dir, "engine") });
    gate = await Gate.before({ host: "127.0.0.1", port: Number(new URL(engine.url).port) });
    const { url, user, password, database } = engine;
    client = createClient({ url, username: user, password, database });
  }, 300_000);
  afterEach(async () => {
    await herd?.destroy();
    await gate.open();
    await client.command({ query: "TRUNCATE TABLE IF EXISTS events" });
  });
  afterAll(async () => {
    await client?.close();
    await gate?.close();
    await engine?.stop();
    await kafka?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Two collectors, the first with work in hand that the store does not take. */
  const stuck = async (topic: string): Promise<{ herd: Herd; first: Member; second: Member }> => {
    const { user, password, database } = engine;
    herd = await Herd.create(join(dir, topic), {
      ...{ agents, collectors: 2 },
      kafka: { brokers: kafka.bootstrap, topic },
      consumer: { group: topic, sessionSeconds, createTopics: { partitions: 4, replicas: 1 } },
      store: { url: `http://127.0.0.1:${gate.port}`, user, password, database },
      agent: { batch: { rows: 200, seconds: 0.2 } },
    });
    const [first, second] = herd.collectors as [Member, Member];
    first.start();
    await herd.ready(0);
    await herd.until("partitions", async () => (await herd?.metric(0, "vedette_kafka_partitions")) === 4);
    const logs = herd.agents.map((agent) => new NumberedLog(join(agent.dir, "logs")));
    for (const log of logs) log.append(linesEach);
    for (const agent of herd.agents) agent.start();
    await herd.until("the first events", async () => (await rows()) > 0);
    await gate.close();
    for (const log of logs) log.append(linesEach);
    await herd.until(
      "work in hand",
      async () => Number(await herd?.metric(0, "vedette_kafka_in_flight_batches")) > 0,
    );
    return { herd, first, second };
  };
  const rows = async (): Promise<number> => {
    const answer = await client.query({ query: "SELECT count() AS rows FROM events", format: "JSONEachRow" });
    const [row] = await answer.json<{ rows: string }>();
    return Number(row?.rows);
  };
  const storesOnce = async (of: Herd): Promise<void> => {
    const all = 2 * agents * linesEach;
    await of.until("all events", async () => (await rows()) >= all);
    await pause(3_000);
    expect(await rows()).toBe(all);
  };

  it("is stored once when its collector was stopped and goes on after another has it", async () => {
    const { herd: of, first, second } = await stuck("zombie");
    first.signal("SIGSTOP");
    await gate.open();
    second.start();
    await of.ready(1);
    await of.until(
      "the takeover",
      async () => (await of.metric(1, "vedette_kafka_partitions")) === 4,
      120_000,
    );
    const all = 2 * agents * linesEach;
    await of.until("all events", async () => (await rows()) >= all);
    // It has batches in hand that are stored, and believes that they are its own.
    first.signal("SIGCONT");
    await of.until(
      "it to hear",
      async () => Number(await of.metric(0, "vedette_kafka_partitions")) < 4,
      60_000,
    );
    await storesOnce(of);
  });

  it("is stored once when its collector leaves in good order", async () => {
    const { herd: of, first, second } = await stuck("leaving");
    const left = first.end("SIGTERM");
    await pause(500);
    await gate.open();
    second.start();
    await left;
    await of.ready(1);
    first.start();
    await storesOnce(of);
  });
});
