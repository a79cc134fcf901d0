// What a step in a plugin's own code costs beside the same step of ours:
// `node --conditions=@vedette/source benchmarks/micro/parse-plugin.ts`. CPU microseconds for a line, the best of several rounds.
import { parseSource } from "@vedette/core/config";
import { compilePipelines } from "@vedette/core/pipeline";

const [rounds, count] = [25, 20_000];
const time = Date.parse("2026-10-10T13:56:00Z");
const timestamp = new Date(time).toISOString();
const line = '{"user":"alice","ip":"192.0.2.7","status":"200","path":"/index.html"}';

const steps = {
  "flat JSON alone": "",
  "and `set`": ", {set: {fields: {action: seen}}}",
  "and a step of a plugin that writes one field": ", {dynamic: {plugin: own}}",
  "and one that does nothing": ", {dynamic: {plugin: idle}}",
} as const;
const parsers = new Map([
  [
    "own",
    (draft: Record<string, unknown>): void => {
      draft["action"] = "seen";
    },
  ],
  ["idle", (): void => undefined],
]);
const sink = {
  add: () => {},
  pack: () => ({ encoding: "text" as const, packing: "lz4" as const, bytes: 0 }),
  size: 0,
};

const programs = Object.entries(steps).map(([name, step]) => {
  const yaml = `pipeline: [{dataTypes: [test], steps: [{json: {source: raw}}${step}]}]`;
  const set = compilePipelines([parseSource(yaml, "bench.yaml")], { parsers });
  const rows = set.columns("test").bind({ column: () => sink, overflow: () => {} });
  return { name, rows, best: Number.POSITIVE_INFINITY };
});
// In turn, so that what else the machine does falls on all alike.
for (let round = 0; round < rounds; round++) {
  for (const program of programs) {
    const before = process.cpuUsage();
    for (let row = 0; row < count; row++)
      program.rows.run(row, { time, timestamp, dataSource: "host", tenantId: "", id: "id", raw: line });
    const { user, system } = process.cpuUsage(before);
    program.best = Math.min(program.best, (user + system) / count);
  }
}
const [alone] = programs;
for (const { name, best } of programs)
  console.log(`${name.padEnd(46)} ${best.toFixed(2)}  (+${(best - alone!.best).toFixed(2)})`);
