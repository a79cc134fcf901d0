/**
 * What a batch costs beside its events: nginx lines through agent, collector and embedded engine in batches of several sizes.
 * Fits CPU = a × batches + b × events for each process (for the engine: a × inserts), and bytes on the wire likewise: the
 * figures that `vedette capacity` plans with. Prints them and writes benchmarks/results/batch-cost-<date>.json.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/batch-cost.ts [--sizes 100,1000,10000] [--batches 100]
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Fleet, freePort, pause, seeded, until, usageOf } from "@vedette/testkit";
import { accessLog } from "./access-log.ts";
import { webRules } from "./web-rules.ts";

const { values: options } = parseArgs({
  options: {
    sizes: { type: "string", default: "100,1000,10000" },
    batches: { type: "string", default: "100" },
    rules: { type: "string", default: "100" },
  },
});
const processes = ["agent", "collector", "engine"] as const;
type Process = (typeof processes)[number];

/** One size of batches: what each process spent on so many events, and the bytes shipped. */
interface Sample {
  readonly rows: number;
  readonly batches: number;
  readonly inserts: number;
  readonly events: number;
  readonly cpuSeconds: Readonly<Record<Process, number>>;
  readonly bytes: number;
}

async function measure(rows: number, batches: number): Promise<Sample> {
  const dir = mkdtempSync(join(tmpdir(), "vedette-bench-"));
  const file = join(dir, "logs", "access.log");
  const rules = join(dir, "rules.yaml");
  writeFileSync(rules, webRules(Number(options.rules)));
  const status = await freePort();
  const fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "nginx", include: [file] }],
    agent: { log: "warn", batch: { rows, seconds: 5 }, http: { listen: `127.0.0.1:${status}` } },
    collector: { log: "warn", rules: [rules] },
  });
  try {
    const random = seeded(rows);
    const write = (count: number): void => {
      for (let done = 0; done < count; done += 10_000)
        appendFileSync(file, accessLog(Math.min(10_000, count - done), random));
    };
    write(20_000);
    fleet.start("collector");
    await fleet.ready();
    fleet.start("agent");
    const stored = async (): Promise<number> => sum(await metrics(fleet.url), "vedette_ingest_events_total");
    await until("the first events", async () => (await stored()) >= 20_000, { timeoutMs: 120_000 });
    await pause(3_000);
    const pids = {
      agent: fleet.process("agent")?.pid ?? 0,
      collector: fleet.process("collector")?.pid ?? 0,
      engine: fleet.enginePid() ?? 0,
    };
    const look = async () => {
      const agent = await metrics(`http://127.0.0.1:${status}`);
      return {
        cpu: processes.map((name) => usageOf(pids[name]).cpuSeconds),
        batches: sum(agent, "vedette_agent_batches_sealed_total"),
        inserts: sum(await metrics(fleet.url), "vedette_ingest_inserts_total"),
        bytes: sum(agent, "vedette_agent_batch_bytes_total"),
      };
    };
    const before = await look();
    const events = rows * batches;
    write(events);
    await until(`${events} events in batches of ${rows}`, async () => (await stored()) >= 20_000 + events, {
      timeoutMs: 900_000,
      everyMs: 250,
    });
    const after = await look();
    const spent = (at: number): number => after.cpu[at]! - before.cpu[at]!;
    return {
      ...{ rows, events },
      batches: after.batches - before.batches,
      inserts: after.inserts - before.inserts,
      cpuSeconds: { agent: spent(0), collector: spent(1), engine: spent(2) },
      bytes: after.bytes - before.bytes,
    };
  } finally {
    await fleet.stop();
    fleet.destroy();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function metrics(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

/** The sum of all series of a metric. */
function sum(text: string, name: string): number {
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

/** Least squares of `value = a × pieces + b × events`, every sample weighing the same. */
function fit(
  samples: readonly Sample[],
  value: (sample: Sample) => number,
  pieces: (sample: Sample) => number = ({ batches }) => batches,
): { a: number; b: number } {
  let [xx, x, xy, y] = [0, 0, 0, 0];
  for (const sample of samples) {
    const [perEvent, piecesPerEvent] = [value(sample) / sample.events, pieces(sample) / sample.events];
    xx += piecesPerEvent ** 2;
    x += piecesPerEvent;
    xy += piecesPerEvent * perEvent;
    y += perEvent;
  }
  const n = samples.length;
  const a = (n * xy - x * y) / (n * xx - x * x);
  return { a, b: (y - a * x) / n };
}

const samples: Sample[] = [];
for (const rows of options.sizes.split(",").map(Number)) {
  // Small batches cost by the batch, large ones by the event: each size gets enough of what it is there to show.
  const sample = await measure(
    rows,
    rows <= 1_000 ? Number(options.batches) : Math.ceil(Number(options.batches) / 4),
  );
  samples.push(sample);
  console.error(JSON.stringify(sample));
}
const micro = (value: number): number => Number((value * 1e6).toFixed(2));
const figures = Object.fromEntries(
  processes.map((name) => {
    const pieces = name === "engine" ? "Insert" : "Batch";
    const { a, b } = fit(
      samples,
      ({ cpuSeconds }) => cpuSeconds[name],
      ({ inserts, batches }) => (name === "engine" ? inserts : batches),
    );
    return [name, { [`microsecondsPer${pieces}`]: micro(a), microsecondsPerEvent: micro(b) }];
  }),
);
const wire = fit(samples, ({ bytes }) => bytes);
const result = {
  benchmark: "batch-cost",
  date: new Date().toISOString().slice(0, 10),
  hardware: { cpu: cpus()[0]?.model, cores: cpus().length },
  node: process.version,
  figures,
  wire: { bytesPerBatch: Math.round(wire.a), bytesPerEvent: Number(wire.b.toFixed(1)) },
  samples,
};
writeFileSync(
  fileURLToPath(new URL(`../results/batch-cost-${result.date}.json`, import.meta.url)),
  `${JSON.stringify(result, null, 2)}\n`,
);
console.log(JSON.stringify(result, null, 2));
