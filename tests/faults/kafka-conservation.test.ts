import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouseClient, createClient } from "@clickhouse/client";
import { type EngineHandle, startEngine } from "@vedette/collector/engine";
import {
  BruteForce,
  checksumOf,
  fillDisk,
  Gate,
  Herd,
  type Kafka,
  NumberedLog,
  noKafka,
  pause,
  seeded,
  startKafka,
  until,
} from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const missing = await noKafka();

const total = Number(process.env["VEDETTE_KAFKA_CONSERVATION_EVENTS"] ?? 200_000);
const [brokers, partitions, collectors, agents] = [3, 12, 3, 8];
/** Addresses that guess passwords at all agents, one after the other over the whole run: no collector sees all of one. */
const attackers = 8;
const perAgent = Math.ceil(total / agents);
/** Longer than the members of the group and the brokers are waited for. */
const sessionSeconds = 6;
const refusesMs = 60_000;
const brokerDiskMiB = 192 + Math.ceil(total / 20_000);

/** Each kind of fault comes at least once before any comes again. */
const kinds = [
  "agent killed",
  "agent stopped",
  "collector killed",
  "collector stopped",
  "broker killed",
  "broker stopped",
  "rebalance storm",
  "broker disk full",
] as const;
type Kind = (typeof kinds)[number];

/** A rule that needs no history: one alert for each line whose number ends in 000. */
const rule = `- id: 9001
  name: A round number
  dataTypes: [numbered]
  impact: { confidentiality: 1, integrity: 0, availability: 0 }
  where: regexMatch("raw", "^line=[0-9]*000 ")
`;

