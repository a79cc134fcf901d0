/**
 * Parsing plugins over sockets: events a second through a pipeline with a `dynamic` step, 1,024 under way, and the CPU time of
 * both sides. The plugin is a process of its own. In Go, built with what stands in for the SDK, one log a call as the original
 * protocol has it; in Go and in TypeScript with our service for many. With `--program FILE` another plugin called my-enricher.
 * Each plugin is measured for so many seconds, in rounds, of which the best and the middle one are told as they come; a plugin that
 * does not answer is given up and named. On a busy machine look at the CPU times.
 * Run: node --conditions=@vedette/source benchmarks/pipeline/socket-plugins.ts [--seconds 10] [--only go-one|go-many|ts-many]
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
import { type Logger, messageOf, systemClock } from "@vedette/sdk";
import { buildGoExample, buildGoPlugins, type GoPlugins, usageOf, withoutGo } from "@vedette/testkit";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    only: { type: "string" },
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
  readonly rounds: number;
  readonly best: number;
  readonly median: number;
  readonly hostMicros: number;
  readonly pluginMicros: number;
}

const seconds = Number(options.seconds);
const rounds = 5;
/** What building, starting and giving up may take. */
const patienceMs = 60_000;

/** Runs a plugin's program and events through it, in rounds. */
async function measure(plugin: string, install: (file: string) => void): Promise<Result> {
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
    /** Puts events through until the time is over; gives their number. */
    const run = async (ms: number): Promise<number> => {
      const end = performance.now() + ms;
      let done = 0;
      const lane = async (): Promise<void> => {
        while (performance.now() < end) {
          const drafts = await within(
            program.run(Array.from({ length: group }, (_, n) => logOf(done + n))),
            `${plugin} did not answer`,
          );
          for (const { root, errors } of drafts)
            if (errors.length > 0 || root["log"] === undefined)
              throw new Error(`An event came back wrong: ${errors.join()}`);
          done += drafts.length;
        }
      };
      await Promise.all(Array.from({ length: underWay / group }, lane));
      return done;
    };
    await run((seconds * 1_000) / rounds);
    const pid = Number(host.pids["my-enricher"]);
    const speeds: number[] = [];
    const total = { events: 0, host: 0, plugin: 0 };
    for (let round = 0; round < rounds; round++) {
      const [own, its, began] = [process.cpuUsage(), usageOf(pid).cpuSeconds, performance.now()];
      const events = await run((seconds * 1_000) / rounds);
      const { user, system } = process.cpuUsage(own);
      speeds.push(Math.round((events * 1_000) / (performance.now() - began)));
      total.events += events;
      total.host += user + system;
      total.plugin += (usageOf(pid).cpuSeconds - its) * 1e6;
    }
    speeds.sort((one, other) => other - one);
    return {
      ...{ plugin, events: total.events, rounds, best: speeds[0]!, median: speeds[rounds >> 1]! },
      hostMicros: round(total.host / total.events),
      pluginMicros: round(total.plugin / total.events),
    };
  } finally {
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function within<T>(work: Promise<T>, why: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${why} within ${patienceMs / 1_000} s.`)), patienceMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const round = (value: number): number => Math.round(value * 100) / 100;

if (options.serve) {
  await serveParsing("my-enricher", (log) => {
    log["log"] = { ...(log["log"] as object | undefined), custom_status: "processed_by_plugin" };
    return log;
  });
} else {
  const results: Result[] = [];
  const wanted = (name: string): boolean => options.only === undefined || options.only === name;
  const take = async (plugin: string, install: (file: string) => void): Promise<void> => {
    try {
      const result = await measure(plugin, install);
      results.push(result);
      console.error(JSON.stringify(result));
    } catch (error) {
      console.error(`${plugin}: ${messageOf(error)}`);
      process.exitCode = 1;
    }
  };
  const built = async (what: string, build: () => Promise<GoPlugins>): Promise<void> => {
    if (withoutGo !== undefined) {
      console.error(`Without ${what}: ${withoutGo}`);
      return;
    }
    console.error(`Building: ${what}`);
    const plugins = await build();
    await take(what, (file) => copyFileSync(plugins.file("my-enricher"), file));
    plugins.remove();
  };
  const { program } = options;
  if (program !== undefined) await take(program, (file) => copyFileSync(program, file));
  else {
    if (wanted("go-one")) await built("Go, one log a call", () => buildGoPlugins());
    if (wanted("go-many")) await built("Go, many logs a call", buildGoExample);
    const self = fileURLToPath(import.meta.url);
    const node = `exec ${process.execPath} --conditions=@vedette/source --disable-warning=ExperimentalWarning`;
    if (wanted("ts-many"))
      await take("TypeScript, many logs a call", (file) => {
        writeFileSync(file, `#!/bin/sh\n${node} ${self} --serve\n`);
        chmodSync(file, 0o755);
      });
  }
  console.log(JSON.stringify({ cpus: cpus().length, load: loadavg().map(round), bytes: raw.length }));
  console.table(results);
  process.exit();
}
