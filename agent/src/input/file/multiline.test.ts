import { appendFileSync, copyFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileBench } from "../../testing/file-bench.ts";
import { until } from "../../testing/until.ts";
import type { MultilineSettings } from "./settings.ts";

let bench: FileBench;
beforeEach(() => {
  bench = new FileBench();
});
afterEach(() => bench.close());

const multiline = (settings: Partial<MultilineSettings>): MultilineSettings => ({
  negate: false,
  maxLines: 500,
  maxBytes: 65_536,
  timeoutMs: 100,
  ...settings,
});
const arrived = async (raws: readonly string[]) => {
  await until(`${raws.length} events, got ${bench.raws.length}`, () => bench.raws.length >= raws.length);
  expect(bench.raws).toEqual(raws);
};

const java = `2026-01-02 10:00:00 ERROR Checkout failed
java.lang.IllegalStateException: no cart
	at org.example.Shop.checkout(Shop.java:10)
	... 3 more
Caused by: java.io.IOException: gone
	at org.example.Store.read(Store.java:5)`;
const python = `2026-01-02 10:00:01 ERROR worker
Traceback (most recent call last):
  File "/srv/app.py", line 3, in run
    raise ValueError("no")
ValueError: no`;
const go = `panic: runtime error: index out of range [5] with length 3
goroutine 1 [running]:
main.pick(...)
	/srv/app/main.go:12
main.main()
	/srv/app/main.go:7 +0x1d
exit status 2`;

describe("lines that belong together", () => {
  it.each<{ name: string; settings: Partial<MultilineSettings>; events: string[] }>([
    { name: "java", settings: { preset: "java" }, events: ["before", java, "after"] },
    { name: "python", settings: { preset: "python" }, events: ["before", python, "after it"] },
    { name: "go", settings: { preset: "go" }, events: ["before", go, "after it"] },
    { name: "indented", settings: { preset: "indented" }, events: ["a\n  b\n\tc", "d"] },
    {
      name: "start",
      settings: { start: String.raw`^\[\d+\]` },
      events: ["[1] a\nb\nc", "[2] d", "[3] e\nf"],
    },
    { name: "start negated", settings: { start: "^ ", negate: true }, events: ["a\n b", "c"] },
    { name: "continuation", settings: { continuation: "^[+]" }, events: ["a\n+b\n+c", "d"] },
    {
      name: "continuation negated",
      settings: { continuation: "^[A-Z]", negate: true },
      events: ["A\nb", "C"],
    },
    { name: "end", settings: { end: ";$" }, events: ["select\nfrom x;", "commit;"] },
    { name: "end negated", settings: { end: String.raw`\\$`, negate: true }, events: ["a \\\nb \\\nc", "d"] },
  ])("are one event: $name", async ({ settings, events }) => {
    writeFileSync(bench.path("a.log"), events.map((event) => `${event}\n`).join(""));
    await bench.start({ multiline: multiline(settings) });
    await arrived(events);
    const positions = bench.logs.map(({ position }) => position);
    for (const [i, { offset }] of positions.entries())
      expect(offset).toBe(i === 0 ? 0 : positions[i - 1]!.end);
  });

  it("are joined as Kubernetes splits them, each stream for itself", async () => {
    const at = "2026-01-02T10:00:00.123456789Z";
    writeFileSync(
      bench.path("a.log"),
      `${at} stdout P one\n${at} stderr F err\n${at} stdout P  two\n${at} stdout F  three\n${at} stdout F four\nnot cri\n`,
    );
    await bench.start({ multiline: multiline({ preset: "cri" }) });
    await arrived([`${at} stdout F one two three`, `${at} stderr F err`, `${at} stdout F four`, "not cri"]);
    // No checkpoint passes the first part before the whole is handed on.
    const [first, second, third] = bench.logs.map(({ position }) => position);
    expect(first!.end).toBe(second!.offset);
    expect(second!.end).toBe(third!.offset);
  });

  it("are joined as Docker splits them", async () => {
    const line = (log: string, stream = "stdout") =>
      JSON.stringify({ log, stream, time: "2026-01-02T10:00:00Z" });
    writeFileSync(
      bench.path("a.log"),
      [line('part "1"'), line("err\n", "stderr"), line(" part ü2\n"), line("whole\n"), "no json", ""].join(
        "\n",
      ),
    );
    await bench.start({ multiline: multiline({ preset: "docker" }) });
    await arrived([line('part "1" part ü2\n'), line("err\n", "stderr"), line("whole\n"), "no json"]);
  });

  it("end at the limits, flagged", async () => {
    writeFileSync(bench.path("a.log"), `a\n${" b\n".repeat(9)}x\n ${"y".repeat(700)}\n ${"z".repeat(700)}\n`);
    await bench.start({ multiline: multiline({ preset: "indented", maxLines: 4, maxBytes: 1_024 }) });
    await until("all", () => bench.raws.length === 5);
    expect(bench.raws.map((raw) => raw.split("\n").length)).toEqual([4, 4, 2, 2, 1]);
    expect(bench.logs.map(({ flaw }) => flaw !== undefined)).toEqual([true, true, false, true, false]);
  });

  it("wait for more only so long", async () => {
    writeFileSync(bench.path("a.log"), "a\n b\n");
    await bench.start({ multiline: multiline({ preset: "indented", timeoutMs: 50 }) });
    await arrived(["a\n b"]);
    appendFileSync(bench.path("a.log"), "c\n");
    await arrived(["a\n b", "c"]);
  });

  it("are read again from the first after a stop in their middle", async () => {
    writeFileSync(bench.path("a.log"), "a\n b\nc\n d\n");
    await bench.start({ multiline: multiline({ preset: "indented", timeoutMs: 600_000 }) });
    await arrived(["a\n b"]);
    await bench.stop();
    appendFileSync(bench.path("a.log"), " e\nf\n");
    await bench.start({ multiline: multiline({ preset: "indented", timeoutMs: 600_000 }) });
    await arrived(["a\n b", "c\n d\n e"]);
  });

  it.each([
    { name: "renamed", rotate: (path: string) => renameSync(path, `${path}.1`) },
    {
      name: "copied and truncated",
      rotate: (path: string) => {
        copyFileSync(path, `${path}.1`);
        truncateSync(path, 0);
      },
    },
  ])("are handed on when their file is $name in their middle", async ({ rotate }) => {
    const path = bench.path("a.log");
    const head = "a first line that is long enough to tell this file from every other one, as logs have it";
    writeFileSync(path, `before\n${head}\n b\n`);
    await bench.start({ multiline: multiline({ preset: "indented", timeoutMs: 600_000 }) });
    await until("all of it to be read", () => bench.raws.length === 1);
    rotate(path);
    appendFileSync(path, " c\nd\n");
    await until("both", () => bench.raws.length >= 3);
    expect(bench.raws.toSorted()).toEqual([" c", `${head}\n b`, "before"]);
  });
});
