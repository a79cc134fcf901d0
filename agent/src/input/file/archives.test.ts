import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { mostHeldDuring } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileBench } from "../../testing/file-bench.ts";
import { until } from "../../testing/until.ts";

let bench: FileBench;
beforeEach(() => {
  bench = new FileBench();
});
afterEach(() => bench.close());

const line = (i: number): string => `Zeile ${String(i).padStart(7, "0")} – mit ü€😀 und etwas Länge`;
const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => line(from + i));
const text = (from: number, to: number): string =>
  lines(from, to)
    .map((each) => `${each}\n`)
    .join("");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const log = () => bench.path("a.log");

const fileRecords = (): string =>
  existsSync(bench.path("files.json")) ? readFileSync(bench.path("files.json"), "utf8") : "";

async function arriveOnce(from: number, to: number): Promise<void> {
  await until(
    `lines ${from} to ${to}, got ${bench.raws.length}`,
    () => new Set(bench.raws).size >= to - from,
  ).catch(() => undefined);
  await pause(80);
  expect(bench.raws.toSorted()).toEqual(lines(from, to));
}

/** As logrotate and gzip do it: a new file with the time of the old one, which is then removed. */
function compress(from: string, to: string, pack: (bytes: Buffer) => Buffer): void {
  const { atime, mtime } = statSync(from);
  writeFileSync(to, pack(readFileSync(from)));
  utimesSync(to, atime, mtime);
  rmSync(from);
}
const members = (bytes: Buffer): Buffer => {
  const cut = Math.floor(bytes.length / 3);
  return Buffer.concat([gzipSync(bytes.subarray(0, cut)), gzipSync(bytes.subarray(cut))]);
};
const frames = (bytes: Buffer): Buffer => {
  const cut = Math.floor(bytes.length / 2);
  return Buffer.concat([zstdCompressSync(bytes.subarray(0, cut)), zstdCompressSync(bytes.subarray(cut))]);
};

const packings = [
  { name: "gzip", ending: "gz", pack: (bytes: Buffer) => gzipSync(bytes) },
  { name: "gzip of two members", ending: "gz", pack: members },
  { name: "zstd", ending: "zst", pack: (bytes: Buffer) => zstdCompressSync(bytes) },
  { name: "zstd of two frames", ending: "zst", pack: frames },
];

