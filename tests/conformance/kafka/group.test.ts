import type { Kafka, KafkaProducer, PartitionOffset } from "@vedette/core/kafka";
import { type Kafka as Broker, pause, startKafka, until } from "@vedette/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Member } from "./member.ts";
import { clients, cooperative, createTopic, missing, numbered, open, staticMembers } from "./support.ts";

const partitions = 6;

describe.skipIf(missing !== undefined)(`Kafka groups ${missing ?? ""}`, () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await startKafka();
  }, 300_000);
  afterAll(() => broker?.stop());

  describe.each(clients)("through %s", (client) => {
    let kafka: Kafka;
    let producer: KafkaProducer;
    const members: Member[] = [];
    const make = async (name: string): Promise<string> => {
      await createTopic(kafka, `${client}-${name}`, { partitions });
      return `${client}-${name}`;
    };
    const member = async (topic: string, more: object = {}): Promise<Member> => {
      const started = await Member.start(kafka, { group: `of-${topic}`, topics: [topic], ...more });
      members.push(started);
      return started;
    };
    const send = (topic: string, from: number, count: number): Promise<readonly PartitionOffset[]> =>
      producer.send(
        topic,
        numbered(from, count).map((value, index) => ({ value, partition: index % partitions })),
      );
    beforeAll(async () => {
      ({ kafka } = await open(client, broker.bootstrap));
      producer = await kafka.producer();
    });
    afterEach(async () => {
      await Promise.all(members.splice(0).map((each) => each.stop()));
    });
    afterAll(() => producer?.close());

    it("shares partitions between members that come and go, each record once where commits keep up", async () => {
      const topic = await make("shared");
      const first = await member(topic);
      await first.owns(partitions);
      expect(first.consumer.connected).toBe(true);
      await send(topic, 0, 60);
      await first.has(60);
      const second = await member(topic);
      await Promise.all([first.owns(partitions / 2), second.owns(partitions / 2)]);
      await send(topic, 60, 60);
      await until("all records", () => first.records.length + second.records.length === 120);
      expect(second.records).toHaveLength(30);
      await first.stop();
      expect(first.consumer.connected).toBe(false);
      await second.owns(partitions);
      await send(topic, 120, 60);
      await second.has(90);
      await pause(500);
      const all = [...first.values(), ...second.values()].map(Number).sort((one, other) => one - other);
      expect(all).toEqual(Array.from({ length: 180 }, (_, index) => index));
      expect([...first.told, ...second.told].filter((line) => line.includes("before"))).toEqual([]);
    });

    it.skipIf(!cooperative(client))("goes on through a rebalance with the partitions that stay", async () => {
      const topic = await make("stays");
      const first = await member(topic, { commits: false });
      await first.owns(partitions);
      await send(topic, 0, 60);
      await first.has(60);
      const second = await member(topic, { commits: false });
      await Promise.all([first.owns(partitions / 2), second.owns(partitions / 2)]);
      await send(topic, 60, 60);
      // What was handled but never committed comes again only where a partition went to the other.
      await until("all records", () => first.records.length + second.records.length === 150);
      await pause(500);
      expect(first.records).toHaveLength(90);
      expect(second.records).toHaveLength(60);
      expect(first.told.filter((line) => line.startsWith("lost"))).toEqual([]);
      expect(first.told.filter((line) => line.startsWith("revoked"))).toHaveLength(1);
    });

    it.skipIf(!cooperative(client))("lets a member commit what it did before a partition goes", async () => {
      const topic = await make("handover");
      const done = new Map<number, PartitionOffset>();
      const first = await member(topic, {
        commits: false,
        revoked: async (of: readonly { partition: number }[]) => {
          await first.consumer.commit(of.flatMap(({ partition }) => done.get(partition) ?? []));
        },
      });
      await first.owns(partitions);
      await send(topic, 0, 60);
      await first.has(60);
      for (const { partition, offset } of first.records) {
        done.set(partition, { topic, partition, offset: offset + 1n });
      }
      const second = await member(topic);
      await second.owns(partitions / 2);
      await first.stop();
      await second.owns(partitions);
      await send(topic, 60, 6);
      await second.has(6);
      await pause(500);
      expect(second.values().map(Number).sort()).toEqual([60, 61, 62, 63, 64, 65]);
    });

    it("aborts the signal of a partition that goes, and refuses a commit for it", async () => {
      const topic = await make("fenced");
      const held = new Set<number>();
      const aborted: number[] = [];
      let hold = true;
      const first = await member(topic, {
        commits: false,
        gate: ({ partition }: { partition: number }, _: unknown, signal: AbortSignal) =>
          hold &&
          new Promise<void>((resolve) => {
            held.add(partition);
            signal.addEventListener("abort", () => {
              aborted.push(partition);
              resolve();
            });
          }),
      });
      await first.owns(partitions);
      await send(topic, 0, 12);
      await until("records of each partition to be held", () => held.size === partitions);
      const second = await member(topic);
      await second.owns(partitions / 2);
      await second.has(6);
      const [gone] = [...second.owned];
      const partition = Number(gone?.split("/")[1]);
      expect(aborted).toContain(partition);
      const commit = first.consumer.commit([{ topic, partition, offset: 1n }]);
      await expect(commit).rejects.toMatchObject({ code: "transport.fenced" });
      const admin = await kafka.admin();
      await until("the place of the other member", async () => {
        const places = await admin.committed(`of-${topic}`, topic);
        return places.find((place) => place.partition === partition)?.offset === 2n;
      });
      await admin.close();
      hold = false;
    });

    it("refuses a commit that would set the group back, and one of a stranger", async () => {
      const topic = await make("back");
      await send(topic, 0, 12);
      const first = await member(topic);
      await first.has(12);
      await first.stop();
      await expect(first.consumer.commit([{ topic, partition: 0, offset: 2n }])).rejects.toMatchObject({
        code: "transport.fenced",
      });
      const second = await member(topic);
      await second.owns(partitions);
      await send(topic, 12, 6);
      await second.has(6);
      await expect(second.consumer.commit([{ topic, partition: 0, offset: 1n }])).rejects.toMatchObject({
        code: "transport.fenced",
      });
    });

    it.skipIf(!staticMembers(client))(
      "gives a named member its partitions back after a restart",
      async () => {
        const topic = await make("named");
        const one = await member(topic, { member: "one" });
        const two = await member(topic, { member: "two" });
        await Promise.all([one.owns(partitions / 2), two.owns(partitions / 2)]);
        const before = [...one.owned].sort();
        const told = two.told.length;
        await one.stop();
        await pause(500);
        const again = await member(topic, { member: "one" });
        await again.owns(partitions / 2);
        expect([...again.owned].sort()).toEqual(before);
        await send(topic, 0, 60);
        await Promise.all([again.has(30), two.has(30)]);
        expect(two.told).toHaveLength(told);
        // The same name twice: the older one ends and says why, they do not take turns.
        const twin = await member(topic, { member: "one" });
        expect(await again.ended()).toMatchObject({ code: "transport.fenced", verdict: { verdict: "stop" } });
        await twin.owns(partitions / 2);
      },
    );

    it("loses nothing when members storm in and out, and commits without a hole", async () => {
      const topic = await make("storm");
      const all: Member[] = [];
      let sent = 0;
      const begin = async (): Promise<void> => {
        all.push(await member(topic));
      };
      await begin();
      for (let turn = 0; turn < 5; turn++) {
        await begin();
        await send(topic, sent, 300);
        sent += 300;
        await pause(150);
        await all[turn]?.stop();
      }
      const taken = (): Set<string> => new Set(all.flatMap((each) => each.values()));
      await until("all records", () => taken().size === sent);
      const admin = await kafka.admin();
      const ends = await admin.ends(topic);
      await until("the last commits", async () => {
        const places = await admin.committed(`of-${topic}`, topic);
        return places.every(({ offset }, index) => offset === ends[index]?.offset) && places.length === 6;
      });
      await admin.close();
      expect(all.map(({ error }) => error)).toEqual(all.map(() => undefined));
    });
  });
});
