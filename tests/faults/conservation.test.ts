import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@clickhouse/client";
import { startEngine } from "@vedette/collector/engine";
import {
  BruteForce,
  checksumOf,
  Fleet,
  fillDisk,
  freePort,
  NumberedLog,
  pause,
  rotationKinds,
  seeded,
  smallDisk,
  until,
} from "@vedette/testkit";
import { afterAll, describe, expect, it } from "vitest";

const lines = Number(process.env.VEDETTE_CONSERVATION_LINES ?? 200_000);
const minKills = 12;
const victims = ["agent", "collector", "engine"] as const;
/** Every kind of rotation comes at least once before any comes again. */
const minRotations = 2 * rotationKinds.length;
/** How long the collector is away in the middle: a minute in the full run of 1,000,000 lines. */
const outageMs = lines >= 1_000_000 ? 60_000 : 10_000;
/** Addresses that guess passwords, one after the other over the whole run. Each must give one alert, not none and not two. */
const attackers = 8;

const dir = mkdtempSync(join(tmpdir(), "vedette-conservation-"));
let fleet: Fleet;
let unmount: (() => void) | undefined;
afterAll(() => {
  fleet?.destroy();
  unmount?.();
  if (process.env.VEDETTE_KEEP) console.log(dir);
  else rmSync(dir, { recursive: true, force: true });
});

/** The truth about stored events, alerts and deliveries, asked of the engine itself after everything has ended. */
interface Truth {
  readonly counts: Record<
    | "rows"
    | "numbers"
    | "ids"
    | "least"
    | "most"
    | "checksum"
    | "deliveries"
    | "repeats"
    | "deadLetters"
    | "guesses"
    | "guessIds",
    number
  >;
  /** The address of each alert, as often as it has one. */
  readonly alerts: readonly string[];
  /**
   * Of numbers that came more than once, a row for each way in which they did: the files they came from, by the beginning of their
   * ids, and when they were read and stored.
   */
  readonly twice: readonly object[];
}

async function askEngine(stateDir: string): Promise<Truth> {
  const engine = await startEngine({ stateDir });
  const client = createClient({
    url: engine.url,
    username: engine.user,
    password: engine.password,
    database: engine.database,
  });
  const ask = async <Row>(query: string): Promise<Row[]> =>
    (await client.query({ query, format: "JSONEachRow" })).json<Row>();
  try {
    const [counts] = await ask<Record<string, string | number>>(
      `SELECT count() AS rows, uniqExact(n) AS numbers, uniqExact(id) AS ids, min(n) AS least, max(n) AS most,
         sum(toUInt64(CRC32(raw))) AS checksum,
         (SELECT count() FROM batches) AS deliveries,
         (SELECT count() FROM batches WHERE deliveries > 1) AS repeats,
         (SELECT count() FROM dead_letters) AS deadLetters,
         (SELECT count() FROM events WHERE dataType = 'sshd') AS guesses,
         (SELECT uniqExact(id) FROM events WHERE dataType = 'sshd') AS guessIds
       FROM (SELECT id, raw, toUInt64OrZero(extract(raw, '^line=(\\\\d+) ')) AS n FROM events WHERE dataType = 'numbered')`,
    );
    if (!counts) throw new Error("The engine gave no row.");
    const alerts = await ask<{ ip: string }>(
      "SELECT toString(adversary.ip) AS ip FROM alerts FINAL ORDER BY ip",
    );
    const twice = await ask<object>(
      `SELECT min(n) AS least, max(n) AS most, count() AS numbers, prefixes, read, ingested
       FROM (SELECT toUInt64OrZero(extract(raw, '^line=(\\\\d+) ')) AS n, arraySort(groupArray(left(id, 20))) AS prefixes,
          arraySort(groupArray(timestamp)) AS read, arraySort(groupArray(ingestedAt)) AS ingested
         FROM events WHERE dataType = 'numbered' GROUP BY n HAVING count() > 1)
       GROUP BY prefixes, read, ingested ORDER BY least LIMIT 20`,
    );
    return {
      twice,
      counts: Object.fromEntries(
        Object.entries(counts).map(([name, value]) => [name, Number(value)]),
      ) as Truth["counts"],
      alerts: alerts.map(({ ip }) => ip),
    };
  } finally {
    await client.close();
    await engine.stop();
  }
}

