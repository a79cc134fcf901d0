import type { Kafka, KafkaProducer } from "@vedette/core/kafka";
import { isVedetteError } from "@vedette/sdk";
import { type Kafka as Broker, pause, startKafka, until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Member } from "./member.ts";
import { type Client, clients, createTopic, missing, open } from "./support.ts";

/** Sends numbers one after the other until it is told to end, each again until it is taken, as an agent does. */
class Numbers {
  sent = 0;
  retries = 0;
  readonly #producer: KafkaProducer;
  readonly #topic: string;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;

  constructor(producer: KafkaProducer, topic: string) {
    this.#producer = producer;
    this.#topic = topic;
    this.#running = this.#run();
    this.#running.catch(() => {});
  }

  async stop(): Promise<number> {
    this.#end.abort();
    await this.#running;
    return this.sent;
  }

  async more(count: number): Promise<void> {
    const from = this.sent;
    await until(`${count} more records sent`, () => this.sent >= from + count);
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const window = Array.from({ length: 10 }, (_, index) => this.sent + index);
      try {
        await Promise.all(
          window.map((number) =>
            this.#producer.send(this.#topic, [{ value: Buffer.from(`${number}`), partition: 0 }]),
          ),
        );
        this.sent += window.length;
      } catch (error) {
        if (!isVedetteError(error) || error.verdict.verdict !== "retry") throw error;
        this.retries++;
        await pause(100);
      }
    }
  }
}

/** Every number came; where it came first is the order it was sent in. */
function expectAllInOrder(member: Member, sent: number): void {
  const first = [...new Set(member.values().map(Number))];
  expect(first).toEqual(Array.from({ length: sent }, (_, index) => index));
}

async function endureDowns(client: Client, broker: Broker, kafka: Kafka, replicas: number): Promise<void> {
  const topic = `${client}-downs-${replicas}`;
  await createTopic(kafka, topic, { partitions: 1, replicas });
  const producer = await kafka.producer();
  const member = await Member.start(kafka, { group: `of-${topic}`, topics: [topic] });
  const numbers = new Numbers(producer, topic);
  try {
    await numbers.more(200);
    for (let node = 0; node < replicas; node++) {
      await broker.down(node);
      if (replicas > 1) await numbers.more(100);
      await broker.up(node);
      await numbers.more(200);
    }
    const sent = await numbers.stop();
    await until("all records", () => new Set(member.values()).size >= sent);
    expectAllInOrder(member, sent);
    await until("the member to be connected", () => member.consumer.connected);
  } finally {
    await numbers.stop().catch(() => {});
    await member.stop();
    await producer.close();
  }
  expect(member.error).toBeUndefined();
}

describe.skipIf(missing !== undefined)(`Kafka faults ${missing ?? ""}`, { timeout: 400_000 }, () => {
  describe("of the only broker", () => {
    let broker: Broker;
    beforeAll(async () => {
      broker = await startKafka();
    }, 300_000);
    afterAll(() => broker?.stop());

    it.each(clients)("lose nothing and keep the order through %s", async (client) => {
      const { kafka } = await open(client, broker.bootstrap);
      await endureDowns(client, broker, kafka, 1);
    });
  });

  describe("of three brokers", () => {
    let broker: Broker;
    beforeAll(async () => {
      broker = await startKafka({ brokers: 3 });
    }, 300_000);
    afterAll(() => broker?.stop());

    it.each(clients)("lose nothing and keep the order through %s", async (client) => {
      const { kafka } = await open(client, broker.bootstrap);
      await endureDowns(client, broker, kafka, 3);
    });

    it.each(clients)("wait for replicas that are missing through %s", async (client) => {
      const topic = `${client}-replicas`;
      const { kafka } = await open(client, broker.bootstrap);
      await createTopic(kafka, topic, { partitions: 1, replicas: 3, config: { "min.insync.replicas": "3" } });
      const producer = await kafka.producer();
      await producer.send(topic, [{ value: Buffer.from("before") }]);
      await broker.down(2);
      const send = () => producer.send(topic, [{ value: Buffer.from("while") }]);
      // A dead replica counts as in sync until the controller has noticed.
      const error = await until("a refusal", () =>
        send().then(
          () => undefined,
          (reason: unknown) => reason,
        ),
      );
      expect(error).toMatchObject({ code: "transport.unavailable", verdict: { verdict: "retry" } });
      await broker.up(2);
      await until("the replica to be back", () => send().then(() => true));
      await producer.close();
    });
  });
});
