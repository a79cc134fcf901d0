import { type KafkaUse, kafkaConnection, probeKafka } from "@vedette/core/kafka";
import { recordingLogger } from "@vedette/sdk/testing";
import { type Kafka as Broker, freePort, startKafka } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients, createTopic, missing, open } from "./support.ts";

describe.skipIf(missing !== undefined)(`a look at Kafka ${missing ?? ""}`, () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await startKafka({ secure: { users: [{ name: "collector", password: "s3cret" }] } });
  }, 300_000);
  afterAll(() => broker?.stop());

  describe.each(clients)("through %s", (client) => {
    const look = (use: KafkaUse, more: object = {}) =>
      probeKafka(kafkaConnection.parse({ brokers: broker.bootstrap, client, ...more }), use, {
        ...{ log: recordingLogger(), baseDir: process.cwd() },
      });

    it("finds all in order, except that there is no copy", async () => {
      const { kafka } = await open(client, broker.bootstrap);
      const topic = `${client}-good`;
      await createTopic(kafka, topic, { config: { "max.message.bytes": "2000000" } });
      const producer = await kafka.producer();
      await producer.send(topic, [{ value: Buffer.from("x"), headers: { schema: "3" } }]);
      await producer.close();
      const use = { topic, group: "collectors", maxRecordBytes: 2_000_000 };
      const findings = await look({ ...use, schema: { header: "schema", known: 3 } });
      expect(findings.map(({ what, status }) => `${what}: ${status}`)).toEqual([
        "brokers: good",
        "copies: warning",
        "group: good",
      ]);
      expect(findings[0]?.said).toContain("3 partitions");
      expect(findings[2]?.said).toContain("1 records");
      const newer = await look({ ...use, maxRecordBytes: 2_000_001, schema: { header: "schema", known: 2 } });
      expect(newer.filter(({ cure = "" }) => /max.message|Upgrade/.test(cure))).toMatchObject([
        { what: "records", cure: expect.stringContaining("2000001") },
        { what: "batches", said: expect.stringContaining("schema 3") },
      ]);
    });

    it("says what is wrong", async () => {
      const nobody = `127.0.0.1:${await freePort()}`;
      const sasl = { mechanism: "PLAIN", username: "collector", password: "guess" };
      const topic = `${client}-none`;
      expect(await look({ topic })).toMatchObject([
        { status: "broken", said: expect.stringContaining(topic) },
      ]);
      expect(await look({ topic, created: true })).toMatchObject([{ status: "warning" }]);
      expect(await look({ topic }, { brokers: [nobody] })).toMatchObject([
        { status: "broken", said: expect.stringContaining(nobody) },
      ]);
      expect(await look({ topic }, { brokers: broker.secureBootstrap, sasl })).toMatchObject([
        { status: "broken", said: expect.stringContaining("sasl.password") },
      ]);
      const tls = { enabled: true, caFile: "/no/such/file.pem" };
      expect(await look({ topic }, { tls })).toMatchObject([
        { status: "broken", said: expect.stringContaining("/no/such/file.pem") },
      ]);
    });
  });
});
