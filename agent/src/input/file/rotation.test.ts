import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
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

const line = (i: number): string =>
  `Zeile ${String(i).padStart(7, "0")} – größer als 64 Bytes, damit der Kopf zählt: ü€😀`;
const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => line(from + i));
const text = (from: number, to: number): string =>
  lines(from, to)
    .map((each) => `${each}\n`)
    .join("");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Every line exactly once, whatever the order of files. */
async function arriveOnce(from: number, to: number): Promise<void> {
  await until(
    `lines ${from} to ${to}, got ${bench.raws.length}`,
    () => new Set(bench.raws).size >= to - from,
  ).catch(() => undefined);
  await pause(60);
  const counts = new Map<string, number>();
  for (const raw of bench.raws) counts.set(raw, (counts.get(raw) ?? 0) + 1);
  expect(
    lines(from, to)
      .filter((each) => !counts.has(each))
      .slice(0, 5),
    "missing",
  ).toEqual([]);
  expect([...counts].filter(([, count]) => count > 1).slice(0, 5), "doubled").toEqual([]);
  expect(counts.size).toBe(to - from);
}

const log = () => bench.path("a.log");

/** a.log.2 → a.log.3, a.log.1 → a.log.2, a.log → a.log.1, as logrotate does. */
function shift(keep: number): void {
  for (let i = keep; i >= 1; i--) {
    if (existsSync(`${log()}.${i}`)) renameSync(`${log()}.${i}`, `${log()}.${i + 1}`);
  }
  renameSync(log(), `${log()}.1`);
}

describe("rotation by renaming", () => {
  it.each([
    { name: "pattern a.log", include: "a.log" },
    { name: "pattern a.log* that also names the rotated files", include: "a.log*" },
  ])("loses and doubles nothing in 50 rotations in quick succession ($name)", async ({ include }) => {
    writeFileSync(log(), "");
    await bench.start({ include: [bench.path(include)] });
    let next = 0;
    for (let rotation = 0; rotation < 50; rotation++) {
      appendFileSync(log(), text(next, next + 40));
      next += 40;
      shift(60);
      writeFileSync(log(), text(next, next + 3));
      next += 3;
      if (rotation % 5 === 0) await pause(15);
    }
    await arriveOnce(0, next);
  });

  it("reads what is written into the old file after it was renamed", async () => {
    writeFileSync(log(), text(0, 5));
    await bench.start();
    await until("the first lines", () => bench.raws.length === 5);
    const writer = openSync(log(), "a");
    renameSync(log(), bench.path("a.log-20260102"));
    writeSync(writer, text(5, 10));
    await pause(30);
    writeFileSync(log(), text(10, 12));
    writeSync(writer, text(12, 20));
    closeSync(writer);
    await arriveOnce(0, 20);
  });

  it("waits for a new file that comes late", async () => {
    writeFileSync(log(), text(0, 5));
    await bench.start();
    await until("the first lines", () => bench.raws.length === 5);
    renameSync(log(), `${log()}.1`);
    await pause(200);
    writeFileSync(log(), text(5, 10));
    await arriveOnce(0, 10);
  });

  it("takes a last line without end when the rotated file stays quiet", async () => {
    writeFileSync(log(), `${text(0, 2)}${line(2)}`);
    await bench.start();
    await until("the whole lines", () => bench.raws.length === 2);
    renameSync(log(), `${log()}.1`);
    writeFileSync(log(), text(3, 4));
    await arriveOnce(0, 4);
    expect(bench.metrics.rotations.total({ kind: "renamed" })).toBe(1);
  });

  it("does not read rotated files from before its time, compressed ones, or logs of another name", async () => {
    writeFileSync(`${log()}.1`, text(900, 910));
    await pause(20);
    writeFileSync(log(), text(0, 5));
    await bench.start({ include: [log()] });
    await until("the first lines", () => bench.raws.length === 5);
    writeFileSync(bench.path("a-2.log"), text(800, 805));
    renameSync(`${log()}.1`, `${log()}.2`);
    renameSync(log(), `${log()}.1`);
    writeFileSync(log(), text(5, 8));
    writeFileSync(`${log()}.2.gz`, gzipSync(text(900, 910)));
    await arriveOnce(0, 8);
  });

  it("reads the end of a rotated file while no new file has come, also after a restart", async () => {
    writeFileSync(log(), text(0, 5));
    await bench.start();
    await until("the first lines", () => bench.raws.length === 5);
    await bench.stop();
    appendFileSync(log(), text(5, 9));
    renameSync(log(), `${log()}.1`);
    await bench.start();
    await arriveOnce(0, 9);
  });

  it("reads a deleted file to its end", async () => {
    writeFileSync(log(), text(0, 5));
    await bench.start();
    await until("the first lines", () => bench.raws.length === 5);
    const writer = openSync(log(), "a");
    rmSync(log());
    writeSync(writer, text(5, 9));
    closeSync(writer);
    await arriveOnce(0, 9);
    writeFileSync(log(), text(9, 12));
    await arriveOnce(0, 12);
    expect(bench.metrics.rotations.total({ kind: "gone" })).toBe(1);
  });

  it("does not lose lines to restarts between rotations", async () => {
    writeFileSync(log(), "");
    let next = 0;
    for (let round = 0; round < 8; round++) {
      await bench.start({ include: [log()] });
      for (let rotation = 0; rotation < 3; rotation++) {
        appendFileSync(log(), text(next, next + 20));
        next += 20;
        await pause(5);
        shift(60);
        writeFileSync(log(), "");
      }
      appendFileSync(log(), text(next, next + 5));
      next += 5;
      await bench.stop();
    }
    await bench.start({ include: [log()] });
    await arriveOnce(0, next);
  });
});

