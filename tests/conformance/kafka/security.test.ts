import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kafka } from "@vedette/core/kafka";
import { TestAuthority } from "@vedette/sdk/testing";
import { type Kafka as Broker, freePort, startKafka } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Member } from "./member.ts";
import { clients, createTopic, missing, open } from "./support.ts";

const value = Buffer.from("one");
const refused = { code: "transport.refused", verdict: { verdict: "stop" } };

describe.skipIf(missing !== undefined)(`Kafka's doors ${missing ?? ""}`, () => {
  let broker: Broker;
  let caFile = "";
  beforeAll(async () => {
    const authority = new TestAuthority(mkdtempSync(join(tmpdir(), "vedette-kafka-ca-")));
    caFile = authority.caFile;
    const users = [{ name: "collector", password: "s3cret" }];
    broker = await startKafka({ secure: { users, tls: authority.issue("broker") } });
  }, 300_000);
  afterAll(() => broker?.stop());

  describe.each(clients)("through %s", (client) => {
    const secure = (mechanism: string, password = "s3cret", tls: object = { enabled: true, caFile }) =>
      open(client, broker.secureBootstrap, { tls, sasl: { mechanism, username: "collector", password } });

    /** What sending, consuming and asking each say. */
    const errors = async (kafka: Kafka, topic: string): Promise<unknown[]> => {
      const producer = await kafka.producer();
      const admin = await kafka.admin();
      const member = await Member.start(kafka, { group: `of-${topic}`, topics: [topic] });
      const results = await Promise.all([
        producer.send(topic, [{ value }]).catch((error: unknown) => error),
        admin.partitions([topic]).catch((error: unknown) => error),
        member.ended(),
      ]);
      await Promise.all([producer.close(), admin.close(), member.stop()]);
      return results;
    };

    it.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])(
      "lets %s in over TLS with the right password only",
      async (mechanism) => {
        const topic = `${client}-${mechanism}`;
        const { kafka } = await secure(mechanism);
        await createTopic(kafka, topic, { partitions: 1 });
        const producer = await kafka.producer();
        await producer.send(topic, [{ value, key: "k" }]);
        await producer.close();
        const member = await Member.start(kafka, { group: `of-${topic}`, topics: [topic] });
        await member.has(1);
        await member.stop();
        const wrong = await secure(mechanism, "guess");
        for (const error of await errors(wrong.kafka, topic)) {
          expect(error).toMatchObject(refused);
          expect((error as Error).message).toContain("sasl.password");
          expect((error as Error).message).toContain(broker.secureBootstrap[0]);
        }
        expect(JSON.stringify(wrong.log.lines)).not.toContain("guess");
      },
    );

    it("does not believe a certificate of a stranger", async () => {
      const { kafka } = await secure("PLAIN", "s3cret", { enabled: true });
      for (const error of await errors(kafka, "x")) {
        expect(error).toMatchObject(refused);
        expect((error as Error).message).toContain("tls.caFile");
      }
    });

    it("says that it speaks TLS and the other side does not", async () => {
      const { kafka } = await open(client, broker.bootstrap, { tls: { enabled: true, caFile } });
      const producer = await kafka.producer();
      await expect(producer.send("x", [{ value }])).rejects.toThrow("tls.enabled");
      await producer.close();
    });

    it("names the address where nobody answers, and goes on trying", async () => {
      const address = `127.0.0.1:${await freePort()}`;
      const { kafka, log } = await open(client, [address]);
      const producer = await kafka.producer();
      const sent = producer.send("x", [{ value }]);
      await expect(sent).rejects.toMatchObject({
        code: "transport.unavailable",
        verdict: { verdict: "retry" },
      });
      await expect(sent).rejects.toThrow(address);
      await producer.close();
      const member = await Member.start(kafka, { group: "g", topics: ["x"] });
      await expect
        .poll(() => JSON.stringify(log.lines), { timeout: 60_000 })
        .toContain(`answers at ${address}`);
      expect(member.error).toBeUndefined();
      expect(member.consumer.connected).toBe(false);
      await member.stop();
      expect(member.error).toBeUndefined();
    });
  });
});
