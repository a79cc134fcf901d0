import { createHash, randomBytes } from "node:crypto";
import { type Kafka, type KafkaProducer, partitionOfKey } from "@vedette/core/kafka";
import { heldBytes } from "@vedette/sdk/testing";
import { type Kafka as Broker, pause, startKafka, until } from "@vedette/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Member, memberSessionMs } from "./member.ts";
import { clients, createTopic, missing, numbered, open } from "./support.ts";

const MiB = 2 ** 20;
const sum = (value: Buffer): string => createHash("sha256").update(value).digest("hex");

describe.skipIf(missing !== undefined)(`Kafka records ${missing ?? ""}`, () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await startKafka({
      properties: ["message.max.bytes=20971520", "replica.fetch.max.bytes=20971520"],
    });
  }, 300_000);
  afterAll(() => broker?.stop());

  describe.each(clients)("through %s", (client) => {
    let kafka: Kafka;
    let producer: KafkaProducer;
    const members: Member[] = [];
    const topicOf = (name: string): string => `${client}-${name}`;
    const member = async (topic: string, more: object = {}): Promise<Member> => {
      const started = await Member.start(kafka, { group: `of-${topic}`, topics: [topic], ...more });
      members.push(started);
      return started;
    };
    beforeAll(async () => {
      ({ kafka } = await open(client, broker.bootstrap));
      producer = await kafka.producer();
    });
    afterEach(async () => {
      await Promise.all(members.splice(0).map((each) => each.stop()));
    });
    afterAll(() => producer?.close());

    it("keeps values, keys and headers, and says where each record is", async () => {
      const topic = topicOf("whole");
      await createTopic(kafka, topic);
      const binary = randomBytes(5_000);
      const headers = { batch: "0197", "content-type": "härbor" };
      const places = await producer.send(topic, [
        { value: binary, key: "agent-1", headers },
        { value: Buffer.alloc(0), partition: 2 },
        { value: Buffer.from("keyless") },
      ]);
      expect(places[0]).toEqual({ topic, partition: partitionOfKey("agent-1", 3), offset: 0n });
      expect(places[1]).toMatchObject({ topic, partition: 2 });
      const reader = await member(topic);
      await reader.has(3);
      const at = (index: number) =>
        reader.records.find(
          ({ partition, offset }) =>
            partition === places[index]?.partition && offset === places[index].offset,
        );
      expect(at(0)).toMatchObject({ topic, key: "agent-1", headers });
      expect(at(0)?.value.equals(binary)).toBe(true);
      expect(Math.abs(Date.now() - (at(0)?.timestamp ?? 0))).toBeLessThan(600_000);
      expect(at(1)?.value).toHaveLength(0);
      expect(at(1)?.key).toBeUndefined();
      expect(at(2)?.value.toString()).toBe("keyless");
    });

    it("keeps the order of the calls in each partition, whatever runs at once", async () => {
      const topic = topicOf("order");
      await createTopic(kafka, topic);
      const count = 3_000;
      const sent = numbered(0, count).map((value, index) =>
        producer.send(topic, [{ value, key: `agent-${index % 20}` }]),
      );
      const places = (await Promise.all(sent)).flat();
      expect(new Set(places.map(({ partition, offset }) => `${partition}/${offset}`)).size).toBe(count);
      const reader = await member(topic);
      await reader.has(count);
      for (const partition of [0, 1, 2]) {
        const values = reader.values(partition).map(Number);
        expect(values.length).toBeGreaterThan(0);
        expect(values).toEqual([...values].sort((one, other) => one - other));
      }
      expect(new Set(reader.values()).size).toBe(count);
    });

    it("carries records of 1 to 16 MiB, in a small fetch too", async () => {
      const topic = topicOf("large");
      await createTopic(kafka, topic, { partitions: 1, config: { "max.message.bytes": String(18 * MiB) } });
      const values = [1, 4, 16].map((size) => randomBytes(size * MiB));
      for (const value of values) await producer.send(topic, [{ value }]);
      const reader = await member(topic, { maxBytes: MiB });
      await reader.has(3);
      expect(reader.records.map(({ value }) => sum(value))).toEqual(values.map(sum));
    });

    it("refuses a record over the topic's limit, and takes the others", async () => {
      const topic = topicOf("limit");
      await createTopic(kafka, topic, { partitions: 1, config: { "max.message.bytes": "100000" } });
      const sizes = [10, 200_000, 20];
      const results = await Promise.allSettled(
        sizes.map((size) => producer.send(topic, [{ value: randomBytes(size) }])),
      );
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      const [, refused] = results;
      expect(refused).toMatchObject({ reason: { code: "batch.too_large", verdict: { verdict: "stop" } } });
      expect((refused as PromiseRejectedResult).reason.message).toContain("max.message.bytes");
    });

    it("says that a topic is missing, to producer and consumer", async () => {
      const topic = topicOf("missing");
      const refused = { code: "transport.refused", verdict: { verdict: "stop" } };
      await expect(producer.send(topic, [{ value: Buffer.from("x") }])).rejects.toMatchObject(refused);
      const reader = await member(topic);
      expect(await reader.ended()).toMatchObject(refused);
      expect((reader.error as Error).message).toContain(topic);
    });

    it("answers what an administrator asks", async () => {
      const topic = topicOf("admin");
      const admin = await kafka.admin();
      await createTopic(kafka, topic, { config: { "retention.ms": "3600000" } });
      await createTopic(kafka, topic);
      const known = await admin.partitions([topic, topicOf("absent")]);
      expect([...known]).toEqual([[topic, 3]]);
      await producer.send(topic, [
        { value: Buffer.from("a"), partition: 0 },
        { value: Buffer.from("b"), partition: 2 },
        { value: Buffer.from("c"), partition: 2 },
      ]);
      expect((await admin.ends(topic)).map(({ offset }) => offset)).toEqual([1n, 0n, 2n]);
      expect(await admin.committed(`of-${topic}`, topic)).toEqual([]);
      const reader = await member(topic);
      await reader.has(3);
      await reader.stop();
      expect(await admin.committed(`of-${topic}`, topic)).toEqual([
        { topic, partition: 0, offset: 1n },
        { topic, partition: 2, offset: 2n },
      ]);
      await admin.close();
    });

    it("goes on from what the group committed, and reads again what it did not", async () => {
      const topic = topicOf("commits");
      await createTopic(kafka, topic, { partitions: 1 });
      await producer.send(
        topic,
        numbered(0, 10).map((value) => ({ value })),
      );
      const first = await member(topic, { commits: false });
      await first.has(10);
      await first.consumer.commit([{ topic, partition: 0, offset: 4n }]);
      await first.stop();
      const next = await member(topic);
      await next.has(6);
      expect(next.values()).toEqual(["4", "5", "6", "7", "8", "9"]);
    });

    it("gives no record before `assigned` resolves", async () => {
      const topic = topicOf("held");
      await createTopic(kafka, topic);
      await producer.send(
        topic,
        numbered(0, 30).map((value, index) => ({ value, partition: index % 3 })),
      );
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const reader = await member(topic, { assigned: () => held });
      await until("the assignment", () => reader.told.length > 0);
      await pause(700);
      expect(reader.records).toHaveLength(0);
      release();
      await reader.has(30);
      expect(reader.told).toEqual([
        `assigned ${topic}/0 ${topic}/1 ${topic}/2`,
        `ready ${topic}/0 ${topic}/1 ${topic}/2`,
      ]);
    });

    it("waits for one partition while the others go on, in bounded memory", async () => {
      const topic = topicOf("pressure");
      await createTopic(kafka, topic, { partitions: 2 });
      const value = randomBytes(MiB / 2);
      const size = 60;
      for (let turn = 0; turn < size; turn++) {
        await producer.send(topic, [{ value, partition: 0 }]);
        await producer.send(topic, [{ value: Buffer.from(`${turn}`), partition: 1 }]);
      }
      let open = (): void => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      let calls = 0;
      const before = heldBytes();
      const reader = await member(topic, {
        maxBytes: 4 * MiB,
        gate: ({ partition }: { partition: number }) => {
          if (partition !== 0) return undefined;
          calls++;
          return gate;
        },
      });
      await until("the free partition", () => reader.values(1).length === size);
      // Longer than the session: who waits stays a member.
      await pause(memberSessionMs + 1_000);
      await producer.send(topic, [{ value: Buffer.from("more"), partition: 1 }]);
      await until("more of the free partition", () => reader.values(1).length === size + 1);
      expect(calls).toBe(1);
      expect(heldBytes() - before).toBeLessThan(24 * MiB);
      open();
      await until("the whole", () => reader.values(0).length === size, { timeoutMs: 200_000 });
      expect(reader.told).toHaveLength(2);
    });
  });
});
