import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouseClient, createClient } from "@clickhouse/client";
import { type EngineHandle, startEngine } from "@vedette/collector/engine";
import { failedPassword, Herd, type Kafka, noKafka, pause, startKafka } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const missing = await noKafka();

const [collectors, agents, addresses] = [3, 3, 60];
const sessionSeconds = 6;
/** The bundled rule wants eight failures of an address within ten minutes. */
const enough = 8;

describe.skipIf(missing !== undefined)(`what rules remember, shared by collectors ${missing ?? ""}`, () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-shared-detection-"));
  let kafka: Kafka;
  let engine: EngineHandle;
  let client: ClickHouseClient;
  let herd: Herd;

  beforeAll(async () => {
    kafka = await startKafka();
    engine = await startEngine({ stateDir: join(dir, "engine") });
    const { url, user, password, database } = engine;
    client = createClient({ url, username: user, password, database });
    herd = await Herd.create(dir, {
      ...{ agents, collectors },
      kafka: { brokers: kafka.bootstrap, topic: "batches" },
      consumer: {
        ...{ group: "collectors", sessionSeconds },
        createTopics: { partitions: 6, replicas: 1 },
      },
      store: { url, user, password, database },
      agent: {
        batch: { rows: 500, seconds: 0.2 },
        inputs: [{ type: "file", dataType: "sshd", include: ["logs/auth.log"] }],
      },
    });
  }, 300_000);
  afterAll(async () => {
    await herd?.destroy();
    await client?.close();
    await engine?.stop();
    await kafka?.stop();
    if (process.env["VEDETTE_KEEP"]) console.log(dir);
    else rmSync(dir, { recursive: true, force: true });
  });

  const ask = async <Row>(query: string): Promise<Row[]> =>
    (await client.query({ query, format: "JSONEachRow" })).json<Row>();
  const count = async (what: string): Promise<number> =>
    Number((await ask<{ n: string }>(`SELECT count() AS n FROM ${what}`))[0]?.n);

  it("raises every alert once, with owners killed and stopped in the middle of windows", async () => {
    const at = Date.now();
    let lines = 0;
    const addressOf = (index: number): string => `198.51.100.${index}`;
    // One failure of an address at a time, each at another agent: no agent, and so no collector, sees enough of any.
    const guess = (turn: number, of: (index: number) => boolean): void => {
      for (let index = 0; index < addresses; index++) {
        if (!of(index)) continue;
        const { dir: home } = herd.agents[(index + turn) % agents]!;
        appendFileSync(join(home, "logs", "auth.log"), failedPassword(addressOf(index), lines++, at));
      }
    };
    await herd.start();
    const faults: (() => Promise<void>)[] = [
      async () => {
        await herd.collectors[0]!.end();
      },
      async () => {
        // Others take what it owns; then it goes on where it was, believing that all is its own.
        herd.collectors[1]!.signal("SIGSTOP");
        await pause(sessionSeconds * 1_000 + 3_000);
        herd.collectors[1]!.signal("SIGCONT");
      },
      async () => {
        herd.collectors[0]!.start();
        await herd.collectors[2]!.end("SIGTERM");
        herd.collectors[2]!.start();
      },
    ];
    // Every fifth address stays below the count.
    for (let turn = 0; turn < enough; turn++) {
      guess(turn, (index) => turn < enough - 1 || index % 5 !== 0);
      if (turn % 2 === 1) await faults[(turn - 1) / 2]?.();
      await pause(500);
    }
    const alerting = Array.from({ length: addresses }, (_, i) => i).filter((i) => i % 5 !== 0);
    await herd.until("all events", async () => (await count("events")) >= lines, 120_000);
    await herd.until(
      "all alerts",
      async () => (await count("alerts FINAL WHERE name = 'SSH brute force'")) >= alerting.length,
      120_000,
    );
    // Whatever would come twice gets the time to come.
    await pause(sessionSeconds * 1_000);
    await herd.stop();
    const alerts = await ask<{ ip: string; events: number }>(
      `SELECT JSONExtractString(document, 'adversary', 'ip') AS ip, toUInt32(length(eventIds)) AS events
       FROM alerts FINAL WHERE name = 'SSH brute force' ORDER BY ip`,
    );
    const expected = alerting.map((index) => ({ ip: addressOf(index), events: enough }));
    expect(alerts).toEqual(expected.sort((a, b) => (a.ip < b.ip ? -1 : 1)));
    expect(await count("correlation")).toBeGreaterThan(0);
  });
});
