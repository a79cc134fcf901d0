/**
 * Fuzzes what takes bytes from outside, one target after the other, guided by coverage, for a bounded time.
 * Run: node --conditions=@vedette/source tests/fuzz/run.ts [--seconds 600] [--seed 1] [target ...]
 * Inputs that reached something new are kept in corpus/, which CI replays; an input that broke something is written there
 * as finding-* and ends the run with exit code 1.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { keepFinding } from "./corpus.ts";
import { maxInputBytes } from "./target.ts";
import { targets } from "./targets/index.ts";

interface Progress {
  readonly runs: number;
  readonly kept: number;
  readonly pool: number;
  readonly blocks: number;
  readonly done?: true;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "600" }, seed: { type: "string", default: "1" } },
});
const names = positionals.length > 0 ? positionals : Object.keys(targets);
const seconds = Number(values.seconds) / names.length;
/** Without a sign of life for this long an input hangs. */
const patienceMs = 20_000;

for (const name of names) {
  const shared = new SharedArrayBuffer(4 + maxInputBytes);
  const root = new URL("../../", import.meta.url).href;
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { name, seed: Number(values.seed), seconds, root, shared },
  });
  const atWork = (): Buffer => {
    const bytes = Buffer.from(shared);
    return Buffer.from(bytes.subarray(4, 4 + bytes.readUInt32LE(0)));
  };
  const outcome = await new Promise<{ readonly last: Progress | undefined; readonly failure?: string }>(
    (resolve) => {
      let last: Progress | undefined;
      let seen = performance.now();
      let told = 0;
      const watch = setInterval(() => {
        if (performance.now() - seen > patienceMs)
          settle(`An input did not end within ${patienceMs / 1_000} s.`);
      }, 500);
      const settle = (failure?: string): void => {
        clearInterval(watch);
        resolve(failure === undefined ? { last } : { last, failure });
      };
      worker.on("message", (progress: Progress) => {
        last = progress;
        seen = performance.now();
        if (progress.done) settle();
        else if (performance.now() - told > 15_000) {
          told = performance.now();
          process.stderr.write(
            `${name}: ${progress.runs} inputs, ${progress.blocks} blocks, ${progress.kept} kept\n`,
          );
        }
      });
      worker.on("error", (error) => settle(error.stack ?? error.message));
    },
  );
  await worker.terminate();
  const { last, failure } = outcome;
  console.log(
    `${name}: ${last?.runs ?? 0} inputs, ${last?.blocks ?? 0} blocks reached, ${last?.kept ?? 0} inputs kept`,
  );
  if (failure === undefined) continue;
  console.log(`${name}: FOUND ${keepFinding(name, atWork())}\n${failure}`);
  process.exitCode = 1;
}
