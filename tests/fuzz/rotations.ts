/**
 * Writes numbered lines and rotates their file in every way, in random order and faster than anyone can look, while the state of
 * the file input cannot be written at times and the input dies at times. Each line must be handed on once.
 *
 * Run: node --conditions=@vedette/source tests/fuzz/rotations.ts [--seed 1] [--runs 100]
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { NumberedLog, pause, rotationKinds, seeded } from "@vedette/testkit";
import { FileBench } from "../../agent/src/testing/file-bench.ts";

/** `remove` takes away what nobody may have read. */
const kinds = rotationKinds.filter((kind) => kind !== "remove");
/** What is there before anything happens, so that later files are not taken for older than the first start. */
const settled = 30;

/** An input that dies as by SIGKILL, on a disk that is full at times. */
class Rotated {
  readonly bench = new FileBench();
  readonly log = new NumberedLog(this.bench.dir);
  readonly random: (below: number) => number;
  /** How many of the lines handed on are safe for good. */
  #durable = 0;
  #isUp = false;
  #full: PromiseWithResolvers<void> | undefined;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  get #records(): string {
    return this.bench.path("files.json");
  }

  async start(): Promise<void> {
    if (this.#isUp) return;
    this.#isUp = true;
    const settings = { include: [this.bench.path("app.log*")], closeAfterMs: 100 + this.random(200) };
    await this.bench.start(settings, () => this.#full?.promise);
  }

  /** Only what was in the spool counts afterwards, and the records of files are as they were last written. */
  async kill(): Promise<void> {
    if (!this.#isUp) return;
    this.#isUp = false;
    const records = existsSync(this.#records) ? readFileSync(this.#records) : undefined;
    const { logs } = this.bench;
    const safe = (this.#full ? logs.length - 1 : logs.length) - this.random(3) * this.random(400);
    this.#durable = Math.max(this.#durable, safe);
    const kept = new Set(logs.slice(0, this.#durable));
    const stopped = this.bench.stop((log) => kept.has(log));
    this.#full?.resolve();
    await stopped;
    logs.length = this.#durable;
    if (records) writeFileSync(this.#records, records);
    else rmSync(this.#records, { force: true });
    if (this.#full) this.#full = Promise.withResolvers();
  }

  /** Takes the room from the records and the spool. A folder stands where the new records would be written. */
  async fill(): Promise<void> {
    for (;;) {
      try {
        mkdirSync(`${this.#records}.tmp`);
        this.#full = Promise.withResolvers();
        return;
      } catch {
        await pause(1);
      }
    }
  }

  empty(): void {
    rmSync(`${this.#records}.tmp`, { recursive: true, force: true });
    this.#full?.resolve();
    this.#full = undefined;
  }

  /** Does something by chance. Gives its name. */
  async step(): Promise<string> {
    const { random, log } = this;
    const what = random(20);
    if (what < 7) {
      const count = 20 + random(300);
      log.append(count);
      return `append ${count}`;
    }
    if (what < 13) {
      const kind = kinds[random(kinds.length)]!;
      log.rotate(kind);
      return kind;
    }
    if (what < 14) return this.kill().then(() => "kill");
    if (what < 16) return this.start().then(() => "start");
    if (what < 17 && this.#full) {
      this.empty();
      return "room";
    }
    if (what < 17) return this.fill().then(() => "full");
    const ms = random(5) === 0 ? random(200) : random(30);
    return pause(ms).then(() => `pause ${ms}`);
  }

  /** What is wrong after a random run; undefined where nothing is. */
  async run(): Promise<string | undefined> {
    const { bench, log, random } = this;
    log.append(settled);
    await this.start();
    await this.#arrive(settled);
    const trace: string[] = [];
    for (let left = 30 + random(60); left > 0; left--) trace.push(await this.step());
    this.empty();
    await this.start();
    await this.#arrive(log.written);
    // Whatever would come twice gets the time to come.
    await pause(150);
    const distinct = new Set(bench.raws).size;
    const twice = bench.raws.length - distinct;
    await bench.close();
    if (distinct === log.written && twice === 0) return undefined;
    return `${log.written - distinct} lines are missing, ${twice} came twice after: ${trace.join(", ")}`;
  }

  async #arrive(count: number): Promise<void> {
    const end = performance.now() + 20_000;
    while (new Set(this.bench.raws).size < count && performance.now() < end) await pause(20);
  }
}

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, runs: { type: "string", default: "100" } },
});
const first = Number(values.seed);
let findings = 0;
for (let seed = first; seed < first + Number(values.runs); seed++) {
  const finding = await new Rotated(seed).run();
  if (finding === undefined) continue;
  findings++;
  console.log(`Seed ${seed}: ${finding}`);
}
console.log(`${values.runs} runs, ${findings} findings.`);
process.exitCode = findings === 0 ? 0 : 1;
