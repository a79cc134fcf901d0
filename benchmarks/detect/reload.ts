/**
 * What a reload of 3,000 rules in files of their own costs: reading, compiling, and the index for Windows events, in CPU seconds, and
 * the longest time for which nothing else had its turn. Reading back what rules remember is not in it: that depends on the store.
 * Run: node --conditions=@vedette/source benchmarks/detect/reload.ts [rules]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createDetector, type Detector, RuleReader } from "@vedette/collector";
import { BatchBuilder, decodeBatch } from "@vedette/core/batch";
import { sigmaRules } from "./sigma-rules.ts";
import { windowsEvents } from "./windows-events.ts";

const count = Number(process.argv[2] ?? 3_000);
const dir = mkdtempSync(join(tmpdir(), "vedette-bench-"));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const texts = sigmaRules(count);
const write = (number: number, text: string): void => {
  const folder = join(dir, String(number % 30));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${number}.yml`), text);
};
for (const [number, text] of texts.entries()) write(number, text);

const builder = new BatchBuilder("windows", { rows: 1e6, bytes: 1e9 });
for (const event of windowsEvents(1_000)) builder.append(event, { source: "bench", offset: 0, end: 1 });
const batchId = "00000000-0000-7000-8000-000000000000";
const stamp = { batchId, agentId: "bench", epoch: 1, sequence: 0, codec: "none" } as const;
const { frame } = builder.seal(stamp);

/** CPU milliseconds of this thread: what others on the machine do is not in it. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Runs a work and tells of its CPU seconds and of the longest turn that it took. */
async function measured<T>(name: string, work: () => Promise<T>): Promise<T> {
  let longest = 0;
  let last = cpuMs();
  let running = true;
  const beat = (): void => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(beat);
  };
  setImmediate(beat);
  const before = process.cpuUsage();
  const started = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  running = false;
  const wall = Math.round(performance.now() - started);
  console.log(
    `${name}: ${((user + system) / 1e6).toFixed(2)} CPU s, ${wall} ms, longest turn ${Math.round(longest)} CPU ms`,
  );
  return result;
}

const reader = new RuleReader();
const read = async (): Promise<Detector> => {
  const { rules, problems, files, compiled } = await reader.read([dir]);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  console.log(`  ${rules.length} rules of ${files} files, ${compiled} compiled`);
  return createDetector({ rules, deps: { clock: { now: () => 0 }, log: quiet } });
};

// Old enough that the times of the files tell whether they changed.
await setTimeout(2_500);
let detector = await measured("cold load", read);
await measured("first batch, with the index", async () => detector.process(decodeBatch(frame)));
for (const changed of [0, 1, 100]) {
  for (let at = 0; at < changed; at++) {
    const number = Math.floor((at * count) / changed);
    write(
      number,
      texts[number]!.replace(
        "  condition:",
        `  more:\n    CommandLine|contains: 'changed-${number}-${changed}'\n  condition:`,
      ).replace(/condition: /, "condition: more or "),
    );
  }
  await setTimeout(2_500);
  detector = await measured(`reload with ${changed} changed`, async () => {
    const next = await measured("  reading", read);
    await measured("  index", () => next.prepareLike(detector));
    return next;
  });
  await measured("first batch after it", async () => detector.process(decodeBatch(frame)));
}
console.log(`${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB resident`);
rmSync(dir, { recursive: true });