describe("a file that was compressed before it was read to its end", () => {
  it.each(
    packings.flatMap((packing) =>
      ["a.log.1", "a.log-20260102", "a.log.1769990400", "a-2026010203.log"].map((rotated) => ({
        ...packing,
        rotated,
      })),
    ),
  )("is read on in the archive: $name as $rotated", async ({ ending, pack, rotated }) => {
    writeFileSync(log(), text(0, 500));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 500);
    const { source } = bench.logs[0]!.position;
    await bench.stop();
    appendFileSync(log(), text(500, 9_000));
    renameSync(log(), bench.path(rotated));
    compress(bench.path(rotated), bench.path(`${rotated}.${ending}`), pack);
    writeFileSync(log(), text(9_000, 9_010));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 9_010);
    // One source, and offsets that tile the content as if it had never been compressed.
    const own = bench.logs.filter(({ position }) => position.source === source);
    expect(own).toHaveLength(9_000);
    for (const [i, { position }] of own.entries())
      expect(position.offset).toBe(i === 0 ? 0 : own[i - 1]!.position.end);
    await bench.stop();
    await bench.start({ include: [log()] });
    await arriveOnce(0, 9_010);
  });

  it("is read again from the checkpoint after a crash, with the same ids", async () => {
    writeFileSync(log(), text(0, 3_000));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 3_000);
    const ids = new Map(bench.logs.map(({ raw, id }) => [raw, id]));
    await bench.stop(({ raw }) => raw < line(1_234));
    compress(log(), `${log()}.1.gz`, gzipSync);
    bench.logs.length = 0;
    await bench.start({ include: [log()] });
    await arriveOnce(1_234, 3_000);
    for (const { raw, id } of bench.logs) expect(id).toBe(ids.get(raw));
  });

  it("is found whichever of several archives it is, after a chain of renames", async () => {
    writeFileSync(log(), text(0, 10));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 10);
    await bench.stop();
    appendFileSync(log(), text(10, 200));
    compress(log(), `${log()}.3.gz`, gzipSync);
    // Two that began and ended while nobody looked.
    writeFileSync(bench.path("x"), text(200, 300));
    compress(bench.path("x"), `${log()}.2.gz`, gzipSync);
    writeFileSync(`${log()}.1`, text(300, 400));
    writeFileSync(log(), text(400, 500));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 500);
    renameSync(`${log()}.3.gz`, `${log()}.4.gz`);
    renameSync(`${log()}.2.gz`, `${log()}.3.gz`);
    compress(`${log()}.1`, `${log()}.2.gz`, gzipSync);
    renameSync(log(), `${log()}.1`);
    writeFileSync(log(), text(500, 510));
    await arriveOnce(0, 510);
    await bench.stop();
    await bench.start({ include: [log()] });
    await arriveOnce(0, 510);
  });

  it("is read once when it was written, renamed and compressed while its follower waited", async () => {
    writeFileSync(log(), "");
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await bench.start({ include: [bench.path("*.log")] }, () => held);
    // One line that the sink holds, so that nothing is read meanwhile.
    writeFileSync(bench.path("b.log"), `${line(0)}\n`);
    await until("it is held", () => bench.raws.length === 1);
    appendFileSync(log(), text(1, 40));
    renameSync(log(), `${log()}.1`);
    compress(`${log()}.1`, `${log()}.1.gz`, gzipSync);
    writeFileSync(log(), "");
    release();
    await arriveOnce(0, 40);
  });

  it("is read once when it was truncated, written anew, renamed and compressed while it waited for a disk", async () => {
    writeFileSync(log(), text(0, 20));
    await bench.start({ include: [bench.path("*.log")] });
    await arriveOnce(0, 20);
    // The record of files cannot be written, so that no new file is read.
    mkdirSync(bench.path("files.json.tmp"));
    renameSync(log(), `${log()}-20260101`);
    writeFileSync(log(), text(20, 60));
    const waits = (): boolean => bench.log.lines.some(({ message }) => message.includes("new files wait"));
    await until("it is found", waits);
    copyFileSync(log(), `${log()}.1`);
    truncateSync(log(), 0);
    compress(`${log()}.1`, `${log()}.1.gz`, gzipSync);
    appendFileSync(log(), text(60, 100));
    await pause(100);
    renameSync(`${log()}.1.gz`, `${log()}.2.gz`);
    renameSync(log(), `${log()}.1`);
    writeFileSync(log(), "");
    compress(`${log()}.1`, `${log()}.1.gz`, gzipSync);
    await pause(200);
    expect(bench.raws).toHaveLength(20);
    rmSync(bench.path("files.json.tmp"), { recursive: true });
    await arriveOnce(0, 100);
    await bench.stop();
    await bench.start({ include: [bench.path("*.log")] });
    await arriveOnce(0, 100);
  });

  it("is read on after copytruncate with compression", async () => {
    writeFileSync(log(), text(0, 100));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 100);
    await bench.stop();
    appendFileSync(log(), text(100, 5_000));
    copyFileSync(log(), `${log()}.1`);
    truncateSync(log(), 0);
    compress(`${log()}.1`, `${log()}.1.zst`, zstdCompressSync);
    appendFileSync(log(), text(5_000, 5_010));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 5_010);
  });

  it.each([
    { name: "renamed", rotate: () => renameSync(log(), `${log()}.1`) },
    {
      name: "copied and truncated",
      rotate: () => {
        copyFileSync(log(), `${log()}.1`);
        truncateSync(log(), 0);
      },
    },
  ])("loses and doubles nothing in 40 rotations that compress at once ($name)", async ({ rotate }) => {
    writeFileSync(log(), "");
    let next = 0;
    for (let rotation = 0; rotation < 40; rotation++) {
      if (rotation % 8 === 0) {
        await bench.stop();
        await bench.start({ include: [log()] });
      }
      appendFileSync(log(), text(next, next + 60));
      next += 60;
      for (let i = 50; i >= 1; i--)
        if (existsSync(`${log()}.${i}.gz`)) renameSync(`${log()}.${i}.gz`, `${log()}.${i + 1}.gz`);
      rotate();
      compress(`${log()}.1`, `${log()}.1.gz`, gzipSync);
      appendFileSync(log(), text(next, next + 3));
      next += 3;
      await pause(rotation % 3 === 0 ? 25 : 3);
    }
    await arriveOnce(0, next);
  });
});

