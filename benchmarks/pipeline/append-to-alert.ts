/**
 * How long it takes from a line that is appended to a file to its alert in the answer of the API, while so many lines a second come:
 * agent, collector and embedded engine, three processes, delivery contract on. Ten lines a second raise an alert each. Prints
 * percentiles in milliseconds; a poll of the API every 20 ms is part of what is measured.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/append-to-alert.ts [--rate 10000] [--seconds 30] [--rules 100] [--batch 1]
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Fleet, pause, seeded, until, usageOf } from "@vedette/testkit";
import { accessLog } from "./access-log.ts";
import { webRules } from "./web-rules.ts";

const { values: options } = parseArgs({
  options: {
    rate: { type: "string", default: "10000" },
    seconds: { type: "string", default: "30" },
    rules: { type: "string", default: "100" },
    /** The agent's `batch.seconds`; its default where it is left out. */
    batch: { type: "string" },
  },
});
const rate = Number(options.rate);
const seconds = Number(options.seconds);
const chunkMs = 10;
/** Every so many chunks one line raises an alert. */
const alarmEvery = 10;
/** Before it is measured, so that nothing is compiled any more. */
const warmSeconds = 10;

const dir = mkdtempSync(join(tmpdir(), "vedette-bench-"));
const file = join(dir, "logs", "access.log");
const rules = join(dir, "rules.yaml");
writeFileSync(
  rules,
  `${webRules(Number(options.rules))}- name: Alarm\n  dataTypes: [nginx]\n  where: 'startsWith("target.path", "/alarm/")'\n`,
);
const fleet = await Fleet.create(dir, {
  inputs: [{ type: "file", dataType: "nginx", include: [file] }],
  agent: {
    log: "warn",
    ...(options.batch === undefined ? {} : { batch: { seconds: Number(options.batch) } }),
  },
  collector: { log: "warn", rules: [rules] },
});

/** When each alarm was appended, by the path it asks for. */
const appended = new Map<string, number>();
const seen = new Map<string, number>();

async function look(): Promise<void> {
  const { items } = await fleet.get<{ items: { target?: { path?: string } }[] }>(
    "/api/v1/alerts?from=-1h&rule=Alarm&limit=100",
  );
  const now = performance.now();
  for (const path of items.map(({ target }) => target?.path ?? "")) {
    if (!seen.has(path)) seen.set(path, now);
  }
}

try {
  writeFileSync(file, "");
  const random = seeded(1);
  // Made beforehand: the writer must keep its time.
  const chunk = Math.max(1, Math.round((rate * chunkMs) / 1_000));
  const chunks = Array.from({ length: 200 }, () => accessLog(chunk, random));
  fleet.start("collector");
  await fleet.ready();
  fleet.start("agent");
  const pids = {
    agent: fleet.process("agent")?.pid ?? 0,
    collector: fleet.process("collector")?.pid ?? 0,
    engine: fleet.enginePid() ?? 0,
  };

  const started = performance.now();
  const total = ((warmSeconds + seconds) * 1_000) / chunkMs;
  let behind = 0;
  const write = async (): Promise<void> => {
    for (let at = 0; at < total; at++) {
      const wait = started + at * chunkMs - performance.now();
      if (wait > 0) await pause(wait);
      else behind = Math.max(behind, -wait);
      let text = chunks[at % chunks.length]!;
      if (at % alarmEvery === 0) {
        const path = `/alarm/${at}`;
        const client = `198.51.${(at >> 8) % 256}.${at % 256}`;
        text += accessLog(1, random)
          .replace(/^\S+/, client)
          .replace(/ \/\S+ HTTP/, ` ${path} HTTP`);
        if (at * chunkMs >= warmSeconds * 1_000) appended.set(path, performance.now());
      }
      appendFileSync(file, text);
    }
  };
  const before = new Map(Object.entries(pids).map(([name, pid]) => [name, usageOf(pid).cpuSeconds]));
  let writing = true;
  const writer = write().finally(() => {
    writing = false;
  });
  while (writing) {
    await look();
    await pause(20);
  }
  await writer;
  const used = Object.entries(pids).map(
    ([name, pid]) => [name, usageOf(pid).cpuSeconds - (before.get(name) ?? 0)] as const,
  );
  const all = async (): Promise<boolean> => {
    await look();
    return [...appended.keys()].every((path) => seen.has(path));
  };
  await until("every alert", all, { timeoutMs: 60_000, everyMs: 20 });

  const delays = [...appended].map(([path, at]) => seen.get(path)! - at).sort((a, b) => a - b);
  const percentile = (share: number): number =>
    Math.round(delays[Math.min(delays.length - 1, Math.floor(delays.length * share))]!);
  console.log(`${rate} lines a second, ${delays.length} alerts, batch.seconds ${options.batch ?? "default"}`);
  console.log(
    `p50 ${percentile(0.5)} ms, p90 ${percentile(0.9)} ms, p99 ${percentile(0.99)} ms, most ${percentile(1)} ms`,
  );
  console.log(`the writer was up to ${Math.round(behind)} ms behind its time`);
  for (const [name, cpu] of used)
    console.log(`${name} ${((cpu / (warmSeconds + seconds)) * 100).toFixed(0)} % of a core`);
} finally {
  await fleet.stop().catch(() => fleet.destroy());
  rmSync(dir, { recursive: true, force: true });
}
