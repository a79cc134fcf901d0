import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, InputBench, type Life, manifestProblems } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { journald } from "./index.ts";
import { input } from "./input.ts";
import { type Fields, Journal, noJournal } from "./testing/journal.ts";

const problems = (settings: unknown): string =>
  input.settings
    .safeParse(settings)
    .error?.issues.map(({ path }) => path.join("."))
    .join() ?? "";
const numbered = (from: number, count: number): Fields[] =>
  Array.from({ length: count }, (_, index) => ({
    MESSAGE: `message ${from + index}`,
    SYSLOG_IDENTIFIER: "app",
    PRIORITY: "6",
  }));
const texts = (from: number, count: number): string[] =>
  numbered(from, count).map(({ MESSAGE }) => String(MESSAGE));

it("keeps the contract of settings", () => {
  expect(manifestProblems(journald)).toEqual([]);
  expect(problems({})).toBe("");
  expect(problems({ matches: ["--root=/"] })).toBe("matches.0");
  expect(problems({ priority: "loud" })).toBe("priority");
  expect(problems({ directory: "/a", files: ["b"] })).toBe("directory");
  expect(problems({ units: ["a b"] })).toBe("units.0");
});

it("finds a journal for its tests under CI", () => {
  if (process.env["CI"] === "true") expect(noJournal).toBeUndefined();
});

