import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@clickhouse/client";
import { startEngine } from "@vedette/collector/engine";
import { checksumOf, Fleet, freePort, NumberedLog, pause, seeded, until } from "@vedette/testkit";
import { afterAll, describe, expect, it } from "vitest";

const lines = Number(process.env.VEDETTE_CONSERVATION_LINES ?? 200_000);
const minKills = 12;
const victims = ["agent", "collector", "engine"] as const;
const rotationsKept = 200;

const dir = mkdtempSync(join(tmpdir(), "vedette-conservation-"));
afterAll(() => {
  if (process.env.VEDETTE_KEEP) console.log(dir);
  else rmSync(dir, { recursive: true, force: true });
});

/** One row of truth about the stored events and deliveries, asked of the engine itself after everything has ended. */
type Truth = Record<
  "rows" | "numbers" | "ids" | "least" | "most" | "checksum" | "deliveries" | "repeats" | "deadLetters",
  number
>;

async function askEngine(stateDir: string): Promise<Truth> {
  const engine = await startEngine({ stateDir });
  const client = createClient({
    url: engine.url,
    username: engine.user,
    password: engine.password,
    database: engine.database,
  });
  try {
    const result = await client.query({
      query: `SELECT count() AS rows, uniqExact(n) AS numbers, uniqExact(id) AS ids, min(n) AS least, max(n) AS most,
                sum(toUInt64(CRC32(raw))) AS checksum,
                (SELECT count() FROM batches) AS deliveries,
                (SELECT count() FROM batches WHERE deliveries > 1) AS repeats,
                (SELECT count() FROM dead_letters) AS deadLetters
              FROM (SELECT id, raw, toUInt64OrZero(extract(raw, '^line=(\\\\d+) ')) AS n FROM events WHERE dataType = 'numbered')`,
      format: "JSONEachRow",
    });
    const [truth] = await result.json<Record<string, string | number>>();
    if (!truth) throw new Error("The engine gave no row.");
    return Object.fromEntries(Object.entries(truth).map(([name, value]) => [name, Number(value)])) as Truth;
  } finally {
    await client.close();
    await engine.stop();
  }
}

describe("conservation", () => {
  it(`stores each of ${lines} lines exactly once across rotations and SIGKILLs of agent, collector and engine`, async () => {
    const random = seeded(Number(process.env.VEDETTE_SEED ?? 20_261_122));
    const agentPort = await freePort();
    const fleet = await Fleet.create(dir, {
      inputs: [{ type: "file", dataType: "numbered", include: [join(dir, "logs", "app.log*")] }],
      agent: { batch: { rows: 1_000, seconds: 0.2 }, http: { listen: `127.0.0.1:${agentPort}` } },
    });
    const log = new NumberedLog(join(dir, "logs"));
    fleet.start("collector");
    fleet.start("agent");
    await fleet.ready();

    const kills: Record<(typeof victims)[number], number> = { agent: 0, collector: 0, engine: 0 };
    const total = () => kills.agent + kills.collector + kills.engine;
    const rotations = { rename: 0, copy: 0 };
    /** Batches that agents sent more than once, summed over their lives as far as they could be asked. */
    let resent = 0;
    const strikeAmidWork = async (fleet: Fleet, victim: (typeof victims)[number]): Promise<void> => {
      // Lines that are read, sealed, shipped and inserted just now: whoever dies leaves something unfinished.
      log.append(Math.min(6_000, lines - log.written));
      await pause(150 + random(200));
      if (victim === "agent") resent += await resentBy(agentPort);
      await strike(fleet, victim);
    };
    let killsDue = 0;
    const perKill = Math.ceil(lines / (minKills + 3));

    while (log.written < lines) {
      log.append(Math.min(500 + random(3_500), lines - log.written));
      await pause(20 + random(120));
      if (random(6) === 0) {
        const kind = random(2) === 0 ? "rename" : "copy";
        if (kind === "rename") log.rotateByRename(rotationsKept);
        else log.rotateByCopy(rotationsKept);
        rotations[kind]++;
      }
      killsDue = Math.floor(log.written / perKill);
      if (total() < killsDue) {
        const victim = victims[(total() + random(2)) % victims.length]!;
        await strikeAmidWork(fleet, victim);
        kills[victim]++;
        await pause(300 + random(1_200));
      }
    }
    while (total() < minKills) {
      const victim = victims[total() % victims.length]!;
      await strike(fleet, victim);
      kills[victim]++;
      await pause(500 + random(1_000));
    }

    await fleet.ready();
    await until("all lines to arrive", async () => (await countOf(fleet)) >= lines, {
      timeoutMs: 240_000,
      everyMs: 500,
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${fleet.log()}`, { cause: error });
    });
    // Whatever would come twice gets the time to come.
    await pause(3_000);
    resent += await resentBy(agentPort);
    await fleet.stop();

    const truth = await askEngine(join(dir, "collector"));
    console.log(JSON.stringify({ lines, kills, rotations, resent, truth }));
    expect(truth).toMatchObject({
      rows: lines,
      numbers: lines,
      ids: lines,
      least: 0,
      most: lines - 1,
      checksum: Number(checksumOf(lines)),
      deadLetters: 0,
    });
    expect(total()).toBeGreaterThanOrEqual(minKills);
    expect(Math.min(...Object.values(kills))).toBeGreaterThan(0);
    expect(Math.min(...Object.values(rotations))).toBeGreaterThan(0);
    expect(resent + truth.repeats, "re-deliveries must have happened").toBeGreaterThan(0);
  });
});

async function strike(fleet: Fleet, victim: (typeof victims)[number]): Promise<void> {
  if (victim === "engine") {
    const pid = await until("the engine to run", () => fleet.enginePid(), { timeoutMs: 30_000 });
    process.kill(pid, "SIGKILL");
    return;
  }
  await fleet.kill(victim);
  fleet.start(victim);
}

/** Batches that the running agent sent again; 0 where it does not answer. */
async function resentBy(port: number): Promise<number> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(2_000) })
    .then((response) => response.text())
    .catch(() => "");
  return Number(/^vedette_agent_batches_resent_total (\d+)$/m.exec(text)?.[1] ?? 0);
}

async function countOf(fleet: Fleet): Promise<number> {
  const page = await fleet.get<{ items: { count: number | string }[] }>(
    "/api/v1/events/histogram?from=-1h&filter=dataType:numbered",
  );
  return page.items.reduce((sum, bucket) => sum + Number(bucket.count), 0);
}