describe("archives", () => {
  it("of files that were there before the first start are left alone", async () => {
    writeFileSync(`${log()}.2.gz`, gzipSync(text(800, 900)));
    writeFileSync(`${log()}.1`, text(900, 910));
    await pause(20);
    writeFileSync(log(), text(0, 5));
    await bench.start({ include: [bench.path("a.log"), bench.path("*.gz")] });
    await arriveOnce(0, 5);
    await bench.stop();
    await bench.start({ include: [bench.path("a.log"), bench.path("*.gz")] });
    await arriveOnce(0, 5);
  });

  it("that the patterns name are read once and whole with `compressed: all`", async () => {
    writeFileSync(bench.path("old-1.log.gz"), gzipSync(text(0, 5_000)));
    writeFileSync(bench.path("old-2.log.zst"), zstdCompressSync(text(5_000, 6_000)));
    writeFileSync(log(), text(6_000, 6_010));
    const settings = { include: [bench.path("*.log*")], compressed: "all" } as const;
    await bench.start(settings);
    await arriveOnce(0, 6_010);
    renameSync(log(), `${log()}.1`);
    compress(`${log()}.1`, `${log()}.1.gz`, gzipSync);
    await bench.stop();
    renameSync(bench.path("old-1.log.gz"), bench.path("older-1.log.gz"));
    await bench.start(settings);
    await arriveOnce(0, 6_010);
  });

  it("of before are passed over with `startAt: end`, later ones are read", async () => {
    writeFileSync(bench.path("old.log.gz"), gzipSync(text(900, 910)));
    const settings = { include: [bench.path("*.log*")], compressed: "all", startAt: "end" } as const;
    await bench.start(settings);
    await until("it is known", () => fileRecords().includes("archive"));
    writeFileSync(bench.path("new.log.gz"), gzipSync(text(0, 10)));
    await arriveOnce(0, 10);
    await bench.stop();
    await bench.start(settings);
    await arriveOnce(0, 10);
  });

  it.each([
    { name: "cut short", ending: "gz", damage: (bytes: Buffer) => bytes.subarray(0, bytes.length - 2_000) },
    { name: "cut short", ending: "zst", damage: (bytes: Buffer) => bytes.subarray(0, bytes.length - 2_000) },
    {
      name: "damaged in the middle",
      ending: "gz",
      damage: (bytes: Buffer) => Buffer.from(bytes).fill(0xff, bytes.length / 2),
    },
    { name: "not an archive at all", ending: "gz", damage: () => Buffer.from("no archive\n") },
    { name: "empty", ending: "zst", damage: () => Buffer.alloc(0) },
  ])("that are $name ($ending) are reported once, counted, and stop nothing", async ({ ending, damage }) => {
    writeFileSync(log(), text(0, 10));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 10);
    await bench.stop();
    appendFileSync(log(), text(10, 20_000));
    const pack = ending === "gz" ? gzipSync : zstdCompressSync;
    compress(log(), `${log()}.1.${ending}`, (bytes) => damage(pack(bytes)));
    writeFileSync(log(), text(30_000, 30_010));
    await bench.start({ include: [log()] });
    await until("it is counted", () => bench.metrics.inputErrors.total({ reason: "archive_damaged" }) > 0);
    await until("the present file is read", () => bench.raws.includes(line(30_009)));
    await pause(300);
    expect(bench.metrics.inputErrors.total({ reason: "archive_damaged" })).toBe(1);
    expect(bench.log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    // What is handed on is whole lines, in order, none twice.
    const before = bench.raws.slice(0, bench.raws.indexOf(line(30_000)) < 0 ? undefined : -10);
    expect(new Set(bench.raws).size).toBe(bench.raws.length);
    for (const raw of before) expect(raw).toMatch(/^Zeile \d{7} – mit ü€😀 und etwas Länge$/);
  });

  it("of a kind that cannot be read are refused with one warning", async () => {
    writeFileSync(log(), text(0, 5));
    await bench.start({ include: [log()] });
    await arriveOnce(0, 5);
    for (const name of ["a.log.1.xz", "a.log.2.bz2", "a.log.3.xz"]) writeFileSync(bench.path(name), "x");
    await until(
      "they are counted",
      () => bench.metrics.inputErrors.total({ reason: "archive_refused" }) === 3,
    );
    expect(bench.log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  it("do not hold up other files and take bounded memory", async () => {
    writeFileSync(log(), text(0, 10));
    writeFileSync(bench.path("b.log"), "");
    await bench.start();
    await arriveOnce(0, 10);
    await bench.stop();
    // 40 MB uncompressed, as one line that is cut.
    appendFileSync(log(), Buffer.alloc(40 * 2 ** 20, "x"));
    appendFileSync(log(), `\n${line(10)}\n`);
    compress(log(), `${log()}.1.gz`, (bytes) => gzipSync(bytes, { level: 1 }));
    const held = await mostHeldDuring(async () => {
      await bench.start({ maxLineBytes: 1_024 });
      appendFileSync(bench.path("b.log"), "beside\n");
      await until("the archive", () => bench.raws.includes(line(10)));
    });
    expect(bench.raws.indexOf("beside")).toBeLessThan(bench.raws.indexOf(line(10)));
    expect(held).toBeLessThan(20 * 2 ** 20);
  });
});
