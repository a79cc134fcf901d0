/** Fuzzes one target in a thread of its own, so that a hang can be seen and ended from outside. */
import { parentPort, workerData } from "node:worker_threads";
import { seeded } from "@vedette/testkit";
import { corpusOf, keep } from "./corpus.ts";
import { Coverage } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import { targets } from "./targets/index.ts";

interface Work {
  readonly name: string;
  readonly seed: number;
  readonly seconds: number;
  /** URL of the checkout. */
  readonly root: string;
  /** The input at work: its length in the first four bytes. What is left here after a hang is the finding. */
  readonly shared: SharedArrayBuffer;
}

const { name, seed, seconds, root, shared } = workerData as Work;
const random = seeded(seed);
const coverage = await Coverage.start(root);
const target = await targets[name]?.();
if (!target) throw new Error(`There is no target ${name}.`);
const stage = Buffer.from(shared);

const attempt = async (input: Buffer): Promise<void> => {
  stage.writeUInt32LE(input.length, 0);
  input.copy(stage, 4);
  await target.run(Buffer.from(input));
};

const pool: Buffer[] = [];
for (const input of [...target.seeds(), ...corpusOf(name)]) {
  await attempt(input);
  if ((await coverage.fresh()) > 0 || pool.length === 0) pool.push(input);
}
const end = performance.now() + seconds * 1_000;
let runs = 0;
let kept = 0;
for (let told = 0; performance.now() < end; runs++) {
  const parent = pool[random(pool.length)] as Buffer;
  const input = mutate(parent, random, pool[random(pool.length)] as Buffer, target.words);
  await attempt(input);
  if ((await coverage.fresh()) > 0) {
    pool.push(input);
    if (keep(name, input)) kept++;
  }
  if (performance.now() - told > 1_000) {
    told = performance.now();
    parentPort?.postMessage({ runs, kept, pool: pool.length, blocks: coverage.blocks });
  }
}
await target.close?.();
parentPort?.postMessage({ runs, kept, pool: pool.length, blocks: coverage.blocks, done: true });
