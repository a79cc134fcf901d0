/**
 * The whole path: nginx lines in a file → agent → collector → embedded engine, three processes, delivery contract on.
 * Prints events per CPU second of each, and peak memory; writes benchmarks/results/whole-path-<date>.json.
 * `--rules 100` adds so many rules to the built-in ones, `--no-builtin` leaves those out; `--profile <folder>` keeps CPU profiles of agent and collector.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/whole-path.ts [lines] [--rules 100] [--profile <folder>]
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
import { bundledAgent, Fleet, pause, seeded, until, usageOf } from "@vedette/testkit";
import { builtAgent } from "../peers/ours.ts";
import { accessLog } from "./access-log.ts";
import { mapValues } from "./map-values.ts";
import { webRules } from "./web-rules.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "no-builtin": { type: "boolean", default: false },
    rules: { type: "string", default: "0" },
    profile: { type: "string" },
  },
});
const lines = Number(positionals[0] ?? 1_000_000);
const ruleCount = Number(options.rules);
/** The agent as hosts run it. */
const bundle = await builtAgent();
const dir = mkdtempSync(join(tmpdir(), "vedette-bench-"));

try {
  const rules = join(dir, "rules.yaml");
  writeFileSync(rules, webRules(ruleCount));
  const fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "nginx", include: [join(dir, "logs", "access.log")] }],
    agent: { log: "warn" },
    collector: {
      log: "warn",
      builtinRules: !options["no-builtin"],
      ...(ruleCount > 0 ? { rules: [rules] } : {}),
    },
  });
  const file = join(dir, "logs", "access.log");
  writeFileSync(file, "");
  const random = seeded(1);
  let bytes = 0;
  for (let done = 0; done < lines; done += 10_000) {
    const chunk = accessLog(Math.min(10_000, lines - done), random);
    bytes += chunk.length;
    appendFileSync(file, chunk);
  }

  // Taken over by the two processes, not by the engine.
  if (options.profile) process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${options.profile}`;
  fleet.start("collector");
  await fleet.ready();
  await pause(2_000);
  const collector = fleet.process("collector")?.pid ?? 0;
  const engine = fleet.enginePid() ?? 0;
  const before = { collector: usageOf(collector).cpuSeconds, engine: usageOf(engine).cpuSeconds };
  const started = performance.now();
  fleet.start("agent", (args, how) => bundledAgent(bundle, args, how));
  delete process.env.NODE_OPTIONS;
  const agent = fleet.process("agent")?.pid ?? 0;
  await until("all events to be stored", async () => (await stored(fleet)) >= lines, {
    timeoutMs: 900_000,
    everyMs: 1_000,
  });
  const seconds = (performance.now() - started) / 1_000;
  const spent = { agent: usageOf(agent), collector: usageOf(collector), engine: usageOf(engine) };
  const threads = { agent: threadsOf(agent), collector: threadsOf(collector) };
  const cpu = {
    agent: spent.agent.cpuSeconds,
    collector: spent.collector.cpuSeconds - before.collector,
    engine: spent.engine.cpuSeconds - before.engine,
  };
  await fleet.stop();

  const perCpuSecond = (value: number): number => Math.round(lines / value);
  const result = {
    benchmark: "whole-path",
    date: new Date().toISOString().slice(0, 10),
    hardware: { cpu: cpus()[0]?.model, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) },
    versions: { node: process.version, chdb: chdbVersion(), commit: commit() },
    input: {
      lines,
      bytesPerLine: Math.round(bytes / lines),
      kind: "nginx combined",
      rulesAdded: ruleCount,
      builtinRules: !options["no-builtin"],
    },
    wallSeconds: Number(seconds.toFixed(1)),
    cpuSecondsPerMillionEvents: mapValues(cpu, (value) => Number(((value / lines) * 1e6).toFixed(2))),
    eventsPerCpuSecond: {
      ...mapValues(cpu, perCpuSecond),
      agentAndCollector: perCpuSecond(cpu.agent + cpu.collector),
    },
    cpuSecondsByThread: threads,
    peakMiB: mapValues(spent, ({ peakBytes }) => Math.round(peakBytes / 2 ** 20)),
  };
  const folder = fileURLToPath(new URL("../results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `whole-path-${result.date}.json`), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function stored(fleet: Fleet): Promise<number> {
  const text = await (await fetch(`${fleet.url}/metrics`)).text();
  return Number(/^vedette_ingest_events_total\{data_type="nginx"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** CPU seconds since its start of each thread that took any; `MainThread` runs our code, the others Node's helpers. */
function threadsOf(pid: number): Record<string, number> {
  const threads: Record<string, number> = {};
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, "utf8");
    const [user, system] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13)
      .map(Number);
    const seconds = ((user ?? 0) + (system ?? 0)) / 100;
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    if (seconds > 0) threads[name] = Number(((threads[name] ?? 0) + seconds).toFixed(2));
  }
  return threads;
}

function chdbVersion(): string {
  const manifest = fileURLToPath(new URL("../../collector/node_modules/chdb/package.json", import.meta.url));
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}