describe("rotation by copying and truncating", () => {
  it.each(["a.log", "a.log*"])("takes what was not read yet from the copy (pattern %s)", async (include) => {
    writeFileSync(log(), text(0, 5));
    await bench.start({ include: [bench.path(include)] });
    let next = 5;
    for (let rotation = 1; rotation <= 20; rotation++) {
      appendFileSync(log(), text(next, next + 200));
      next += 200;
      copyFileSync(log(), `${log()}.${rotation}`);
      truncateSync(log(), 0);
      // More than before: the file's size alone does not show that it was truncated.
      if (rotation % 2 === 0) {
        appendFileSync(log(), text(next, next + 300));
        next += 300;
      }
      // The first time it surely sees the file shorter than what it read; later, whatever it comes upon.
      const seen = () => bench.metrics.rotations.total({ kind: "truncated" }) > 0;
      if (rotation === 1) await until("it is seen", seen);
      else await pause(rotation % 3 === 0 ? 25 : 2);
    }
    await arriveOnce(0, next);
  });

  it("finds the copy after a restart also where the original is gone", async () => {
    writeFileSync(log(), text(0, 50));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 50);
    await bench.stop();
    appendFileSync(log(), text(50, 100));
    copyFileSync(log(), `${log()}.1`);
    truncateSync(log(), 0);
    renameSync(log(), bench.path("old"));
    writeFileSync(log(), text(100, 103));
    rmSync(bench.path("old"));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 103);
  });

  it("finds the copy after a restart", async () => {
    writeFileSync(log(), text(0, 50));
    await bench.start({ include: [log()] });
    await until("the first lines", () => bench.raws.length === 50);
    await bench.stop();
    appendFileSync(log(), text(50, 70));
    copyFileSync(log(), `${log()}.1`);
    writeFileSync(log(), text(70, 300));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 300);
  });

  it.each(["a.log", "a.log*"])(
    "reads once what was renamed before anyone saw it truncated (pattern %s)",
    async (include) => {
      writeFileSync(log(), text(0, 50));
      await bench.start({ include: [bench.path(include)] });
      await arriveOnce(0, 50);
      copyFileSync(log(), `${log()}.1`);
      truncateSync(log(), 0);
      appendFileSync(log(), text(50, 150));
      renameSync(log(), `${log()}-20260102`);
      writeFileSync(log(), text(150, 153));
      await arriveOnce(0, 153);
    },
  );

  it("skips the hole that a writer with its own offset leaves", async () => {
    const writer = openSync(log(), "w");
    writeSync(writer, text(0, 50));
    await bench.start();
    await until("the first lines", () => bench.raws.length === 50);
    truncateSync(log(), 0);
    writeSync(writer, text(50, 60));
    closeSync(writer);
    expect(readFileSync(log())[0]).toBe(0);
    await arriveOnce(0, 60);
  });
});
