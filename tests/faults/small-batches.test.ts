import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@clickhouse/client";
import { startEngine } from "@vedette/collector/engine";
import { Fleet, freePort, NumberedLog, until } from "@vedette/testkit";
import { afterAll, expect, it } from "vitest";

const linesBeforeKill = 3_000;
const rowsOfBatch = 20;
/** As many batches as a collector lets one agent have unacknowledged. */
const windowOfBatches = 16;
const dir = mkdtempSync(join(tmpdir(), "vedette-small-batches-"));
let fleet: Fleet | undefined;
afterAll(() => {
  fleet?.destroy();
  rmSync(dir, { recursive: true, force: true });
});

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
  const series = text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

it("stores small batches together, and each exactly once whenever the collector or the engine dies", async () => {
  const agentUrl = `127.0.0.1:${await freePort()}`;
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "numbered", include: [join(dir, "logs", "app.log")] }],
    agent: { batch: { rows: rowsOfBatch, seconds: 2 }, http: { listen: agentUrl } },
  });
  const alive = fleet;
  const log = new NumberedLog(join(dir, "logs"));
  alive.start("collector");
  await alive.ready();
  alive.start("agent");
  const stored = () => metric(alive.url, "vedette_ingest_events_total").catch(() => 0);
  const sent = () => metric(`http://${agentUrl}`, "vedette_agent_batches_sent_total").catch(() => 0);
  const engine = () => until("the engine to run", () => alive.enginePid());

  // While the store does not answer, all that one agent may send waits. Four inserts may be under way by then; the rest shares one.
  log.append(rowsOfBatch);
  await until("the agent to be connected", async () => (await stored()) === rowsOfBatch);
  const inserts = await metric(alive.url, "vedette_ingest_inserts_total");
  process.kill(await engine(), "SIGSTOP");
  log.append(windowOfBatches * rowsOfBatch);
  await until("batches that wait", async () => (await sent()) > windowOfBatches);
  process.kill(await engine(), "SIGCONT");
  await until("them to be stored", async () => (await stored()) === log.written);
  expect((await metric(alive.url, "vedette_ingest_inserts_total")) - inserts).toBeLessThanOrEqual(5);

  for (const victim of ["collector", "engine", "collector", "engine", "collector"] as const) {
    const before = await stored();
    log.append(linesBeforeKill);
    await until("some batches", async () => (await stored()) > before, { everyMs: 5 });
    if (victim === "collector") {
      await alive.kill("collector");
      alive.start("collector");
      await alive.ready();
    } else process.kill(await engine(), "SIGKILL");
  }
  await until("all batches to be stored", async () => (await eventsOf(alive).catch(() => 0)) >= log.written, {
    timeoutMs: 180_000,
    everyMs: 500,
  });
  await alive.stop();

  const last = await startEngine({ stateDir: join(dir, "collector") });
  const client = createClient({
    url: last.url,
    username: last.user,
    password: last.password,
    database: last.database,
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
    await last.stop();
  }
});

async function eventsOf(of: Fleet): Promise<number> {
  const page = await of.get<{ items: { count: number | string }[] }>("/api/v1/events/histogram?from=-1h");
  return page.items.reduce((sum, { count }) => sum + Number(count), 0);
}
