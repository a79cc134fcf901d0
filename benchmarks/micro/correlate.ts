/**
 * Matches per CPU second of correlations, and what a million sources take. Every row is a match of one rule; "rule alone" is what
 * that costs without a correlation, and is part of all other figures.
 * Run: node --conditions=@vedette/source --expose-gc benchmarks/micro/correlate.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDetector, loadRules } from "@vedette/collector";
import { BatchBuilder, decodeBatch } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";

const rows = 10_000;
const start = 1_767_000_000_000;

const rule = `
title: refused
name: refused
logsource: { category: bench }
vedette: { dataTypes: [bench] }
detection: { selection: { log.result: failed }, condition: selection }
`;

const correlation = (text: string): string =>
  `${rule}---\ntitle: c\nid: c\ncorrelation: { rules: [refused], group-by: [origin.ip], ${text} }\n`;

/** Batches of rows; `ip` and `user` say whose the n-th is. A thousand rows a second of event time. */
function frames(count: number, ip: (n: number) => string, user: (n: number) => string): Buffer[] {
  return Array.from({ length: count }, (_, sequence) => {
    const builder = new BatchBuilder("bench", { rows: 1e6, bytes: 1e9 });
    for (let row = 0; row < rows; row++) {
      const n = sequence * rows + row;
      const event: Event = {
        id: n.toString(16).padStart(32, "0"),
        "@timestamp": new Date(start + n).toISOString(),
        dataType: "bench",
        dataSource: "web-1",
        origin: { ip: ip(n), user: user(n) },
        target: { host: "web-1" },
        log: { result: "failed", method: "password" },
        raw: `Failed password for ${user(n)} from ${ip(n)} port 22 ssh2`,
      };
      builder.append(event, { source: "bench", offset: 0, end: 1 });
    }
    const batchId = `00000000-0000-7000-8000-${String(sequence).padStart(12, "0")}`;
    return builder.seal({ batchId, agentId: "bench", epoch: 1, sequence, codec: "none" }).frame;
  });
}

const address = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
const folder = mkdtempSync(join(tmpdir(), "vedette-bench-"));

function run(name: string, yaml: string, list: readonly Buffer[], rounds: number): void {
  const file = join(folder, "rules.yaml");
  writeFileSync(file, yaml);
  const { rules, problems } = loadRules([file]);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const figures: number[] = [];
  let stats = "";
  for (let round = 0; round < rounds; round++) {
    const batches = list.map((frame) => decodeBatch(frame));
    const detector = createDetector({ rules, deps: { clock: { now: Date.now }, log: quiet as never } });
    globalThis.gc?.();
    const before = process.memoryUsage();
    const cpu = process.cpuUsage();
    let alerts = 0;
    for (const batch of batches) alerts += detector.process(batch).length;
    const { user, system } = process.cpuUsage(cpu);
    figures.push((batches.length * rows) / ((user + system) / 1e6));
    globalThis.gc?.();
    const after = process.memoryUsage();
    const mib = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 2 ** 20;
    const { windows } = detector.stats();
    const evicted = windows?.correlations.reduce((sum, each) => sum + each.evicted, 0) ?? 0;
    stats = `alerts ${alerts}, groups ${windows?.groups ?? 0}, entries ${windows?.entries ?? 0}, evicted ${evicted}, held ${mib.toFixed(0)} MiB`;
  }
  figures.sort((a, b) => a - b);
  const best = figures.at(-1)!;
  const middle = figures[figures.length >> 1]!;
  console.log(
    `${name.padEnd(34)} ${Math.round(middle).toLocaleString("en")}/s (best ${Math.round(best).toLocaleString("en")}) ${stats}`,
  );
}

try {
  const hundred = frames(
    30,
    (n) => address(n % 100),
    (n) => `user${n % 10_000}`,
  );
  const many = frames(
    30,
    (n) => address((n * 7_919) % 10_000),
    (n) => `user${n % 100}`,
  );
  const flood = frames(
    100,
    (n) => (n % 1_000 === 0 ? "6.6.6.6" : address(n)),
    () => "root",
  );
  // Its group has no value in any row, so nothing is filed.
  run(
    "rule alone",
    correlation("type: event_count, timespan: 10m, condition: { gte: 1 }").replace(
      "origin.ip",
      "origin.host",
    ),
    many,
    5,
  );
  run(
    "event_count, 10,000 groups",
    correlation("type: event_count, timespan: 10m, condition: { gte: 1000 }"),
    many,
    5,
  );
  // From the first event on a group keeps samples, and most go on after they were told of.
  run(
    "event_count of 5, 10,000 groups",
    correlation("type: event_count, timespan: 10m, condition: { gte: 5 }"),
    many,
    5,
  );
  run(
    "event_count, 100 groups",
    correlation("type: event_count, timespan: 1m, condition: { gte: 50000 }"),
    hundred,
    5,
  );
  run(
    "value_count, 10,000 values",
    correlation("type: value_count, timespan: 10m, condition: { field: origin.user, gte: 20000 }").replace(
      "group-by: [origin.ip]",
      "group-by: [target.host]",
    ),
    hundred,
    5,
  );
  run("1,000,000 sources", correlation("type: event_count, timespan: 1h, condition: { gte: 900 }"), flood, 1);
  run(
    "1,000,000 sources, of 5",
    correlation("type: event_count, timespan: 1h, condition: { gte: 5 }"),
    flood,
    1,
  );
} finally {
  rmSync(folder, { recursive: true });
}