describe.skipIf(missing !== undefined)(`conservation through Kafka ${missing ?? ""}`, () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-kafka-conservation-"));
  const random = seeded(Number(process.env["VEDETTE_SEED"] ?? 20_261_126));
  let kafka: Kafka;
  let engine: EngineHandle;
  let gate: Gate;
  let client: ClickHouseClient;
  let herd: Herd;
  /** Brokers that ended because their disk was full. */
  let starved = 0;

  beforeAll(async () => {
    kafka = await startKafka({ brokers, smallDisk: { node: 2, mebibytes: brokerDiskMiB } });
    engine = await startEngine({ stateDir: join(dir, "engine") });
    const { url, user, password, database } = engine;
    gate = await Gate.before({ host: "127.0.0.1", port: Number(new URL(url).port) });
    client = createClient({ url, username: user, password, database });
    writeFileSync(join(dir, "rule.yaml"), rule);
    herd = await Herd.create(dir, {
      ...{ agents, collectors },
      kafka: { brokers: kafka.bootstrap, topic: "batches" },
      consumer: {
        ...{ group: "collectors", sessionSeconds },
        createTopics: { partitions, replicas: brokers },
      },
      store: { url: `http://127.0.0.1:${gate.port}`, user, password, database },
      agent: {
        batch: { rows: 500, seconds: 0.3 },
        inputs: [
          { type: "file", dataType: "numbered", include: ["logs/app.log"] },
          { type: "file", dataType: "sshd", include: ["logs/auth.log"] },
        ],
      },
      collector: { rules: [join(dir, "rule.yaml")] },
    });
  }, 300_000);
  afterAll(async () => {
    await herd?.destroy();
    await client?.close();
    await gate?.close();
    await engine?.stop();
    await kafka?.stop();
    if (process.env["VEDETTE_KEEP"]) console.log(dir);
    else rmSync(dir, { recursive: true, force: true });
  });

  const ask = async <Row>(query: string): Promise<Row[]> =>
    (await client.query({ query, format: "JSONEachRow" })).json<Row>();
  const stored = async (): Promise<number> => {
    const [row] = await ask<{ rows: string }>("SELECT count() AS rows FROM events");
    return Number(row?.rows);
  };
  const oneOf = <T>(items: readonly T[]): T => items[random(items.length)] as T;

  const strike: Record<Kind, () => Promise<void>> = {
    "agent killed": async () => {
      const agent = oneOf(herd.agents);
      await agent.end();
      agent.start();
    },
    "agent stopped": async () => {
      const agent = oneOf(herd.agents);
      agent.signal("SIGSTOP");
      await pause(1_000 + random(2_000));
      agent.signal("SIGCONT");
    },
    "collector killed": async () => {
      const collector = oneOf(herd.collectors);
      await collector.end();
      collector.start();
    },
    "collector stopped": async () => {
      // Others take its partitions; then it goes on where it was, believing they are its own.
      const collector = oneOf(herd.collectors);
      collector.signal("SIGSTOP");
      await pause(sessionSeconds * 1_000 + 2_000 + random(3_000));
      collector.signal("SIGCONT");
    },
    "broker killed": async () => {
      const broker = random(brokers);
      await kafka.down(broker);
      await pause(random(3_000));
      await kafka.up(broker);
    },
    "broker stopped": async () => {
      const broker = random(brokers);
      kafka.signal(broker, "SIGSTOP");
      await pause(2_000 + random(10_000));
      kafka.signal(broker, "SIGCONT");
    },
    "rebalance storm": async () => {
      for (let turn = 0; turn < 4; turn++) {
        const collector = oneOf(herd.collectors);
        await collector.end(turn % 2 === 0 ? "SIGTERM" : "SIGKILL");
        await pause(random(1_000));
        collector.start();
        await pause(500 + random(1_500));
      }
    },
    "broker disk full": async () => {
      const filler = kafka.smallDiskFile("filler");
      if (filler === undefined) return;
      fillDisk(filler);
      const ends = until("the broker to end", () => !kafka.runs(2), { timeoutMs: 30_000 });
      // It ends by itself as soon as it has to write; one that leads nothing may not have to.
      await ends.then(
        () => starved++,
        () => undefined,
      );
      rmSync(filler);
      await kafka.down(2);
      await kafka.up(2);
    },
  };

  const notes = async (): Promise<number> => {
    const [row] = await ask<{ notes: string }>("SELECT count() AS notes FROM batches");
    return Number(row?.notes);
  };
  /** Kills collectors that have stored what they could not commit, as the brokers stood still: it comes again, for sure. */
  const dieBeforeCommit = async (append: () => void): Promise<void> => {
    const each = (metric: string): Promise<number[]> =>
      Promise.all(herd.collectors.map(async (_, index) => (await herd.metric(index, metric)) ?? 0));
    const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
    const inHand = async (): Promise<number> => sum(await each("vedette_kafka_in_flight_batches"));
    // One that still starts, or was just given partitions, takes nothing in hand without the store.
    await herd.until("a share for everyone", async () => {
      const shares = await each("vedette_kafka_partitions");
      return sum(shares) === partitions && shares.every((share) => share > 0);
    });
    await herd.until("nothing in hand", async () => (await inHand()) === 0);
    await gate.close();
    append();
    await herd.until("work in hand", async () => (await inHand()) > 0);
    const before = await notes();
    for (let broker = 0; broker < brokers; broker++) kafka.signal(broker, "SIGSTOP");
    await gate.open();
    await herd.until("what is in hand to be stored", async () => (await notes()) > before);
    await Promise.all(herd.collectors.map((collector) => collector.end()));
    for (let broker = 0; broker < brokers; broker++) kafka.signal(broker, "SIGCONT");
    for (const collector of herd.collectors) collector.start();
  };

  it(
    `stores each of ${total} events once, with its alert, whoever is killed or stopped`,
    async () => {
      await herd.start();
      const logs = herd.agents.map((agent) => new NumberedLog(join(agent.dir, "logs")));
      const guessing = herd.agents.map((agent) => new BruteForce(join(agent.dir, "logs"), attackers));
      const guesses = (): number => guessing.reduce((sum, guesser) => sum + guesser.written, 0);
      const written = (): number => logs.reduce((sum, log) => sum + log.written, 0);
      const append = (part: number): void => {
        for (const log of logs) log.append(Math.min(Math.ceil(perAgent * part), perAgent - log.written));
        for (const guesser of guessing) guesser.append(written() / (agents * perAgent));
      };
      const allStored = (): Promise<boolean> =>
        herd.until("all events", async () => (await stored()) >= written() + guesses(), 600_000 + total / 4);
      const struck: Partial<Record<Kind, number>> = {};
      let due: Kind[] = [];
      let refusal: Promise<void> | undefined;
      const rounds = 2 * kinds.length;
      // A part is left for the end.
      const part = 1 / (2 * rounds + 1);
      for (let round = 0; round < rounds; round++) {
        append(part);
        if (due.length === 0) due = [...kinds];
        const [kind = "agent killed"] = due.splice(random(due.length), 1);
        struck[kind] = (struck[kind] ?? 0) + 1;
        if (round === Math.floor(rounds / 3)) {
          refusal = gate
            .close()
            .then(() => pause(refusesMs))
            .then(() => gate.open());
        }
        await pause(200 + random(800));
        const striking = strike[kind]();
        append(part);
        await striking;
        await pause(random(2_000));
      }
      await refusal;
      await allStored();
      await dieBeforeCommit(() => {
        for (const log of logs) log.append(perAgent - log.written);
      });
      await allStored();
      // What came too late to be counted in order is made up for, now that nothing is in the way.
      for (const guesser of guessing) guesser.again(2);
      await allStored();
      const alerting = "alerts FINAL WHERE name = 'SSH brute force'";
      await herd.until("all alerts", async () => {
        const [row] = await ask<{ n: string }>(`SELECT count() AS n FROM ${alerting}`);
        return Number(row?.n) >= attackers;
      });
      // Whatever would come twice gets the time to come.
      await pause(sessionSeconds * 1_000);
      await herd.stop();

      const [counts] = await ask<Record<string, string>>(
        `SELECT (SELECT count() FROM batches) AS notes, (SELECT uniqExact(batchId) FROM batches) AS batches,
         (SELECT count() FROM dead_letters) AS deadLetters, (SELECT count() FROM alerts) AS alertRows`,
      );
      console.log(JSON.stringify({ total: agents * perAgent, struck, starved, counts }));
      const byAgent = await ask<Record<string, string>>(
        `SELECT agentId, toUInt32(count()) AS rows, toUInt32(uniqExact(n)) AS numbers, toUInt32(uniqExact(id)) AS ids,
         toUInt32(min(n)) AS least, toUInt32(max(n)) AS most, toString(sum(toUInt64(CRC32(raw)))) AS checksum
       FROM (SELECT agentId, id, raw, toUInt64OrZero(extract(raw, '^line=(\\\\d+) ')) AS n FROM events
         WHERE dataType = 'numbered')
       GROUP BY agentId ORDER BY agentId`,
      );
      const expected = herd.agents.map(({ name }) => ({
        agentId: name,
        ...{ rows: perAgent, numbers: perAgent, ids: perAgent, least: 0, most: perAgent - 1 },
        checksum: String(checksumOf(perAgent)),
      }));
      expect(byAgent).toEqual(expected);
      expect(Number(counts?.["deadLetters"])).toBe(0);
      expect(Number(counts?.["notes"]), "re-deliveries must have happened").toBeGreaterThan(
        Number(counts?.["batches"]),
      );
      const alerts = await ask<{ agentId: string; n: number }>(
        `SELECT agentId, toUInt32OrZero(extract(raw, '^line=(\\\\d+) ')) AS n
       FROM alerts FINAL ARRAY JOIN eventIds AS id INNER JOIN events USING (id)
         WHERE name = 'A round number' ORDER BY agentId, n`,
      );
      const round = Array.from({ length: Math.ceil(perAgent / 1_000) }, (_, index) => index * 1_000);
      expect(alerts).toEqual(
        herd.agents.flatMap(({ name }) => round.slice(1).map((n) => ({ agentId: name, n }))),
      );
      const [heard] = await ask<{ rows: number; ids: number }>(
        "SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(id)) AS ids FROM events WHERE dataType = 'sshd'",
      );
      expect(heard).toEqual({ rows: guesses(), ids: guesses() });
      const found = await ask<{ ip: string }>(
        `SELECT JSONExtractString(document, 'adversary', 'ip') AS ip FROM ${alerting} ORDER BY ip`,
      );
      expect(found.map(({ ip }) => ip)).toEqual(guessing[0]?.addresses);
      expect(Object.keys(struck).sort()).toEqual([...kinds].sort());
    },
    900_000 + total / 2,
  );
});
