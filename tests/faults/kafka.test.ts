import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Admin, Producer, stringSerializers } from "@platformatic/kafka";
import { InputBench, TestAuthority } from "@vedette/sdk/testing";
import { type Kafka, noKafka, pause, startKafka, until } from "@vedette/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { input } from "../../plugins/kafka/input.ts";
import { KilledAgent } from "./support/killed-agent.ts";

const missing = await noKafka();
const partitions = 3;
const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `number ${from + index}`);

describe.skipIf(missing !== undefined)(`Kafka ${missing ?? ""}`, () => {
  let broker: Kafka;
  let producer: Producer<string, string, string, string>;
  const agents: KilledAgent[] = [];

  beforeAll(async () => {
    const authority = new TestAuthority(mkdtempSync(join(tmpdir(), "vedette-kafka-ca-")));
    caFile = authority.caFile;
    const users = [{ name: "agent", password: "s3cret" }];
    broker = await startKafka({ secure: { users, tls: authority.issue("broker") } });
    // A partition of a new topic may refuse the first send; what the others took is then sent again, and must count once.
    producer = new Producer({
      clientId: "test",
      bootstrapBrokers: broker.bootstrap,
      serializers: stringSerializers,
      idempotent: true,
      retries: 60,
    });
  }, 300_000);
  let caFile = "";
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.stop()));
  });
  afterAll(async () => {
    await producer?.close(true);
    await broker?.stop();
  });

  const create = async (topic: string): Promise<void> => {
    const admin = new Admin({ clientId: "test", bootstrapBrokers: broker.bootstrap });
    await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
    await admin.close();
  };
  const produce = async (topic: string, values: readonly string[], more: object = {}): Promise<void> => {
    const messages = values.map((value, index) => ({ topic, value, partition: index % partitions }));
    await producer.send({ messages, ...more });
  };
  const settingsOf = (topic: string, more: object = {}) => ({
    ...{ brokers: broker.bootstrap, topics: [topic], groupId: `group-${topic}`, sessionTimeoutSeconds: 6 },
    ...more,
  });

  it("takes records of every compression, with key, headers and place", async () => {
    await create("codecs");
    for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
      await produce("codecs", [`${compression} 1`, `${compression} 2`, `${compression} 3`], { compression });
    }
    const headers = { source: "härbor", other: "x" };
    await producer.send({
      messages: [{ topic: "codecs", partition: 1, key: "k1", value: "keyed", headers }],
    });
    const bench = new InputBench();
    const life = await bench.start(input, settingsOf("codecs", { key: true, headers: ["source"] }));
    await until("all records", () => bench.kept.length === 16);
    await life.stop();
    const raws = bench.kept.map(({ raw }) => raw);
    for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"]) {
      expect(raws).toContain(`${compression} 3`);
    }
    const keyed = bench.kept.find(({ raw }) => raw === "keyed");
    expect(keyed?.facts).toMatchObject({
      topic: "codecs",
      partition: "1",
      key: "k1",
      header_source: "härbor",
    });
    expect(keyed?.facts).not.toHaveProperty("header_other");
    expect(keyed?.position).toMatchObject({ offset: 5, end: 6 });
  });

  it("commits only what is durable, and makes the broker wait", async () => {
    await create("slow");
    await produce("slow", numbered(0, 6_000));
    let open: (() => void) | undefined;
    let gate: Promise<void> | undefined = new Promise((resolve) => {
      open = resolve;
    });
    const bench = new InputBench();
    const first = await bench.start(input, settingsOf("slow"), { sealEveryMs: 0, gate: () => gate });
    await until("the first record", () => first.logs.length > 0);
    await pause(1_000);
    expect(first.logs).toHaveLength(1);
    gate = undefined;
    open?.();
    await until("all records", () => first.logs.length === 6_000);
    await first.kill();
    // Nothing was durable: all of it comes again, with the ids it had.
    const next = await bench.start(input, settingsOf("slow"));
    await until("all records again", () => bench.kept.length === 6_000);
    await next.stop();
    expect(new Set(bench.kept.map(({ id }) => id))).toEqual(new Set(first.logs.map(({ id }) => id)));
    // Everything was committed: another agent of the group finds nothing but what is new.
    await produce("slow", ["new"]);
    const other = new InputBench("input-1", "agent-2");
    const last = await other.start(input, settingsOf("slow"));
    await until("the new record", () => other.kept.length > 0);
    await last.stop();
    expect(other.kept.map(({ raw }) => raw)).toEqual(["new"]);
  });

  it("takes each record once, whenever the agent is killed, and goes on when the broker was", async () => {
    await create("kills");
    const item = { type: "kafka", dataType: "numbered", ...settingsOf("kills") };
    const agent = await KilledAgent.start([item]);
    agents.push(agent);
    const part = 600;
    for (let turn = 0; turn < 5; turn++) {
      const before = agent.delivered().length;
      await produce("kills", numbered(turn * part, part));
      await until(`work of life ${turn}`, () => agent.delivered().length > before, { everyMs: 5 });
      if (turn === 2) {
        await broker.down();
        await broker.up();
      } else {
        await pause(turn * 10);
        await agent.kill();
      }
    }
    const total = 5 * part;
    await until("everything", () => new Set(agent.delivered().map(({ raw }) => raw)).size === total).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${agent.log()}`);
      },
    );
    await pause(1_000);
    const delivered = agent.delivered();
    expect(delivered.map(({ raw }) => raw).sort()).toEqual(numbered(0, total).sort());
  });

  it("shares partitions between two agents, losing nothing while they come and go", async () => {
    await create("shared");
    const item = { type: "kafka", dataType: "numbered", ...settingsOf("shared") };
    const [first, second] = [
      await KilledAgent.start([item], "agent-1"),
      await KilledAgent.start([item], "agent-2"),
    ];
    agents.push(first, second);
    let produced = 0;
    const feedUntil = (what: string, check: () => boolean): Promise<boolean> =>
      until(
        what,
        async () => {
          await produce("shared", numbered(produced, 90));
          produced += 90;
          return check();
        },
        { everyMs: 200 },
      );
    const all = () => [...first.delivered(), ...second.delivered()];
    const trouble = (error: unknown): never => {
      throw new Error(`${String(error)}\n${first.log()}\n${second.log()}`);
    };
    await feedUntil(
      "both to work",
      () => first.delivered().length > 0 && second.delivered().length > 0,
    ).catch(trouble);
    for (const agent of [second, first]) {
      await agent.kill();
      const before = agent.delivered().length;
      await feedUntil("the killed one to work again", () => agent.delivered().length > before).catch(trouble);
    }
    await until("everything", () => new Set(all().map(({ raw }) => raw)).size === produced).catch(trouble);
    // What both took has one id.
    expect(new Set(all().map(({ id }) => id)).size).toBe(produced);
  });

  it.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])("logs in with %s over TLS", async (mechanism) => {
    const topic = `secure-${mechanism}`;
    await create(topic);
    await produce(topic, ["one"]);
    const secure = (password: string, ca: string | undefined) => ({
      ...settingsOf(topic),
      brokers: broker.secureBootstrap,
      tls: { enabled: true, ...(ca === undefined ? {} : { caFile: ca }) },
      sasl: { mechanism, username: "agent", password },
    });
    const bench = new InputBench();
    const life = await bench.start(input, secure("s3cret", caFile));
    await until("the record", () => bench.kept.length === 1);
    await life.stop();
    await expect(bench.start(input, secure("wrong", caFile))).rejects.toThrow();
    await expect(bench.start(input, secure("s3cret", undefined))).rejects.toThrow();
  });
});
