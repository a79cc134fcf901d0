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
let runs = 0;
let kept = 0;
let told = 0;
/** A sign of life, once a second at most. */
const tell = (): void => {
  if (performance.now() - told < 1_000) return;
  told = performance.now();
  parentPort?.postMessage({ runs, kept, pool: pool.length, blocks: coverage.blocks });
};
/** Asking for coverage costs more than most inputs, so it is asked for many at a time. */
const together = 25;

/** Runs inputs, and gives those of them that reached something new, each asked for by itself. */
async function novel(inputs: readonly Buffer[]): Promise<Buffer[]> {
  for (const input of inputs) await attempt(input);
  if ((await coverage.fresh()).size === 0) return [];
  const found: Buffer[] = [];
  for (const input of inputs) {
    await attempt(input);
    const fresh = await coverage.fresh();
    if (fresh.size > 0) found.push(input);
    coverage.note(fresh);
    tell();
  }
  return found;
}

const given = [...target.seeds(), ...corpusOf(name)];
for (let from = 0; from < given.length; from += together)
  pool.push(...(await novel(given.slice(from, from + together))));
if (pool.length === 0) pool.push(...given.slice(0, 1));
const end = performance.now() + seconds * 1_000;
while (performance.now() < end) {
  const inputs = Array.from({ length: together }, () => {
    const [parent, other] = [pool[random(pool.length)] as Buffer, pool[random(pool.length)] as Buffer];
    return mutate(parent, random, other, target.words);
  });
  for (const input of await novel(inputs)) {
    pool.push(input);
    if (keep(name, input)) kept++;
  }
  runs += inputs.length;
  tell();
}
await target.close?.();
parentPort?.postMessage({ runs, kept, pool: pool.length, blocks: coverage.blocks, done: true });
