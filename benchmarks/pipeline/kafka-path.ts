/**
 * The same lines straight to a collector and through Kafka: CPU seconds per million events of agent, broker, collector and
 * engine, and peak memory. Then the collector is away while agents go on, and comes back: how fast the backlog goes.
 * Writes benchmarks/results/kafka-path-<date>.json.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/kafka-path.ts [lines] [--rate 2000] [--away 40] [--client platformatic]
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  childrenOf,
  freePort,
  Herd,
  type Kafka,
  pause,
  seeded,
  startKafka,
  until,
  usageOf,
} from "@vedette/testkit";
import { accessLog } from "./access-log.ts";
import { mapValues } from "./map-values.ts";
import { webRules } from "./web-rules.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: "string", default: "2000" },
    away: { type: "string", default: "40" },
    client: { type: "string", default: "platformatic" },
  },
});
const lines = Number(positionals[0] ?? 500_000);
const rate = Number(options.rate);
const dir = mkdtempSync(join(tmpdir(), "vedette-bench-"));
const rules = join(dir, "rules.yaml");
writeFileSync(rules, webRules(100));
const random = seeded(1);

type Part = "agent" | "broker" | "collector" | "engine";

/** One agent that reads nginx lines, one collector; with Kafka between them, or nothing. */
async function herdOf(name: string, kafka: Kafka | undefined): Promise<Herd> {
  const own = join(dir, name);
  const inputs = [{ type: "file", dataType: "nginx", include: [join(own, "agent-1", "logs", "app.log")] }];
  const direct = { listen: `127.0.0.1:${await freePort()}` };
  return Herd.create(own, {
    ...{ agents: 1, collectors: 1 },
    kafka: { brokers: kafka?.bootstrap ?? [], topic: `batches-${name}`, client: options.client },
    consumer: { group: name, createTopics: { partitions: 6, replicas: 1 } },
    agent: {
      log: "warn",
      inputs,
      ...(kafka ? {} : { kafka: undefined, collector: { address: direct.listen } }),
    },
    collector: { log: "warn", rules: [rules], ...(kafka ? {} : { ingest: direct }) },
  });
}

function pidsOf(herd: Herd): Readonly<Record<Part, number | undefined>> {
  const collector = herd.collectors[0]?.running?.pid ?? 0;
  const isBroker = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("kafka.Kafka");
  return {
    agent: herd.agents[0]?.running?.pid,
    broker: childrenOf(process.pid).find(isBroker),
    collector,
    engine: childrenOf(collector)[0],
  };
}

const look = (herd: Herd) => mapValues(pidsOf(herd), (pid) => (pid === undefined ? undefined : usageOf(pid)));
const stored = async (herd: Herd): Promise<number> =>
  (await herd.metric(0, "vedette_ingest_events_total")) ?? 0;

function write(herd: Herd, count: number): void {
  const file = join(herd.agents[0]!.dir, "logs", "app.log");
  for (let done = 0; done < count; done += 10_000)
    appendFileSync(file, accessLog(Math.min(10_000, count - done), random));
}

/** CPU per million events of each part, for lines that are all there. */
async function throughput(herd: Herd) {
  write(herd, 20_000);
  await herd.start();
  await until("the first events", async () => (await stored(herd)) >= 20_000, { timeoutMs: 120_000 });
  await pause(3_000);
  const before = look(herd);
  const started = performance.now();
  write(herd, lines);
  await until("all events", async () => (await stored(herd)) >= 20_000 + lines, {
    timeoutMs: 900_000,
    everyMs: 250,
  });
  const seconds = (performance.now() - started) / 1_000;
  const after = look(herd);
  return {
    eventsPerSecond: Math.round(lines / seconds),
    cpuSecondsPerMillion: mapValues(after, (usage, part) =>
      usage && before[part] ? round(((usage.cpuSeconds - before[part].cpuSeconds) / lines) * 1e6) : undefined,
    ),
    peakMiB: mapValues(after, (usage) => (usage ? Math.round(usage.peakBytes / 2 ** 20) : undefined)),
  };
}

/** Lines at a steady rate while the collector is away and after it is back, until nothing waits. */
async function recovery(herd: Herd) {
  let writing = true;
  let written = 0;
  const started = performance.now();
  const writer = (async () => {
    while (writing) {
      const due = Math.round(((performance.now() - started) / 1_000) * rate) - written;
      if (due > 0) write(herd, due);
      written += Math.max(0, due);
      await pause(100);
    }
  })();
  await herd.collectors[0]!.end("SIGTERM");
  await pause(Number(options.away) * 1_000);
  herd.collectors[0]!.start();
  await herd.ready(0, 120_000);
  const backlog = written;
  const back = performance.now();
  // A restarted collector counts from nothing: what it has stored is what was waiting and what came since.
  await until("the backlog to go", async () => written - (await stored(herd)) < rate * 2, {
    timeoutMs: 900_000,
    everyMs: 250,
  });
  const seconds = (performance.now() - back) / 1_000;
  const done = await stored(herd);
  const peak = look(herd).collector?.peakBytes ?? 0;
  writing = false;
  await writer;
  await until("the rest", async () => (await stored(herd)) >= written, { timeoutMs: 300_000, everyMs: 250 });
  return {
    liveEventsPerSecond: rate,
    backlogEvents: backlog,
    seconds: round(seconds),
    timesTheLiveRate: round(done / seconds / rate),
    collectorPeakMiB: Math.round(peak / 2 ** 20),
  };
}

const round = (value: number): number => Number(value.toFixed(2));

let kafka: Kafka | undefined;
const herds: Herd[] = [];
try {
  const direct = await herdOf("direct", undefined);
  herds.push(direct);
  const straight = await throughput(direct);
  await direct.stop();
  kafka = await startKafka();
  const through = await herdOf("kafka", kafka);
  herds.push(through);
  const throughKafka = await throughput(through);
  const result = {
    benchmark: "kafka-path",
    date: new Date().toISOString().slice(0, 10),
    hardware: { cpu: cpus()[0]?.model, cores: cpus().length },
    versions: { node: process.version, client: options.client },
    input: { lines, kind: "nginx combined", rulesAdded: 100 },
    direct: straight,
    kafka: throughKafka,
    recovery: await recovery(through),
  };
  await through.stop();
  writeFileSync(
    fileURLToPath(new URL(`../results/kafka-path-${result.date}.json`, import.meta.url)),
    `${JSON.stringify(result, null, 2)}\n`,
  );
  console.log(JSON.stringify(result, null, 2));
} finally {
  await Promise.all(herds.map((herd) => herd.destroy()));
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true });
}
