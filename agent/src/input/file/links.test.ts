import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileBench } from "../../testing/file-bench.ts";
import { until } from "../../testing/until.ts";

let bench: FileBench;
beforeEach(() => {
  bench = new FileBench();
});
afterEach(() => bench.close());

const text = (from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, i) => `line ${from + i} of a container that says a lot, at length\n`,
  ).join("");
async function arriveOnce(to: number): Promise<void> {
  await until(`${to} lines, got ${bench.raws.length}`, () => bench.raws.length >= to);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(bench.raws.toSorted()).toEqual(text(0, to).trimEnd().split("\n").toSorted());
}

describe("links to logs, as Kubernetes makes them", () => {
  const pod = (name: string) => bench.path("pods", "web", name);
  const link = () => bench.path("containers", "web.log");
  beforeEach(() => {
    mkdirSync(bench.path("pods", "web"), { recursive: true });
    mkdirSync(bench.path("containers"));
    writeFileSync(pod("0.log"), text(0, 10));
    symlinkSync(pod("0.log"), link());
  });
  const start = () => bench.start({ include: [bench.path("containers", "*.log")] });

  it("are followed through rotation beside the file, compression and restarts", async () => {
    await start();
    await arriveOnce(10);
    appendFileSync(pod("0.log"), text(10, 20));
    await arriveOnce(20);
    await bench.stop();
    appendFileSync(pod("0.log"), text(20, 30));
    renameSync(pod("0.log"), pod("0.log.20260102-030405"));
    writeFileSync(pod("0.log"), text(30, 40));
    await start();
    await arriveOnce(40);
    await bench.stop();
    appendFileSync(pod("0.log"), text(40, 900));
    renameSync(pod("0.log"), pod("x"));
    writeFileSync(pod("0.log.20260102-040506.gz"), gzipSync(readFileSync(pod("x"))));
    rmSync(pod("x"));
    writeFileSync(pod("0.log"), text(900, 910));
    await start();
    await arriveOnce(910);
  });

  it("are followed when they are led elsewhere, and the old file is read to its end", async () => {
    await start();
    await arriveOnce(10);
    writeFileSync(pod("1.log"), text(10, 15));
    rmSync(link());
    symlinkSync(pod("1.log"), link());
    appendFileSync(pod("0.log"), text(15, 20));
    await arriveOnce(20);
    appendFileSync(pod("1.log"), text(20, 25));
    await arriveOnce(25);
  });
});

describe("names and inodes that are used again", () => {
  it("are told apart: deleted and made anew in quick succession", async () => {
    await bench.start();
    const inodes = new Set<string>();
    for (let round = 0; round < 30; round++) {
      // The same first bytes and the same length each time, as rotated logs with a header have them.
      writeFileSync(bench.path("a.log"), text(round * 2, round * 2 + 2));
      await until(`round ${round}`, () => bench.raws.length === round * 2 + 2);
      rmSync(bench.path("a.log"));
    }
    await arriveOnce(60);
    for (const { position } of bench.logs) inodes.add(position.source);
    expect(inodes.size).toBe(30);
  });

  it("are told apart after a restart", async () => {
    writeFileSync(bench.path("a.log"), text(0, 5));
    await bench.start();
    await arriveOnce(5);
    await bench.stop();
    rmSync(bench.path("a.log"));
    // Most file systems give the number of the inode anew at once.
    for (let i = 0; i < 5; i++) writeFileSync(bench.path(`${i}.tmp`), "");
    for (let i = 0; i < 5; i++) rmSync(bench.path(`${i}.tmp`));
    writeFileSync(bench.path("a.log"), text(5, 20));
    await bench.start();
    await arriveOnce(20);
  });
});
