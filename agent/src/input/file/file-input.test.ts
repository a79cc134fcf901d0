import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { mostHeldDuring } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileBench } from "../../testing/file-bench.ts";
import { until } from "../../testing/until.ts";

let bench: FileBench;
beforeEach(() => {
  bench = new FileBench();
});
afterEach(() => bench.close());

const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `zeile ${from + i} – ü€😀`);
const text = (from: number, to: number): string =>
  lines(from, to)
    .map((line) => `${line}\n`)
    .join("");
const arrived = (count: number) =>
  until(`${count} lines, got ${bench.raws.length}`, () => bench.raws.length >= count);

describe("reading", () => {
  it("reads what is there and what is appended, with offsets that tile the file", async () => {
    writeFileSync(bench.path("a.log"), text(0, 10));
    await bench.start();
    await arrived(10);
    appendFileSync(bench.path("a.log"), text(10, 20));
    await arrived(20);
    expect(bench.raws).toEqual(lines(0, 20));
    const positions = bench.logs.map(({ position }) => position);
    expect(new Set(positions.map(({ source }) => source)).size).toBe(1);
    for (const [i, { offset }] of positions.entries())
      expect(offset).toBe(i === 0 ? 0 : positions[i - 1]!.end);
    expect(new Set(bench.logs.map(({ id }) => id)).size).toBe(20);
  });

  it("joins characters and lines that were written in pieces", async () => {
    writeFileSync(bench.path("a.log"), "");
    await bench.start();
    const bytes = Buffer.from(text(0, 5));
    const fd = openSync(bench.path("a.log"), "a");
    for (let i = 0; i < bytes.length; i++) {
      writeSync(fd, bytes, i, 1);
      if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    closeSync(fd);
    await arrived(5);
    expect(bench.raws).toEqual(lines(0, 5));
  });

  it.each([
    { name: "CRLF", bytes: Buffer.from("a\r\nb\r\n"), raws: ["a", "b"] },
    { name: "empty lines", bytes: Buffer.from("\n\na\n\n\r\nb\n"), raws: ["a", "b"] },
    { name: "NUL inside", bytes: Buffer.from("a\0b\n"), raws: ["a\0b"] },
    { name: "NULs before", bytes: Buffer.from("\0\0\0a\n"), raws: ["a"] },
    { name: "latin1", bytes: Buffer.from("gr\xfcn\nrot\n", "latin1"), raws: ["gr\ufffdn", "rot"], flaws: 1 },
    {
      name: "binary",
      bytes: Buffer.from([0xff, 0xfe, 0x80, 10, 0x41, 10]),
      raws: ["\ufffd\ufffd\ufffd", "A"],
      flaws: 1,
    },
  ])("reads $name", async ({ bytes, raws, flaws = 0 }) => {
    writeFileSync(bench.path("a.log"), bytes);
    await bench.start();
    await arrived(raws.length);
    expect(bench.raws).toEqual(raws);
    expect(bench.logs.filter(({ flaw }) => flaw !== undefined)).toHaveLength(flaws);
  });

  it("does not hand on a last line before its end is written", async () => {
    writeFileSync(bench.path("a.log"), "whole\nhal");
    await bench.start();
    await arrived(1);
    appendFileSync(bench.path("a.log"), "f\n");
    await arrived(2);
    expect(bench.raws).toEqual(["whole", "half"]);
  });

  it("cuts a 100 MB line in bounded memory, flags it, and goes on behind it", async () => {
    const fd = openSync(bench.path("a.log"), "w");
    writeSync(fd, "before\n");
    const piece = Buffer.alloc(2 ** 20, "é");
    for (let i = 0; i < 100; i++) writeSync(fd, piece);
    writeSync(fd, "\nafter\n");
    closeSync(fd);
    const held = await mostHeldDuring(async () => {
      await bench.start({ maxLineBytes: 10_001 });
      await arrived(3);
    });
    expect(held).toBeLessThan(20 * 2 ** 20);
    expect(bench.raws).toEqual(["before", "é".repeat(5_000), "after"]);
    expect(bench.logs[1]).toMatchObject({ flaw: "The line was cut at 10001 bytes." });
    expect(bench.logs[1]!.position.end).toBe(bench.logs[2]!.position.offset);
    expect(bench.metrics.flaws.total({ flaw: "cut" })).toBe(1);
  });

  it("does not cut a line that just fits, whatever the size of a read", async () => {
    const fits = "x".repeat(5_000);
    writeFileSync(bench.path("a.log"), `${fits}\n${fits}\r\n${fits}y\n`);
    await bench.start({ maxLineBytes: 5_000, chunkBytes: 1_024 });
    await arrived(3);
    expect(bench.raws).toEqual([fits, fits, fits]);
    expect(bench.logs.map(({ flaw }) => flaw !== undefined)).toEqual([false, false, true]);
  });

  it("waits for the sink, and reads other files in turn", async () => {
    for (const name of ["a", "b"]) writeFileSync(bench.path(`${name}.log`), `${name}\n`.repeat(20_000));
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await bench.start({ chunkBytes: 1_024 }, () => gate);
    await arrived(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(bench.raws).toHaveLength(1);
    open();
    await arrived(40_000);
    expect(bench.raws.indexOf("b")).toBeLessThan(2_000);
  });
});

describe("what is followed", () => {
  it("finds files by patterns, later ones too, and leaves out what is excluded", async () => {
    mkdirSync(bench.path("x/y"), { recursive: true });
    writeFileSync(bench.path("x/y/a.log"), "1\n");
    writeFileSync(bench.path("x/b.txt"), "2\n");
    writeFileSync(bench.path("x/c.log.gz"), "no\n");
    writeFileSync(bench.path("x/secret.log"), "no\n");
    await bench.start({
      include: [bench.path("**/*.{log,txt}"), bench.path("late?.out")],
      exclude: ["secret*"],
    });
    await arrived(2);
    mkdirSync(bench.path("x/z"));
    writeFileSync(bench.path("x/z/d.log"), "3\n");
    writeFileSync(bench.path("late1.out"), "4\n");
    await arrived(4);
    expect(bench.raws.toSorted()).toEqual(["1", "2", "3", "4"]);
  });

  it("does not read a file twice that is reached by two names", async () => {
    writeFileSync(bench.path("a.log"), text(0, 3));
    symlinkSync(bench.path("a.log"), bench.path("b.log"));
    execFileSync("ln", [bench.path("a.log"), bench.path("c.log")]);
    await bench.start();
    await arrived(3);
    appendFileSync(bench.path("a.log"), text(3, 6));
    await arrived(6);
    await bench.stop();
    expect(bench.raws).toEqual(lines(0, 6));
  });

  it("is not stopped by folders, FIFOs and dangling links in the place of files", async () => {
    mkdirSync(bench.path("dir.log"));
    execFileSync("mkfifo", [bench.path("pipe.log")]);
    symlinkSync("/nowhere", bench.path("link.log"));
    symlinkSync(bench.path("dir.log"), bench.path("dirlink.log"));
    writeFileSync(bench.path("a.log"), text(0, 2));
    const input = await bench.start({
      include: [bench.path("*.log"), bench.path("dir.log"), bench.path("never.log")],
    });
    await arrived(2);
    await until("the folder is counted", () => bench.metrics.inputErrors.total({ reason: "ENOTREG" }) > 0);
    expect(input.health()).toMatchObject({ status: "warning" });
    rmSync(bench.path("dir.log"), { recursive: true });
    writeFileSync(bench.path("dir.log"), text(2, 3));
    await arrived(3);
    expect(bench.raws).toEqual(lines(0, 3));
  });

  it("begins at the end on request, but only with files of the first start", async () => {
    writeFileSync(bench.path("a.log"), `${text(0, 5)}begun`);
    await bench.start({ startAt: "end" });
    await until("the file is known", () => existsSync(bench.path("files.json")));
    appendFileSync(bench.path("a.log"), " and done\n");
    writeFileSync(bench.path("b.log"), "new file\n");
    await arrived(2);
    await bench.stop();
    writeFileSync(bench.path("c.log"), "made while stopped\n");
    await bench.start({ startAt: "end" });
    await arrived(3);
    expect(bench.raws.toSorted()).toEqual(["begun and done", "made while stopped", "new file"]);
  });
});

describe("restart", () => {
  it("goes on at the checkpoint, and gives a line that is read again the same id", async () => {
    writeFileSync(bench.path("a.log"), text(0, 10));
    await bench.start();
    await arrived(10);
    const ids = bench.logs.map(({ id }) => id);
    await bench.stop(({ raw }) => lines(0, 6).includes(raw));
    appendFileSync(bench.path("a.log"), text(10, 12));
    await bench.start();
    await arrived(16);
    expect(bench.raws.slice(10)).toEqual(lines(6, 12));
    expect(bench.logs.slice(10, 14).map(({ id }) => id)).toEqual(ids.slice(6));
  });

  it("reads the end of a file that was rotated away in the meantime, and the new one", async () => {
    writeFileSync(bench.path("a.log"), text(0, 10));
    await bench.start();
    await arrived(10);
    await bench.stop();
    appendFileSync(bench.path("a.log"), text(10, 20));
    renameSync(bench.path("a.log"), bench.path("a.log.2"));
    writeFileSync(bench.path("a.log"), text(20, 30));
    renameSync(bench.path("a.log"), bench.path("a.log.1"));
    writeFileSync(bench.path("a.log"), text(30, 40));
    await bench.start();
    await arrived(40);
    await bench.stop();
    expect(bench.raws.toSorted()).toEqual(lines(0, 40).toSorted());
  });

  it("takes a file with other content under the same inode for a new one", async () => {
    writeFileSync(bench.path("a.log"), text(0, 10));
    await bench.start();
    await arrived(10);
    await bench.stop();
    writeFileSync(bench.path("a.log"), text(100, 130));
    await bench.start();
    await arrived(40);
    expect(bench.raws.slice(10)).toEqual(lines(100, 130));
  });

  it("survives a damaged record of files", async () => {
    writeFileSync(bench.path("a.log"), text(0, 2));
    writeFileSync(bench.path("files.json"), "{ not json");
    await bench.start();
    await arrived(2);
    expect(bench.log.lines).toContainEqual(expect.objectContaining({ level: "error" }));
  });
});
