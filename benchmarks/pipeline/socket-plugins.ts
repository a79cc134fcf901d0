/**
 * Parsing plugins over sockets: events a second through a pipeline with a `dynamic` step, 1,024 under way, and the CPU time of
 * both sides. The plugin is a process of its own. In Go, built with what stands in for the SDK, one log a call as the original
 * protocol has it; in Go and in TypeScript with our service for many. With `--program FILE` another plugin called my-enricher.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/socket-plugins.ts [--events 20000] [--batched 500000]
 */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseSource } from "@vedette/core/config";
import { compilePipelines } from "@vedette/core/pipeline";
import { serveParsing } from "@vedette/core/socket-plugin";
import { SocketHost } from "@vedette/core/socket-plugins";
import { collectorSocketPlugins } from "@vedette/core/socket-plugins/config";
import { type Logger, systemClock } from "@vedette/sdk";
import { buildGoExample, buildGoPlugins, usageOf, withoutGo } from "@vedette/testkit";

const { values: options } = parseArgs({
  options: {
    events: { type: "string", default: "20000" },
    batched: { type: "string", default: "500000" },
    program: { type: "string" },
    serve: { type: "boolean", default: false },
  },
});

const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error };
/** As an agent does it: so many logs of a data type wait at once, so many begin together. */
const underWay = 1_024;
const group = 256;
const raw = JSON.stringify({
  message: "GET /index.html HTTP/1.1",
  status: 200,
  bytes: 5_120,
  client: "203.0.113.9",
  agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
  path: "/index.html",
  time: "2026-10-10T13:55:36Z",
});

interface Result {
  readonly plugin: string;
  readonly events: number;
  readonly perSecond: number;
  readonly hostMicros: number;
  readonly pluginMicros: number;
}

/** Runs a plugin's program and so many events through it. */
async function measure(plugin: string, events: number, install: (file: string) => void): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), "vsb-"));
  mkdirSync(join(dir, "p"));
  install(join(dir, "p", "my-enricher.plugin"));
  const config = collectorSocketPlugins.parse({ dir: "p", workDir: "w" });
  const { signal } = new AbortController();
  const host = await SocketHost.open(
    config,
    { stateDir: dir, baseDir: dir },
    { log: quiet, clock: systemClock, signal },
  );
  try {
    host.start();
    const yaml =
      "pipeline: [{dataTypes: [t], steps: [{dynamic: {plugin: my-enricher, params: {key: value}}}]}]";
    const program = compilePipelines([parseSource(yaml, "b.yaml")], { callsPlugins: true }).waiting(
      "t",
      host.parsing,
    );
    const logOf = (n: number) => ({
      id: `id-${n}`,
      time: 0,
      timestamp: "2026-10-10T13:55:36.000Z",
      dataSource: "host",
      tenantId: "",
      raw,
    });
    const run = async (count: number): Promise<void> => {
      let next = 0;
      const lane = async (): Promise<void> => {
        for (let first = next; first < count; first = next) {
          next = Math.min(count, first + group);
          const drafts = await program.run(Array.from({ length: next - first }, (_, n) => logOf(first + n)));
          for (const { root, errors } of drafts)
            if (errors.length > 0 || root["log"] === undefined)
              throw new Error(`An event came back wrong: ${errors.join()}`);
        }
      };
      await Promise.all(Array.from({ length: underWay / group }, lane));
    };
    await run(Math.ceil(events / 5));
    const pid = Number(host.pids["my-enricher"]);
    const [own, its, began] = [process.cpuUsage(), usageOf(pid).cpuSeconds, performance.now()];
    await run(events);
    const seconds = (performance.now() - began) / 1_000;
    const { user, system } = process.cpuUsage(own);
    return {
      plugin,
      events,
      perSecond: Math.round(events / seconds),
      hostMicros: round((user + system) / events),
      pluginMicros: round(((usageOf(pid).cpuSeconds - its) * 1e6) / events),
    };
  } finally {
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;

if (options.serve) {
  await serveParsing("my-enricher", (log) => {
    log["log"] = { ...(log["log"] as object | undefined), custom_status: "processed_by_plugin" };
    return log;
  });
} else {
  const results: Result[] = [];
  const [alone, together] = [Number(options.events), Number(options.batched)];
  const copied = (from: string) => (file: string) => copyFileSync(from, file);
  if (options.program !== undefined)
    results.push(await measure(options.program, alone, copied(options.program)));
  else if (withoutGo === undefined) {
    const [one, many] = [await buildGoPlugins(), await buildGoExample()];
    results.push(await measure("Go, one log a call", alone, copied(one.file("my-enricher"))));
    results.push(await measure("Go, many logs a call", together, copied(many.file("my-enricher"))));
    one.remove();
    many.remove();
  } else console.error(`Without the plugins in Go: ${withoutGo}`);
  const self = fileURLToPath(import.meta.url);
  const node = `exec ${process.execPath} --conditions=@vedette/source --disable-warning=ExperimentalWarning`;
  results.push(
    await measure("TypeScript, many logs a call", together, (file) => {
      writeFileSync(file, `#!/bin/sh\n${node} ${self} --serve\n`);
      chmodSync(file, 0o755);
    }),
  );
  console.log(JSON.stringify({ cpus: cpus().length, load: loadavg().map(round), bytes: raw.length }));
  console.table(results);
}