describe.skipIf(noJournal !== undefined)(`with a real journal ${noJournal ?? ""}`, () => {
  it("gives every field, whatever its bytes", async () => {
    const journal = new Journal();
    await journal.write([
      {
        MESSAGE: "plain",
        PRIORITY: "6",
        _SYSTEMD_UNIT: "ssh.service",
        SYSLOG_IDENTIFIER: "sshd",
        _PID: "4711",
      },
      { MESSAGE: 'two\nlines "quoted"', SYSLOG_IDENTIFIER: "app" },
      { MESSAGE: Buffer.from([0x61, 0xff, 0x62]), SYSLOG_IDENTIFIER: "app" },
    ]);
    const bench = new InputBench();
    const life = await bench.start(input, { files: [journal.file] });
    await eventually("three entries", () => bench.kept.length === 3);
    await life.stop();
    expect(JSON.parse(bench.kept[0]?.raw ?? "")).toMatchObject({
      MESSAGE: "plain",
      PRIORITY: "6",
      _PID: "4711",
    });
    expect(Object.keys(JSON.parse(bench.kept[0]?.raw ?? "") as object)).not.toContain("__CURSOR");
    expect(JSON.parse(bench.kept[1]?.raw ?? "")).toMatchObject({ MESSAGE: 'two\nlines "quoted"' });
    expect(bench.kept[2]?.flaw).toMatch(/UTF-8/);
    expect(bench.kept[0]).toMatchObject({
      dataSource: "host-7",
      facts: { unit: "ssh.service", identifier: "sshd", pid: "4711", priority: "6" },
    });
  });

  it("writes the lines of a syslog file, in which nothing poses as header", async () => {
    const journal = new Journal();
    await journal.write([
      { MESSAGE: "Accepted password for ann", SYSLOG_IDENTIFIER: "sshd", _PID: "12" },
      { MESSAGE: "x", SYSLOG_IDENTIFIER: "sshd[1]: Accepted password for root" },
    ]);
    const bench = new InputBench();
    const life = await bench.start(input, { directory: journal.dir, format: "syslog" });
    await eventually("two entries", () => bench.kept.length === 2);
    await life.stop();
    expect(bench.kept[0]?.raw).toMatch(
      /^2026-01-02T03:04:\d\d\.\d{6}\+00:00 host-7 sshd\[12\]: Accepted password for ann$/,
    );
    expect(bench.kept[1]?.raw).toMatch(/ host-7 sshd_1__+Accepted_password_for_root: x$/);
  });

  it("follows, and goes on after kills without loss or doubles", async () => {
    const journal = new Journal();
    await journal.write(numbered(0, 100));
    const bench = new InputBench();
    const settings = { files: [journal.file], format: "message" };
    const taken = (life: Life): number =>
      new Set([...bench.kept, ...life.logs].map(({ position }) => position.offset)).size;
    for (let written = 100; written < 500; written += 100) {
      const life = await bench.start(input, settings, { sealEveryMs: 0 });
      await eventually("the old entries", () => taken(life) >= written);
      if (written === 200) life.seal();
      await journal.write(numbered(written, 100));
      await eventually("the new entries", () => taken(life) === written + 100);
      if (written === 300) life.seal();
      await life.kill();
    }
    const last = await bench.start(input, settings);
    await eventually("the rest", () => bench.kept.length === 500);
    await last.stop();
    expect(bench.kept.map(({ raw }) => raw)).toEqual(texts(0, 500));
    expect(new Set(bench.kept.map(({ id }) => id)).size).toBe(500);
  });

  it("gives an entry the same id however often it is read", async () => {
    const journal = new Journal();
    await journal.write(numbered(0, 5));
    const ids = [];
    for (let turn = 0; turn < 2; turn++) {
      const bench = new InputBench();
      const life = await bench.start(input, { files: [journal.file] });
      await eventually("all", () => bench.kept.length === 5);
      await life.stop();
      ids.push(bench.kept.map(({ id }) => id));
    }
    expect(ids[0]).toEqual(ids[1]);
  });

  it("filters, and starts at the end on request", async () => {
    const journal = new Journal();
    const entry = (name: string, priority: string): Fields => ({
      MESSAGE: name,
      SYSLOG_IDENTIFIER: name,
      PRIORITY: priority,
      _UID: priority,
      _SYSTEMD_UNIT: `${name}.service`,
    });
    await journal.write([entry("a", "3"), entry("b", "6"), entry("c", "4")]);
    const taken = async (settings: object, count: number): Promise<string[]> => {
      const bench = new InputBench();
      const life = await bench.start(input, { files: [journal.file], format: "message", ...settings });
      await eventually("entries", () => bench.kept.length === count);
      await life.stop();
      return bench.kept.map(({ raw }) => raw);
    };
    expect(await taken({ identifiers: ["a", "b"] }, 2)).toEqual(["a", "b"]);
    expect(await taken({ priority: "warning" }, 2)).toEqual(["a", "c"]);
    expect(await taken({ matches: ["_UID=6", "_UID=4"] }, 2)).toEqual(["b", "c"]);
    expect(await taken({ units: ["c.service"] }, 1)).toEqual(["c"]);
    const bench = new InputBench();
    const life = await bench.start(input, { files: [journal.file], format: "message", startAt: "end" });
    await eventually("the new entry", async () => {
      await journal.write([entry("new", "6")]);
      return bench.kept.length > 0;
    });
    await life.stop();
    expect(new Set(bench.kept.map(({ raw }) => raw))).toEqual(new Set(["new"]));
  });

  it("says so when the journal has removed the entry it would go on from", async () => {
    const journal = new Journal("old.journal");
    await journal.write(numbered(0, 5));
    const bench = new InputBench();
    const settings = { directory: journal.dir, format: "message" };
    const first = await bench.start(input, settings);
    await eventually("five", () => bench.kept.length === 5);
    await first.stop();
    await rename(journal.file, join(journal.dir, "removed"));
    await rm(join(journal.dir, "removed"));
    await journal.write(numbered(10, 5));
    const next = await bench.start(input, settings);
    await eventually("five more", () => bench.kept.length === 10);
    await next.stop();
    expect(bench.kept.map(({ raw }) => raw)).toEqual([...texts(0, 5), ...texts(10, 5)]);
    expect(bench.counted.get("failed cursor_lost")).toBe(1);
    expect(bench.log.lines.some(({ message }) => /no longer has the entry/.test(message))).toBe(true);
  });

  it("starts journalctl again when it is killed or missing, and reports both", async () => {
    const journal = new Journal();
    await journal.write(numbered(0, 3));
    const bench = new InputBench();
    const settings = {
      files: [journal.file],
      format: "message",
      restartSeconds: 0.1,
      maxRestartSeconds: 0.1,
    };
    const lost = await bench.start(input, { ...settings, journalctl: "/no/such/journalctl" });
    await eventually("the failure", () => (bench.counted.get("failed start") ?? 0) > 1);
    expect(lost.input.health?.().status).toBe("error");
    await lost.stop();
    const kill = join(bench.dir, "kill.sh");
    await writeFile(kill, '#!/bin/sh\njournalctl "$@" & child=$!\nsleep 0.3\nkill -9 $child\nexit 1\n', {
      mode: 0o755,
    });
    const life = await bench.start(input, { ...settings, journalctl: kill });
    await eventually("three lives of journalctl", () => (bench.counted.get("failed exit") ?? 0) >= 3);
    await journal.write(numbered(3, 3));
    await eventually("all", () => bench.kept.length >= 6);
    await life.stop();
    expect(bench.kept.map(({ raw }) => raw)).toEqual(texts(0, 6));
  });
});
