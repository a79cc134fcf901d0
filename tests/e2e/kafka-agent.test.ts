import { randomBytes } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from "@platformatic/kafka";
import {
  freePort,
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

describe.skipIf(missing !== undefined)(`an agent that ships through Kafka ${missing ?? ""}`, () => {
  let broker: Kafka;
  let admin: Admin;
  let herd: Herd | undefined;
  const dirs: string[] = [];

  beforeAll(async () => {
    broker = await startKafka();
    admin = new Admin({ clientId: "test", bootstrapBrokers: broker.bootstrap });
  }, 300_000);
  afterEach(async () => {
    await herd?.destroy();
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });
  afterAll(async () => {
    await admin?.close();
    await broker?.stop();
  });

  const create = async (topic: string, agent: object): Promise<{ herd: Herd; member: Member }> => {
    const dir = mkdtempSync(join(tmpdir(), "vedette-kafka-agent-"));
    dirs.push(dir);
    const kafka = { brokers: broker.bootstrap, topic };
    const consumer = { group: topic, sessionSeconds: 6 };
    // Of what collectors share there is nothing here: the topics are made by hand.
    const collector = { detect: { shared: false } };
    herd = await Herd.create(dir, { ...{ agents: 1, collectors: 1 }, kafka, consumer, agent, collector });
    const [member] = herd.agents as [Member];
    return { herd, member };
  };
  const stored = async (of: Herd): Promise<number> =>
    (await of.get<{ events: { total: number } }>("/api/v1/stats")).events.total;
  const health = async (port: number): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(5_000) })).text();

  it("keeps a batch that the topic does not take, says so, and goes on when the topic does", async () => {
    const topic = "small";
    const limit = { name: "max.message.bytes", value: "20000" };
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1, configs: [limit] });
    const port = await freePort();
    const { herd: of, member } = await create(topic, { http: { listen: `127.0.0.1:${port}` } });
    await of.start();
    const log = join(member.dir, "logs", "app.log");
    appendFileSync(log, "small\n");
    await of.until("a small batch", async () => (await stored(of)) === 1);
    // Nothing compresses these: the batch is over the limit of the topic.
    const lines = Array.from({ length: 500 }, () => randomBytes(60).toString("base64"));
    appendFileSync(log, `${lines.join("\n")}\n`);
    await of.until("the agent to say so", async () => /max\.message\.bytes/.test(await health(port)));
    appendFileSync(log, "after\n");
    await pause(2_000);
    expect(await stored(of)).toBe(1);

    const raise = {
      name: limit.name,
      value: "1000000",
      configOperation: IncrementalAlterConfigOperationTypes.SET,
    };
    await admin.incrementalAlterConfigs({
      resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configs: [raise] }],
    });
    await of.until("all of it", async () => (await stored(of)) === 502);
    await of.stop();
  });

  it("changes from a collector to Kafka and back under load, losing and doubling nothing", async () => {
    const topic = "changed";
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
    const { herd: of, member } = await create(topic, {});
    const [collector] = of.collectors as [Member];
    collector.start();
    await of.ready();
    const ingest = await of.until(
      "it to say where agents connect",
      () => /agents on (127\.0\.0\.1:\d+)/.exec(collector.running?.stderr() ?? "")?.[1],
    );
    const common = {
      ...{ agentId: member.name, stateDir: "state", batch: { rows: 200, seconds: 0.1 } },
      inputs: [{ type: "file", dataType: "numbered", include: [join(member.dir, "logs", "app.log")] }],
    };
    const ways = [
      { ...common, collector: { address: ingest } },
      { ...common, kafka: { brokers: broker.bootstrap, topic } },
    ];
    const log = new NumberedLog(join(member.dir, "logs"));
    for (let turn = 0; turn < 5; turn++) {
      member.configure(ways[turn % 2] ?? {});
      if (turn === 0) member.start();
      else member.signal("SIGHUP");
      for (let part = 0; part < 4; part++) {
        log.append(500);
        await pause(100);
      }
      await of.until("some of it", async () => (await stored(of)) > turn * 2_000);
    }
    await of.until("all events", async () => (await stored(of)) >= log.written);
    await pause(1_500);
    expect(await stored(of)).toBe(log.written);
    expect(member.running?.stderr()).toMatch(/Batches go to the topic changed/);
    await of.stop();
  });
});
