/**
 * Sets a plan beside what a small fleet uses: agents that write nginx lines at a steady rate, one collector, the embedded engine.
 * Prints CPU of each as planned by `vedette capacity` and as used, and the delay; writes benchmarks/results/capacity-check-<date>.json.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/capacity-check.ts [--agents 6] [--rate 200] [--seconds 60] [--speed 1]
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Fleet, pause, type Running, run, seeded, until, usageOf, vedette } from "@vedette/testkit";
import { accessLog } from "./access-log.ts";
import { mapValues } from "./map-values.ts";
import { webRules } from "./web-rules.ts";

const { values: options } = parseArgs({
  options: {
    agents: { type: "string", default: "6" },
    rate: { type: "string", default: "200" },
    seconds: { type: "string", default: "60" },
    speed: { type: "string", default: "1" },
  },
});
const [agents, rate, seconds] = [options.agents, options.rate, options.seconds].map(Number) as [
  number,
  number,
  number,
];
const dir = mkdtempSync(join(tmpdir(), "vedette-bench-"));
const running: Running[] = [];

try {
  const rules = join(dir, "rules.yaml");
  writeFileSync(rules, webRules(100));
  const fleet = await Fleet.create(dir, { inputs: [], collector: { log: "warn", rules: [rules] } });
  fleet.start("collector");
  await fleet.ready();
  const files = Array.from({ length: agents }, (_, index) => {
    const own = join(dir, `agent-${index}`);
    mkdirSync(own, { recursive: true });
    const file = join(own, "access.log");
    writeFileSync(file, "");
    const config = {
      agent: {
        agentId: `agent-${index}`,
        stateDir: "state",
        log: "warn",
        inputs: [{ type: "file", dataType: "nginx", include: [file] }],
        collector: { address: fleet.ingestAddress },
      },
    };
    writeFileSync(join(own, "vedette.yaml"), JSON.stringify(config));
    running.push(vedette(["agent", "--config", join(own, "vedette.yaml")], { cwd: own }));
    return file;
  });
  const random = seeded(1);
  // Everything is started, compiled and warm before it is looked at.
  for (const file of files) appendFileSync(file, accessLog(5_000, random));
  await until("the first events", async () => (await metric(fleet, "events")) >= 5_000 * agents, {
    timeoutMs: 120_000,
  });
  await pause(5_000);

  const pids = {
    agents: running.map(({ pid }) => pid),
    collector: [fleet.process("collector")?.pid ?? 0],
    engine: [fleet.enginePid() ?? 0],
  };
  const look = () => mapValues(pids, (all) => all.reduce((sum, pid) => sum + usageOf(pid).cpuSeconds, 0));
  const before = {
    cpu: look(),
    inserts: await metric(fleet, "inserts"),
    batches: await metric(fleet, "batches"),
    events: await metric(fleet, "events"),
  };
  const started = performance.now();
  const everyMs = 100;
  for (let tick = 1; tick * everyMs <= seconds * 1_000; tick++) {
    for (const file of files) appendFileSync(file, accessLog((rate * everyMs) / 1_000, random));
    await pause(Math.max(0, started + tick * everyMs - performance.now()));
  }
  const wall = (performance.now() - started) / 1_000;
  const after = look();
  const events = (await metric(fleet, "events")) - before.events;
  const counts = {
    inserts: (await metric(fleet, "inserts")) - before.inserts,
    batches: (await metric(fleet, "batches")) - before.batches,
  };

  const asked = [
    "--agents",
    options.agents,
    "--events-per-agent",
    options.rate,
    "--direct",
    "--store-replicas",
    "1",
    "--json",
  ];
  const answer = await run(["capacity", ...asked, "--speed", options.speed]);
  const plan = JSON.parse(answer.stdout) as {
    agent: { cores: number };
    collectors: { cores: number };
    store: { cores: number; insertsPerSecond: number };
    batches: { perSecond: number };
  };
  const perSecond = (value: number): number => Number((value / wall).toFixed(3));
  const used = mapValues(after, (value, name) => perSecond(value - before.cpu[name]));
  const planned = {
    agents: plan.agent.cores * agents,
    collector: plan.collectors.cores,
    engine: plan.store.cores,
  };
  const result = {
    benchmark: "capacity-check",
    date: new Date().toISOString().slice(0, 10),
    hardware: { cpu: cpus()[0]?.model, cores: cpus().length },
    fleet: { agents, eventsPerAgent: rate, seconds: Math.round(wall), eventsStored: events },
    cores: mapValues(used, (value, name) => ({ planned: Number(planned[name].toFixed(3)), used: value })),
    batchesPerSecond: { planned: plan.batches.perSecond, used: perSecond(counts.batches) },
    insertsPerSecond: { planned: plan.store.insertsPerSecond, used: perSecond(counts.inserts) },
  };
  writeFileSync(
    fileURLToPath(new URL(`../results/capacity-check-${result.date}.json`, import.meta.url)),
    `${JSON.stringify(result, null, 2)}\n`,
  );
  console.log(JSON.stringify(result, null, 2));
  for (const agent of running) agent.kill("SIGTERM");
  await Promise.all(running.map(({ exited }) => exited));
  await fleet.stop();
} finally {
  for (const agent of running) agent.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
}

async function metric(fleet: Fleet, name: "events" | "inserts" | "batches"): Promise<number> {
  const text = await (await fetch(`${fleet.url}/metrics`)).text();
  const series = text
    .split("\n")
    .filter((line) => new RegExp(`^vedette_ingest_${name}_total[ {]`).test(line));
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
