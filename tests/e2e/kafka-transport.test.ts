import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Producer, stringSerializers } from "@platformatic/kafka";
import { Herd, type Kafka, NumberedLog, noKafka, pause, program, run, startKafka } from "@vedette/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";

const missing = await noKafka();

const dying = fileURLToPath(new URL("support/dies-before-commit.ts", import.meta.url));

interface Stats {
  readonly events: { readonly total: number };
  readonly deadLetters: { readonly lastDay: number };
  readonly agents: readonly { readonly agentId: string; readonly events: number }[];
  readonly kafka?: { readonly connected: boolean; readonly partitions: readonly { readonly lag: number }[] };
}

describe.skipIf(missing !== undefined)(`batches through Kafka ${missing ?? ""}`, () => {
  let broker: Kafka;
  const herds: Herd[] = [];
  const dirs: string[] = [];

  beforeAll(async () => {
    broker = await startKafka({ secure: { users: [{ name: "agent", password: "s3cret" }] } });
  }, 300_000);
  afterEach(async () => {
    await Promise.all(herds.splice(0).map((herd) => herd.destroy()));
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });
  afterAll(() => broker?.stop());

  const herdOf = async (topic: string, client: string, agents = 2): Promise<Herd> => {
    const dir = mkdtempSync(join(tmpdir(), "vedette-kafka-transport-"));
    dirs.push(dir);
    const herd = await Herd.create(dir, {
      ...{ agents, collectors: 1 },
      kafka: { brokers: broker.bootstrap, topic, client },
      consumer: {
        ...{ group: `group-${topic}`, sessionSeconds: 6 },
        createTopics: { partitions: 3, replicas: 1 },
      },
      agent: { batch: { rows: 500, seconds: 0.2 } },
    });
    herds.push(herd);
    return herd;
  };
  const stats = (herd: Herd): Promise<Stats> => herd.get<Stats>("/api/v1/stats");
  const stored = async (herd: Herd): Promise<number> => (await stats(herd)).events.total;
  /** Waits for so many events and gives whatever would come twice the time to come. */
  const storesOnce = async (herd: Herd, events: number): Promise<void> => {
    await herd.until("all events", async () => (await stored(herd)) >= events);
    await pause(1_500);
    expect(await stored(herd)).toBe(events);
  };

  it.each(["platformatic", "kafkajs"])("stores what agents send, each event once (%s)", async (client) => {
    const herd = await herdOf(`whole-${client}`, client);
    await herd.start();
    const logs = herd.agents.map(({ dir }) => new NumberedLog(join(dir, "logs")));
    for (const log of logs) log.append(5_000);
    await storesOnce(herd, 10_000);
    const { agents, kafka, deadLetters } = await stats(herd);
    expect(agents.map(({ agentId, events }) => [agentId, events]).sort()).toEqual([
      ["agent-1", 5_000],
      ["agent-2", 5_000],
    ]);
    expect(kafka).toMatchObject({ connected: true, partitions: [{}, {}, {}] });
    expect(deadLetters.lastDay).toBe(0);
    await herd.stop();
  });

  it.each(["platformatic", "kafkajs"])(
    "neither loses nor doubles when it dies between insert and commit (%s)",
    async (client) => {
      const herd = await herdOf(`dies-${client}`, client);
      const [collector] = herd.collectors;
      if (!collector) throw new RangeError("There is no collector.");
      const logs = herd.agents.map(({ dir }) => new NumberedLog(join(dir, "logs")));
      for (const agent of herd.agents) agent.start();
      for (const [life, commitsLater] of ["1", "2", "3"].entries()) {
        for (const log of logs) log.append(3_000);
        const dies = program(dying, [join(collector.dir, "vedette.yaml"), commitsLater], {
          cwd: collector.dir,
        });
        // All of it may be committed at once: until the commit in which it dies there is always more.
        const more = setInterval(() => {
          for (const log of logs) log.append(10);
        }, 500);
        const { signal } = await dies.exited.finally(() => clearInterval(more));
        expect([life, signal, dies.stderr().slice(-2_000)]).toMatchObject([life, "SIGKILL", /ready/]);
      }
      collector.start();
      await herd.ready();
      await storesOnce(
        herd,
        logs.reduce((sum, { written }) => sum + written, 0),
      );
      // What was stored and not committed did come again.
      const page = await herd.get<object>("/api/v1/stats");
      expect(page).toMatchObject({ deadLetters: { lastDay: 0 } });
      expect(await herd.metric(0, "vedette_ingest_batches_total")).toBeGreaterThan(0);
      await herd.stop();
    },
    // Four collectors start one after the other, and each waits until the group has given up the one before.
    900_000,
  );

  it("keeps a record that is no batch, or not its agent's, as a dead letter and goes on", async () => {
    const herd = await herdOf("poison", "platformatic", 1);
    await herd.start();
    const [agent] = herd.agents;
    const log = new NumberedLog(join(agent?.dir ?? "", "logs"));
    log.append(1_000);
    await herd.until("the first events", async () => (await stored(herd)) === 1_000);
    const producer = new Producer({
      clientId: "poison",
      bootstrapBrokers: broker.bootstrap,
      serializers: stringSerializers,
      idempotent: true,
      retries: 60,
    });
    await producer.send({
      messages: [0, 1, 2].map((partition) => ({
        topic: "poison",
        partition,
        key: "agent-1",
        value: "no batch",
      })),
    });
    await producer.close();
    log.append(1_000);
    await storesOnce(herd, 2_000);
    await herd.until("dead letters", async () => (await stats(herd)).deadLetters.lastDay === 3);
    await herd.until(
      "nothing left to do",
      async () => (await herd.metric(0, "vedette_kafka_in_flight_batches")) === 0,
    );
    const { items } = await herd.get<{ items: { reason: string }[] }>("/api/v1/dead-letters?from=-1h");
    for (const { reason } of items)
      expect(reason).toMatch(/no frame prefix.*record \d+ of partition \d of the topic poison/);
    await herd.stop();
  });

  it("lets doctor say what is wrong with the brokers", async () => {
    const dir = mkdtempSync(join(tmpdir(), "vedette-kafka-doctor-"));
    dirs.push(dir);
    const says = async (kafka: object): Promise<{ status: string; said: string } | undefined> => {
      const file = join(dir, "vedette.yaml");
      writeFileSync(file, stringify({ agent: { stateDir: dir, kafka }, collector: { stateDir: dir } }));
      const { stdout } = await run(["doctor", "--json", "--config", file, "--url", "http://127.0.0.1:1"]);
      const findings = JSON.parse(stdout) as { what: string; status: string; said: string }[];
      return findings.find(({ what }) => what === "agent's Kafka");
    };
    const login = (password: string): object => ({
      brokers: broker.secureBootstrap,
      sasl: { mechanism: "PLAIN", username: "agent", password },
    });
    expect(await says({ brokers: ["127.0.0.1:1"] })).toMatchObject({
      status: "broken",
      said: expect.stringMatching(/Nobody answers at 127\.0\.0\.1:1/),
    });
    expect(await says({ ...login("s3cret"), topic: "absent" })).toMatchObject({
      status: "broken",
      said: expect.stringMatching(/do not have the topic absent/),
    });
    expect(await says(login("wrong"))).toMatchObject({
      status: "broken",
      said: expect.stringMatching(/did not take the login/),
    });
  });
});
