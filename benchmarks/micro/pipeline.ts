// What the shipped pipelines cost for a line: `node --conditions=@vedette/source benchmarks/micro/pipeline.ts [name...]`.
// `interpreted`: line to event object. `compiled`: line to values handed to column builders that keep nothing.
// `into columns`: the same into the builders of a batch. CPU seconds for a million lines, the best of several rounds.
import { BatchBuilder } from "@vedette/core/batch";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import { workloads } from "./lines.ts";

const rounds = 15;
const count = 20_000;
const time = Date.parse("2026-10-10T13:56:00Z");
const timestamp = new Date(time).toISOString();

/** CPU microseconds for each of `count` calls in the best round. */
function measure(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds + 4; round++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / count);
  }
  return best;
}

function interpreted(set: PipelineSet, dataType: string, lines: readonly string[]): number {
  return measure(() => {
    for (const raw of lines) {
      set.process({ id: "id", dataType, dataSource: "host", "@timestamp": timestamp, raw });
    }
  });
}

function rowLog(raw: string) {
  return { time, timestamp, dataSource: "host", tenantId: "", id: "id", raw };
}

function compiled(set: PipelineSet, dataType: string, lines: readonly string[]): number {
  let seen = 0;
  const sink = {
    add: () => {
      seen++;
    },
    pack: () => ({ encoding: "text" as const, packing: "lz4" as const, bytes: 0 }),
    size: 0,
  };
  const rows = set.columns(dataType).bind({ column: () => ({ ...sink }), overflow: () => {} });
  return measure(() => {
    let row = 0;
    for (const raw of lines) rows.run(row++, rowLog(raw));
    if (seen === 0) throw new Error("Nothing was written.");
  });
}

function intoColumns(set: PipelineSet, dataType: string, lines: readonly string[]): number {
  return measure(() => {
    const rows = set.columns(dataType).bind(new BatchBuilder(dataType, { rows: count + 1, bytes: 1 << 30 }));
    let row = 0;
    for (const raw of lines) rows.run(row++, rowLog(raw));
  });
}

const wanted = process.argv.slice(2);
console.log("µs a line        interpreted  compiled  into columns");
for (const [dataType, { file: name, line }] of Object.entries(workloads)) {
  if (wanted.length > 0 && !wanted.includes(dataType)) continue;
  const file = new URL(`../../plugins/${name}`, import.meta.url);
  const load = () => loadPipelines([file]);
  const lines = Array.from({ length: count }, (_, index) => line(index));
  const figures = [interpreted, compiled, intoColumns].map((run) => run(load(), dataType, lines).toFixed(2));
  const [slow, fast, full] = figures as [string, string, string];
  console.log(`${dataType.padEnd(16)} ${slow.padStart(11)} ${fast.padStart(9)} ${full.padStart(13)}`);
}
