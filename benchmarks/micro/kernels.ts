/**
 * Each kernel on an agent's way of bytes against its twin in plain TypeScript: nanoseconds a line or a row, the best of several rounds.
 * Run: node --conditions=@vedette/source benchmarks/micro/kernels.ts
 */
import { gatherings, type Lines, linesOf } from "@vedette/core/kernels";
import { seeded } from "@vedette/testkit";
import { accessLog } from "../pipeline/access-log.ts";

const rounds = 40;
const bytes = Buffer.from(accessLog(5_000, seeded(1)), "latin1");

function best(count: number, work: () => void): string {
  let nanoseconds = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    work();
    nanoseconds = Math.min(nanoseconds, Number(process.hrtime.bigint() - start) / count);
  }
  return nanoseconds.toFixed(1).padStart(6);
}

function openLines(isPlain: boolean): Lines {
  if (isPlain) process.env["VEDETTE_KERNELS"] = "js";
  const lines = linesOf(bytes.length);
  delete process.env["VEDETTE_KERNELS"];
  lines.buffer.set(bytes);
  return lines;
}

const kernel = openLines(false);
const plain = openLines(true);
const eachSplit = (lines: Lines, work: (count: number) => void): void => {
  for (let from = 0; from < bytes.length; from += lines.consumed) work(lines.split(from, bytes.length));
};
const sink = Buffer.alloc(4 << 20);
let at = 0;
const keep = (part: Uint8Array): void => {
  sink.set(part, at);
  at += part.length;
};

console.log("ns a row               WebAssembly   plain");
const report = (name: string, work: (lines: Lines) => void): void =>
  console.log(`${name.padEnd(24)} ${best(5_000, () => work(kernel))}  ${best(5_000, () => work(plain))}`);
report("split", (lines) => eachSplit(lines, () => {}));
report("split and pieces", (lines) =>
  eachSplit(lines, (count) => {
    at = 0;
    lines.pieces(0, count, keep);
  }),
);

const agents = Array.from({ length: 20 }, (_, i) => `Mozilla/5.0 (X11; Linux x86_64; rv:14${i}.0) Firefox`);
const ends = Uint32Array.from([0, ...agents].map((_, i) => agents.slice(0, i).join("").length));
const keys = { bytes: Buffer.from(agents.join("")), ends };
const codes = Uint32Array.from({ length: 10_000 }, (_, i) => (i * 7) % 20);
const [first, second] = gatherings().map((gather) =>
  best(codes.length, () => {
    at = 0;
    gather(keys, codes, keep);
  }),
);
console.log(`${"gather, 50 bytes a row".padEnd(24)} ${first}  ${second}`);
