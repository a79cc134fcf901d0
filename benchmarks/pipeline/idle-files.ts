/**
 * What files cost that nobody writes to: an agent follows 10,000 of them in 20 folders, connected to a collector.
 * Prints CPU while all are idle and while one of them gets a line a second, memory, descriptors, watches and the time
 * until all have been read after a start; the same for one file as the floor. Writes benchmarks/results/idle-files-<date>.json.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/idle-files.ts [files] [--seconds 60]
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Fleet, freePort, pause, until, usageOf } from "@vedette/testkit";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "60" } },
});
const files = Number(positionals[0] ?? 10_000);
const seconds = Number(options.seconds);
const linesPerFile = 3;

const result = {
  benchmark: "idle-files",
  date: new Date().toISOString().slice(0, 10),
  hardware: { cpu: cpus()[0]?.model, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) },
  versions: {
    node: process.version,
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  },
  measuredSeconds: seconds,
  oneFile: await measure(1),
  manyFiles: await measure(files),
};
const folder = fileURLToPath(new URL("../results/", import.meta.url));
writeFileSync(join(folder, `idle-files-${result.date}.json`), `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result, null, 2));

async function measure(count: number) {
  const dir = mkdtempSync(join(tmpdir(), "vedette-idle-"));
  const status = await freePort();
  const fleet = await Fleet.create(dir, {
    inputs: [
      { type: "file", dataType: "generic", include: [join(dir, "logs", "**", "*.log")], maxFiles: 20_000 },
    ],
    agent: { log: "warn", http: { listen: `127.0.0.1:${status}` } },
    collector: { log: "warn" },
  });
  const path = (i: number): string => join(dir, "logs", `folder-${i % 20}`, `service-${i}.log`);
  try {
    for (let i = 0; i < 20; i++) mkdirSync(join(dir, "logs", `folder-${i}`));
    for (let i = 0; i < count; i++) {
      const line = `service ${i} says something that is long enough to tell it from every other one`;
      writeFileSync(path(i), `${line}\n`.repeat(linesPerFile));
    }
    fleet.start("collector");
    await fleet.ready();
    const begun = performance.now();
    fleet.start("agent");
    const pid = fleet.process("agent")?.pid ?? 0;
    const shipped = (lines: number): Promise<unknown> =>
      until("all lines to be acknowledged", async () => (await linesOf(status)) >= lines, {
        timeoutMs: 300_000,
        everyMs: 50,
      });
    await shipped(count * linesPerFile);
    const started = { wallSeconds: (performance.now() - begun) / 1_000, cpuSeconds: usageOf(pid).cpuSeconds };
    // Files are looked at less and less often; what is measured is where that ends.
    await pause(15_000);
    const idle = await percent(pid, () => pause(seconds * 1_000));
    const oneActive = await percent(pid, async () => {
      for (let i = 0; i < seconds; i++) {
        appendFileSync(path(0), `line ${i} of the only file that anyone writes to\n`);
        await pause(1_000);
      }
    });
    return {
      files: count,
      startSeconds: rounded(started.wallSeconds),
      startCpuSeconds: rounded(started.cpuSeconds),
      idleCpuPercent: idle,
      oneActiveCpuPercent: oneActive,
      rssMiB: rssOf(pid),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      watches: watchesOf(pid),
    };
  } finally {
    await fleet.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** CPU of a process in percent of one core while something goes on. */
async function percent(pid: number, during: () => Promise<void>): Promise<number> {
  const [cpu, at] = [usageOf(pid).cpuSeconds, performance.now()];
  await during();
  return rounded(((usageOf(pid).cpuSeconds - cpu) / ((performance.now() - at) / 1_000)) * 100);
}

async function linesOf(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^vedette_agent_lines_total\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

function rssOf(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kib) / 1_024);
}

function watchesOf(pid: number): number {
  let watches = 0;
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`))
    watches += readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8").split("inotify wd:").length - 1;
  return watches;
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
