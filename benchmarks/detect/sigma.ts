/**
 * Events per CPU second of detection alone: 3,000 rules of the shape of SigmaHQ's tree over batches of Sysmon events.
 * Run: node --conditions=@vedette/source benchmarks/detect/sigma.ts [rules] [rows of a batch]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createDetector, loadRules, type Rule } from "@vedette/collector";
import { BatchBuilder, decodeBatch } from "@vedette/core/batch";
import { sigmaRules } from "./sigma-rules.ts";
import { windowsEvents } from "./windows-events.ts";

const count = Number(process.argv[2] ?? 3_000);
const rows = Number(process.argv[3] ?? 10_000);
const total = 50_000;

const events = windowsEvents(total);
const frames: Buffer[] = [];
for (let from = 0; from < total; from += rows) {
  const builder = new BatchBuilder("windows", { rows: 1e6, bytes: 1e9 });
  for (const event of events.slice(from, from + rows))
    builder.append(event, { source: "bench", offset: 0, end: 1 });
  const sequence = frames.length;
  const batchId = `00000000-0000-7000-8000-${String(sequence).padStart(12, "0")}`;
  frames.push(builder.seal({ batchId, agentId: "bench", epoch: 1, sequence, codec: "none" }).frame);
}
const bytes = events.slice(0, 1_000).reduce((sum, event) => sum + JSON.stringify(event).length, 0) / 1_000;
console.log(`${Math.round(bytes)} bytes of JSON an event`);

function rulesOf(heavy: number): readonly Rule[] {
  const file = join(mkdtempSync(join(tmpdir(), "vedette-bench-")), "rules.yaml");
  writeFileSync(file, sigmaRules(count, 1, { heavy }).join("---\n"));
  const before = performance.now();
  const { rules, problems } = loadRules([file]);
  console.log(`${rules.length} rules loaded in ${Math.round(performance.now() - before)} ms`);
  rmSync(dirname(file), { recursive: true });
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join("\n"));
  return rules;
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function measure(name: string, rules: readonly Rule[]): void {
  const detector = createDetector({
    rules: rules.map((rule) => ({ ...rule, silent: true })),
    deps: { clock: { now: () => 0 }, log: quiet },
  });
  let best = 0;
  for (let run = 0; run < 5; run++) {
    // Decoded anew: a batch's dictionaries are made on first use, and that is part of the work.
    const batches = frames.map((frame, at) => {
      const batch = decodeBatch(frame);
      return Object.assign(Object.create(batch) as typeof batch, {
        header: { ...batch.header, batchId: `${run}-${at}` },
      });
    });
    const before = process.cpuUsage();
    for (const batch of batches) detector.process(batch);
    const { user, system } = process.cpuUsage(before);
    const rate = (total * 1e6) / (user + system);
    console.log(`  run ${run}: ${Math.round(rate).toLocaleString("en")}`);
    best = Math.max(best, rate);
  }
  const matches = detector.stats().rules.reduce((sum, rule) => sum + rule.matches, 0) / 5;
  console.log(
    `${name.padEnd(30)} ${Math.round(best).toLocaleString("en")} events/CPU-s, ${(matches / total).toFixed(3)} matches an event`,
  );
}

measure("low match", rulesOf(0.001));
measure("match-heavy", rulesOf(0.025));
