/**
 * The kernels that look into columns, beside their plain twins: nanoseconds of CPU per value. 100 literals in 10,000
 * URLs that all differ, and equal values among 10,000 user agents.
 * Run: node --conditions=@vedette/source benchmarks/micro/needles.ts
 */
import { distinctValues, type Haystack, type Needle, needleSearch } from "@vedette/core/kernels";
import { plainDistinct } from "../../core/src/kernels/distinct-js.ts";

const count = 10_000;

function haystack(text: (value: number) => string): Haystack {
  const values = Array.from({ length: count }, (_, i) => Buffer.from(text(i)));
  const bounds = new Uint32Array(count * 2);
  let at = 0;
  for (const [i, value] of values.entries()) {
    bounds[i * 2] = at;
    at += value.length;
    bounds[i * 2 + 1] = at;
  }
  return { bytes: Buffer.concat(values), bounds, count };
}

const needles = Array.from(
  { length: 100 },
  (_, i): Needle => ({ text: `/attack${i}-${(i * 7919) % 97}`, anchor: "anywhere", fold: i % 2 === 0 }),
);
const urls = haystack((i) => `/shop/item/${i % 2_000}?ref=${(i * 2_654_435_761) % 100_003}`);
const agents = haystack(
  (i) => `Mozilla/5.0 (X11; Linux x86_64; rv:${i % 40}.0) Gecko/20100101 Firefox/${i % 40}.0`,
);

function measure(name: string, work: () => void): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < 10; i++) work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1_000) / (10 * count));
  }
  console.log(`${name.padEnd(34)} ${best.toFixed(0).padStart(5)} ns/value`);
}

for (const kernels of [true, false]) {
  const search = needleSearch(needles, kernels);
  measure(`100 needles, ${kernels ? "kernel" : "plain twin"}`, () => search.run(urls, () => {}));
}
measure("equal values, kernel", () => distinctValues(agents, count));
measure("equal values, plain twin", () => plainDistinct(agents, count));
