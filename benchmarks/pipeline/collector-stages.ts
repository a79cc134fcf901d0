/**
 * What the collector spends on each stage, in µs of CPU per event, in one process and without network and engine:
 * nginx lines as the shipped pipeline parses them, in batches as an agent seals them, GeoIP, the built-in rules and 100 more; `--no-builtin`
 * leaves the first of these out. V8's helper threads count.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/collector-stages.ts [lines] [--rules 100] [--no-builtin] [--rounds 5]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { builtinRules, createDetector, loadRules, openEnrichStage, plugins } from "@vedette/collector";
import { decodeBatch, encodeNative, freeBytes } from "@vedette/core/batch";
import { SourceListener } from "../../collector/src/alerting/sources/index.ts";
import { agentFrames } from "./agent-frames.ts";
import { webRules } from "./web-rules.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "no-builtin": { type: "boolean", default: false },
    rules: { type: "string", default: "100" },
    rounds: { type: "string", default: "5" },
  },
});
const lines = Number(positionals[0] ?? 100_000);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const deps = { log: quiet, clock: { now: Date.now }, signal: new AbortController().signal };
const dir = mkdtempSync(join(tmpdir(), "vedette-bench-"));

const spent: Record<string, number> = {};
function timed<T>(stage: string, work: () => T): T {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  spent[stage] = (spent[stage] ?? 0) + user + system;
  return result;
}

try {
  const frames = await agentFrames(join(dir, "agent"), lines);
  const rulesFile = join(dir, "rules.yaml");
  writeFileSync(rulesFile, webRules(Number(options.rules)));
  const { rules, problems } = loadRules([
    ...(options["no-builtin"] ? [] : builtinRules()),
    ...(Number(options.rules) > 0 ? [rulesFile] : []),
  ]);
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join("\n"));
  const enrich = await openEnrichStage(plugins, {}, { ...deps, stateDir: dir });
  const best: Record<string, number> = {};
  let alerts = 0;
  for (let round = 0; round <= Number(options.rounds); round++) {
    const detector = createDetector({ rules, deps });
    const listener = new SourceListener(1_000);
    // Rules are prepared for a data type when its first event comes, once.
    detector.processEvent({ dataType: "nginx" });
    for (const stage of Object.keys(spent)) spent[stage] = 0;
    alerts = 0;
    timed("all", () => {
      for (const frame of frames) {
        const batch = timed("decode", () => decodeBatch(frame));
        const enriched = timed("geo", () => enrich.enrich(batch));
        // Freed as the collector does.
        timed("encode", () => freeBytes(encodeNative(enriched)[0]!));
        alerts += timed("rules", () => detector.process(enriched)).length;
        timed("listen", () => listener.hear([enriched], Date.now()));
        batch.free();
      }
    });
    for (const [stage, micros] of Object.entries(spent)) {
      best[stage] = Math.min(best[stage] ?? Number.POSITIVE_INFINITY, micros / lines);
    }
  }
  for (const [stage, micros] of Object.entries(best))
    console.log(`${stage.padEnd(7)} ${micros.toFixed(3)} µs/event`);
  console.log(`${rules.length} rules, ${alerts} alerts, ${frames.length} batches`);
  console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
  await enrich.close();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
