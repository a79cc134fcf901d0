import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Outcome } from "@vedette/proto";
import { systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { agentConfig, collectorTarget } from "./config/index.ts";
import { type ReplayReport, replaySpool } from "./replay.ts";
import { startAgent } from "./run.ts";
import { startTestCollector } from "./testing/collector.ts";
import { until } from "./testing/until.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-replay-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Leaves a spool behind, as a host without a collector does that is then gone. */
async function abandonedSpool(lines: number): Promise<string> {
  writeFileSync(join(dir, "a.log"), Array.from({ length: lines }, (_, n) => `line ${n}\n`).join(""));
  const agent = await startAgent(
    agentConfig.parse({
      stateDir: "state",
      collector: { address: "127.0.0.1:1" },
      batch: { rows: 100, seconds: 0.05 },
      inputs: [{ type: "file", dataType: "generic", include: ["*.log"], pollSeconds: 0.02 }],
    }),
    { log: recordingLogger(), clock: systemClock, signal: new AbortController().signal, baseDir: dir },
  );
  await until("all lines are on disk", () => agent.stats().events === lines);
  await agent.stop();
  return join(dir, "state", "spool");
}

function replay(spool: string, address: string, all = false, patienceMs = 60_000): Promise<ReplayReport> {
  return replaySpool(
    { dir: spool, collector: collectorTarget.parse({ address }), all, patienceMs },
    {
      log: recordingLogger(),
      clock: systemClock,
      signal: new AbortController().signal,
      version: "test",
      progress: () => undefined,
    },
  );
}

it("ships every batch of an abandoned spool once, changes nothing in it, and can be repeated", async () => {
  const spool = await abandonedSpool(1_000);
  const before = readdirSync(spool).map((name) => [name, readFileSync(join(spool, name)).length]);
  const raws = new Set<string>();
  const known = new Set<string>();
  const collector = await startTestCollector(({ batch, ack }) => {
    for (let row = 0; row < batch.rows; row++) raws.add(batch.event(row).raw ?? "");
    const first = known.size < known.add(batch.header.batchId).size;
    ack(first ? Outcome.STORED : Outcome.DUPLICATE);
  });
  const report = await replay(spool, collector.address);
  expect(report).toMatchObject({ rows: 1_000, stored: report.batches, duplicates: 0, deadLettered: 0 });
  expect(raws.size).toBe(1_000);
  expect(await replay(spool, collector.address)).toMatchObject({ stored: 0, duplicates: report.batches });
  expect(readdirSync(spool).map((name) => [name, readFileSync(join(spool, name)).length])).toEqual(before);
  await collector.stop();
});

it("goes on after a lost connection, and reads a folder of set-aside segments that has no checkpoints", async () => {
  const spool = await abandonedSpool(1_000);
  const aside = join(dir, "damaged");
  cpSync(spool, aside, { recursive: true, filter: (from) => !/\.(json|lock)$/.test(from) });
  const stored = new Set<string>();
  const collector = await startTestCollector((delivery) => {
    if (delivery.index === 2) delivery.cut();
    else {
      stored.add(delivery.batch.header.batchId);
      delivery.ack();
    }
  });
  const report = await replay(aside, collector.address);
  expect(stored.size).toBe(report.batches);
  expect(collector.connections).toBeGreaterThan(1);
  await collector.stop();
});

it("gives up in words when no collector answers", async () => {
  const spool = await abandonedSpool(10);
  await expect(replay(spool, "127.0.0.1:1", false, 500)).rejects.toThrow(
    /batches were not taken: the collector 127\.0\.0\.1:1 did not answer for 0\.5 s/,
  );
});
