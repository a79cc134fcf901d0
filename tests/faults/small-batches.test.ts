import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@clickhouse/client";
import { startEngine } from "@vedette/collector/engine";
import { Fleet, NumberedLog, until } from "@vedette/testkit";
import { afterAll, expect, it } from "vitest";

const linesBeforeKill = 3_000;
const dir = mkdtempSync(join(tmpdir(), "vedette-small-batches-"));
let fleet: Fleet | undefined;
afterAll(() => {
  fleet?.destroy();
  rmSync(dir, { recursive: true, force: true });
});

async function metric(of: Fleet, name: string): Promise<number> {
  const text = await (await fetch(`${of.url}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
  const series = text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

it("stores small batches together, and each exactly once whenever the collector or the engine dies", async () => {
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "numbered", include: [join(dir, "logs", "app.log")] }],
    agent: { batch: { rows: 20, seconds: 0.2 } },
  });
  const alive = fleet;
  const log = new NumberedLog(join(dir, "logs"));
  alive.start("collector");
  await alive.ready();
  alive.start("agent");
  const stored = () => metric(alive, "vedette_ingest_events_total").catch(() => 0);
  let grouped = 0;
  /** Batches an insert, in the life of this collector. */
  const groupedNow = async (): Promise<void> => {
    const inserts = await metric(alive, "vedette_ingest_inserts_total");
    grouped = Math.max(grouped, (await stored()) / 20 / inserts);
  };
  for (const victim of ["collector", "engine", "collector", "engine", "collector"] as const) {
    const before = await stored();
    log.append(linesBeforeKill);
    await until("some batches", async () => (await stored()) > before, { everyMs: 5 });
    await groupedNow();
    if (victim === "collector") {
      await alive.kill("collector");
      alive.start("collector");
      await alive.ready();
    } else process.kill(await until("the engine to run", () => alive.enginePid()), "SIGKILL");
  }
  await until("all batches to be stored", async () => (await eventsOf(alive).catch(() => 0)) >= log.written, {
    timeoutMs: 180_000,
    everyMs: 500,
  });
  await groupedNow();
  await alive.stop();
  expect(grouped).toBeGreaterThan(3);

  const engine = await startEngine({ stateDir: join(dir, "collector") });
  const client = createClient({
    url: engine.url,
    username: engine.user,
    password: engine.password,
    database: engine.database,
  });
  try {
    const rows = await client.query({
      query: "SELECT count() AS rows, uniqExact(id) AS ids FROM events",
      format: "JSONEachRow",
    });
    const [counts] = await rows.json<Record<string, string>>();
    expect({ rows: Number(counts?.rows), ids: Number(counts?.ids) }).toEqual({
      rows: log.written,
      ids: log.written,
    });
  } finally {
    await client.close();
    await engine.stop();
  }
}, 300_000);

async function eventsOf(of: Fleet): Promise<number> {
  const page = await of.get<{ items: { count: number | string }[] }>("/api/v1/events/histogram?from=-1h");
  return page.items.reduce((sum, { count }) => sum + Number(count), 0);
}