describe("conservation", () => {
  it(`stores each of ${lines} lines exactly once and raises each alert once, across rotations of every kind, a full disk, an outage, stalls and SIGKILLs of agent, collector and engine`, async () => {
    const random = seeded(Number(process.env.VEDETTE_SEED ?? 20_261_122));
    const agentPort = await freePort();
    unmount = smallDisk(join(dir, "agent"), 96);
    if (!unmount)
      console.warn("This machine does not let us mount a small disk: a full one is not part of the run.");
    fleet = await Fleet.create(dir, {
      inputs: [
        { type: "file", dataType: "numbered", include: [join(dir, "logs", "app.log*")] },
        { type: "file", dataType: "sshd", include: [join(dir, "logs", "auth.log")] },
      ],
      agent: { batch: { rows: 1_000, seconds: 0.2 }, http: { listen: `127.0.0.1:${agentPort}` } },
    });
    const log = new NumberedLog(join(dir, "logs"));
    const guessing = new BruteForce(join(dir, "logs"), attackers);
    fleet.start("collector");
    fleet.start("agent");
    await fleet.ready();

    const kills: Record<(typeof victims)[number], number> = { agent: 0, collector: 0, engine: 0 };
    const total = () => kills.agent + kills.collector + kills.engine;
    /** Engines that were stopped for some seconds, as a machine short of everything stops them. */
    const stalls: Promise<void>[] = [];
    /** Batches that agents sent more than once, summed over their lives as far as they could be asked. */
    let resent = 0;
    /** Stalls after which an agent was seen to send again. */
    let sentAgain = 0;
    const asked = (name: "sent" | "resent"): Promise<number> => counterOf(agentPort, name);
    const strikeAmidWork = async (victim: (typeof victims)[number]): Promise<void> => {
      // Lines that are read, sealed, shipped and inserted just now: whoever dies leaves something unfinished.
      log.append(Math.min(6_000, Math.ceil(lines / 40), lines - log.written));
      guessing.append(log.written / lines);
      await pause(150 + random(200));
      if (victim === "agent") resent += await asked("resent");
      await strike(fleet, victim);
      kills[victim]++;
    };
    /** Kills a collector that cannot acknowledge what it has: its agent must send it again, and the next finds the data in use. */
    const strikeAmidStall = async (): Promise<void> => {
      await fleet.ready();
      guessing.append(log.written / lines);
      await until("the agent to be connected", async () => (await asked("sent")) > 0);
      // With nothing else on the way, what is sent now is what the collector cannot acknowledge.
      await allStored(log.written + guessing.written);
      const goOn = await stall(fleet);
      const sent = await until("the agent to answer", async () => (await asked("sent")) || undefined);
      log.append(Math.min(1_000, lines - log.written));
      guessing.append(log.written / lines);
      await until("the agent to send", async () => (await asked("sent")) > sent);
      const before = await asked("resent");
      await strike(fleet, "collector");
      kills.collector++;
      stalls.push(pause(500 + random(3_000)).then(goOn));
      await until("the agent to send again", async () => (await asked("resent")) > before);
      sentAgain++;
    };
    let due: (typeof rotationKinds)[number][] = [];
    const rotate = async (): Promise<void> => {
      // By chance, but each kind as often as the others.
      if (due.length === 0) due = [...rotationKinds];
      const [kind = "rename"] = due.splice(random(due.length), 1);
      // What is deleted before anyone read it is gone: only what is stored may be deleted.
      if (kind === "remove") await allStored(log.written + guessing.written);
      log.rotate(kind);
    };
    const allStored = async (count: number): Promise<void> => {
      await fleet.ready();
      await until("all lines to arrive", async () => (await countOf(fleet)) >= count, {
        timeoutMs: 240_000,
        everyMs: 500,
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${fleet.log()}`, { cause: error });
      });
    };
    /** Takes the collector away while lines are written and files rotated, and kills the agent in between. */
    const outage = async (): Promise<void> => {
      await fleet.kill("collector");
      kills.collector++;
      for (let passed = 0; passed < outageMs; passed += outageMs / 5) {
        log.append(Math.min(Math.ceil(lines / 100), lines - log.written));
        await rotateUnread();
        await pause(outageMs / 10);
        if (passed === 0) {
          await fleet.kill("agent");
          kills.agent++;
        }
        await pause(outageMs / 10);
        if (passed === 0) fleet.start("agent");
      }
      fleet.start("collector");
    };
    /** Rotates in a way that loses nothing unread. */
    const rotateUnread = async (): Promise<void> => {
      const kinds = rotationKinds.filter((kind) => kind !== "remove");
      log.rotate(kinds[random(kinds.length)]!);
    };
    /** Fills the disk of the agent's state while lines are written and files rotated. */
    const fullDisk = async (): Promise<void> => {
      const filler = join(dir, "agent", "filler");
      fillDisk(filler);
      for (let i = 0; i < 3; i++) {
        log.append(Math.min(Math.ceil(lines / 100), lines - log.written));
        await pause(500);
        await rotateUnread();
      }
      const said = (): string => fleet.process("agent")?.stderr() ?? "";
      await until("the agent to say that it waits", () => {
        if (/cannot be (written|used)/.test(said())) return true;
        // What was delivered meanwhile left room: it must not be enough, and there must be something to write.
        fillDisk(filler);
        log.append(Math.min(100, lines - log.written));
        return false;
      });
      rmSync(filler);
      // One that was just getting up ends, and is started again by whoever keeps it running.
      if (/cannot be used/.test(said())) {
        await fleet.process("agent")?.exited;
        fleet.start("agent");
      }
    };
    const perKill = Math.ceil(lines / (minKills + 3));
    let wasAway = false;
    let wasFull = false;
    const perRotation = Math.ceil(lines / (minRotations + 2));

    while (log.written < lines) {
      log.append(Math.min(500 + random(3_500), lines - log.written));
      guessing.append(log.written / lines);
      await pause(20 + random(120));
      if (random(6) === 0 || log.rotated < Math.floor(log.written / perRotation)) await rotate();
      if (!wasAway && log.written > lines / 3) {
        wasAway = true;
        await outage();
      }
      if (unmount && !wasFull && log.written > (lines * 2) / 3) {
        wasFull = true;
        await fullDisk();
      }
      if (total() < Math.floor(log.written / perKill)) {
        // Some are struck while they still get up from the last time.
        if (random(3) > 0) await fleet.ready();
        if (total() % 5 === 2) await strikeAmidStall();
        else await strikeAmidWork(victims[(total() + random(2)) % victims.length]!);
        await pause(300 + random(1_200));
      }
    }
    guessing.finish();
    while (total() < minKills) {
      const victim = victims[total() % victims.length]!;
      await strike(fleet, victim);
      kills[victim]++;
      await pause(500 + random(1_000));
    }

    await Promise.all(stalls);
    await allStored(lines + guessing.written);
    // Whatever would come twice gets the time to come.
    await pause(3_000);
    resent += await asked("resent");
    await fleet.stop();

    const { counts, alerts, twice } = await askEngine(join(dir, "collector"));
    const { rotations } = log;
    console.log(
      JSON.stringify({
        lines,
        kills,
        rotations,
        outageMs,
        wasFull,
        stalls: stalls.length,
        resent,
        sentAgain,
        counts,
        alerts,
        twice,
      }),
    );
    expect(counts).toMatchObject({
      rows: lines,
      numbers: lines,
      ids: lines,
      least: 0,
      most: lines - 1,
      checksum: Number(checksumOf(lines)),
      deadLetters: 0,
      guesses: guessing.written,
      guessIds: guessing.written,
    });
    expect(alerts).toEqual(guessing.addresses);
    expect(total()).toBeGreaterThanOrEqual(minKills);
    expect(Math.min(...Object.values(kills))).toBeGreaterThan(0);
    expect(Math.min(...Object.values(rotations))).toBeGreaterThan(0);
    expect(sentAgain, "re-deliveries must have happened").toBeGreaterThan(0);
  });
});

async function strike(fleet: Fleet, victim: (typeof victims)[number]): Promise<void> {
  if (victim === "engine") {
    const pid = await until("the engine to run", () => fleet.enginePid());
    process.kill(pid, "SIGKILL");
    return;
  }
  await fleet.kill(victim);
  fleet.start(victim);
}

/** Stops the engine and gives what lets it go on. Its process may have been killed by then. */
async function stall(fleet: Fleet): Promise<() => void> {
  const pid = await until("the engine to run", () => fleet.enginePid());
  process.kill(pid, "SIGSTOP");
  return () => {
    try {
      process.kill(pid, "SIGCONT");
    } catch {
      // Killed meanwhile.
    }
  };
}

/** A counter of the running agent; 0 where it does not answer. */
async function counterOf(port: number, name: string): Promise<number> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(20_000) })
    .then((response) => response.text())
    .catch(() => "");
  return Number(new RegExp(`^vedette_agent_batches_${name}_total (\\d+)$`, "m").exec(text)?.[1] ?? 0);
}

async function countOf(fleet: Fleet): Promise<number> {
  const page = await fleet.get<{ items: { count: number | string }[] }>("/api/v1/events/histogram?from=-1h");
  return page.items.reduce((sum, bucket) => sum + Number(bucket.count), 0);
}
