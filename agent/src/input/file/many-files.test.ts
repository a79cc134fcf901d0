import { appendFileSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileBench } from "../../testing/file-bench.ts";
import { until } from "../../testing/until.ts";
import { descriptorLimit } from "./descriptors.ts";

let bench: FileBench;
beforeEach(() => {
  bench = new FileBench();
});
afterEach(() => bench.close());

const arrived = (raws: readonly string[]) =>
  until(`${raws.length} lines, got ${bench.raws.length}`, () => bench.raws.length >= raws.length).then(() =>
    expect(bench.raws.toSorted()).toEqual(raws.toSorted()),
  );
const held = (): number => readdirSync("/proc/self/fd").length;

describe("more files than may be open", () => {
  it("are all read on, with those open that are written to", async () => {
    const written: string[] = [];
    const write = (file: number, line: number): void => {
      const text = `file ${file} line ${line}`;
      written.push(text);
      appendFileSync(bench.path(`${file}.log`), `${text}\n`);
    };
    const before = held();
    for (let file = 0; file < 100; file++) write(file, 0);
    await bench.start({ maxOpenFiles: 16 });
    await arrived(written);
    for (let line = 1; line <= 3; line++) {
      for (let file = 0; file < 100; file++) write(file, line);
      await arrived(written);
    }
    expect(held() - before).toBeLessThan(16 + 30);
    // Renamed while closed, with a line that nobody has read.
    write(5, 4);
    renameSync(bench.path("5.log"), bench.path("5.log.1"));
    write(5, 5);
    await arrived(written);
    await bench.stop();
    for (let file = 0; file < 100; file += 7) write(file, 6);
    await bench.start({ maxOpenFiles: 16 });
    await arrived(written);
  });

  it("are known by the process's own limit", () => {
    expect(descriptorLimit()).toBeGreaterThan(64);
    const limits = bench.path("limits");
    writeFileSync(
      limits,
      "Limit  Soft Limit  Hard Limit  Units\nMax open files            512                  4096   files\n",
    );
    expect(descriptorLimit(limits)).toBe(512);
    expect(descriptorLimit(bench.path("none"))).toBe(1_024);
  });
});

describe("more folders than may be watched", () => {
  it("are read by polling", async () => {
    const written: string[] = [];
    const write = (folder: number, line: number): void => {
      const text = `folder ${folder} line ${line}`;
      written.push(text);
      appendFileSync(bench.path(`d${folder}`, "a.log"), `${text}\n`);
    };
    for (let folder = 0; folder < 600; folder++) mkdirSync(bench.path(`d${folder}`));
    for (let folder = 0; folder < 600; folder++) write(folder, 0);
    await bench.start({ include: [join(bench.dir, "d*", "*.log")] });
    await arrived(written);
    for (let folder = 0; folder < 600; folder += 3) write(folder, 1);
    await arrived(written);
  });
});
