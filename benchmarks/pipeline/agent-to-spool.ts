/**
 * What an agent alone costs a line: a file of nginx lines → read → parse → batch → seal → spool with fdatasync, nothing
 * shipped, as a process of its own. Start-up is counted apart.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/agent-to-spool.ts [lines] [data type ...]
 * A data type without a pipeline, such as `plain`, keeps lines raw.
 */
import { appendFileSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, freePort, pause, seeded, until, usageOf } from "@vedette/testkit";
import { accessLog } from "./access-log.ts";

const [, , count = "1000000", ...named] = process.argv;
const lines = Number(count);
const dataTypes = named.length > 0 ? named : ["plain", "nginx"];

for (const dataType of dataTypes) {
  const dir = mkdtempSync(join(tmpdir(), "vedette-bench-"));
  try {
    console.log(JSON.stringify({ dataType, lines, ...(await measured(dir, dataType)) }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measured(dir: string, dataType: string) {
  const port = await freePort();
  const fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType, include: [join(dir, "logs", "access.log")] }],
    agent: { log: "error", http: { listen: `127.0.0.1:${port}` } },
  });
  const waiting = join(dir, "logs", "waiting");
  const random = seeded(1);
  writeFileSync(waiting, "");
  for (let done = 0; done < lines; done += 10_000)
    appendFileSync(waiting, accessLog(Math.min(10_000, lines - done), random));
  const bytes = statSync(waiting).size;

  fleet.start("agent");
  const pid = fleet.process("agent")?.pid ?? 0;
  const events = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^vedette_agent_events_total\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  await until("the agent to be up", async () => (await events()) === 0);
  await pause(2_000);
  const before = usageOf(pid);
  const started = performance.now();
  renameSync(waiting, join(dir, "logs", "access.log"));
  await until("all lines to be in the spool", async () => (await events()) >= lines, {
    timeoutMs: 600_000,
    everyMs: 200,
  });
  const wallSeconds = (performance.now() - started) / 1_000;
  const after = usageOf(pid);
  fleet.destroy();
  return {
    bytesPerLine: Math.round(bytes / lines),
    microsecondsPerLine: Number((((after.cpuSeconds - before.cpuSeconds) / lines) * 1e6).toFixed(2)),
    startSeconds: Number(before.cpuSeconds.toFixed(2)),
    wallSeconds: Number(wallSeconds.toFixed(1)),
    idleMiB: Math.round(before.peakBytes / 2 ** 20),
    peakMiB: Math.round(after.peakBytes / 2 ** 20),
  };
}
