import { eventually, InputBench, type Life, manifestProblems } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooser } from "./choose.ts";
import { docker } from "./index.ts";
import { input } from "./input.ts";
import { secondsOf, sortable } from "./place.ts";
import { FakeEngine } from "./testing/fake-engine.ts";

let engine: FakeEngine;
beforeEach(async () => {
  engine = new FakeEngine();
  await engine.up();
});
afterEach(() => engine.down());

const start = (bench: InputBench, settings: object = {}, options: object = {}): Promise<Life> =>
  bench.start(input, { socket: engine.socket, retrySeconds: 0.05, ...settings }, options);
const raws = (bench: InputBench): string[] => bench.kept.map(({ raw }) => raw);
const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `line ${from + index}`);

it("keeps the contract of settings, and reads the engine's times", () => {
  expect(manifestProblems(docker)).toEqual([]);
  expect(sortable("2026-01-02T03:04:05.1Z")).toBe("2026-01-02T03:04:05.100000000Z");
  expect(sortable("2026-01-02T05:04:05+02:00")).toBe("2026-01-02T03:04:05.000000000Z");
  expect(secondsOf("2026-01-02T03:04:05.000000007Z")).toBe("1767323045.000000007");
});

it("chooses containers by name, image and label, and never itself", () => {
  const choose = (settings: object, own?: string) =>
    chooser(
      input.settings.parse(settings),
      own,
    )({
      id: "abcdef123456".padEnd(64, "0"),
      name: "web-1",
      image: "nginx:1.27",
      labels: { "com.example.team": "blue" },
    });
  expect(choose({})).toBe(true);
  expect(choose({}, "abcdef123456")).toBe(false);
  expect(choose({ excludeSelf: false }, "abcdef123456")).toBe(true);
  expect(choose({ includeNames: ["db", "web-*"] })).toBe(true);
  expect(choose({ includeNames: ["web"] })).toBe(false);
  expect(choose({ excludeNames: ["*-1"] })).toBe(false);
  expect(choose({ includeImages: ["*ginx:*"], excludeImages: ["*:latest"] })).toBe(true);
  expect(choose({ includeLabels: ["com.example.team=red"] })).toBe(false);
  expect(choose({ includeLabels: ["com.example.team"] })).toBe(true);
  expect(choose({ excludeLabels: ["com.example.team=blue"] })).toBe(false);
});

describe("against an engine as documented (none runs here)", () => {
  it("follows what runs and what is started, with names, labels and times", async () => {
    engine.add("web", { labels: { team: "blue" } });
    engine.write("web", "hello wörld\n\nsecond\r\n");
    const bench = new InputBench();
    const life = await start(bench, { labels: ["team"], excludeNames: ["quiet"] });
    await eventually("two lines", () => bench.kept.length === 2);
    engine.add("late");
    engine.add("quiet");
    engine.write("quiet", "not wanted\n");
    engine.write("late", "from late\n", "stderr");
    engine.write("web", "third\n");
    await eventually("four lines", () => bench.kept.length === 4);
    await life.stop();
    expect(raws(bench).sort()).toEqual(["from late", "hello wörld", "second", "third"]);
    expect(bench.kept[0]?.facts).toEqual({
      container: "web",
      containerId: Buffer.from("web___").toString("hex"),
      image: "app:1",
      stream: "stdout",
      label_team: "blue",
      time: "2026-01-02T03:04:05.000001001Z",
    });
    expect(bench.kept.find(({ raw }) => raw === "from late")?.facts).toMatchObject({ stream: "stderr" });
  });

  it.each([
    { tty: false, chunkBytes: 1_000_000 },
    { tty: false, chunkBytes: 7 },
    { tty: true, chunkBytes: 1_000_000 },
    { tty: true, chunkBytes: 4_093 },
  ])(
    "joins the parts of long lines (terminal $tty, $chunkBytes bytes a write)",
    async ({ tty, chunkBytes }) => {
      engine.chunkBytes = chunkBytes;
      engine.add("long", { tty });
      const texts = [16_383, 16_384, 16_385, 32_768, 40_000, 3].map(
        (length) => "é".repeat(length / 2) + "x".repeat(length % 2),
      );
      for (const text of texts) {
        engine.write("long", `${text}\n`);
        engine.write("long", "between\n", tty ? "stdout" : "stderr");
      }
      engine.write("long", "y".repeat(70_000));
      engine.write("long", "\n");
      const bench = new InputBench();
      const life = await start(bench, { maxLineBytes: 65_536 });
      await eventually("all lines", () => bench.kept.length === 13);
      await life.stop();
      expect(
        raws(bench)
          .filter((raw) => raw !== "between")
          .map((raw) => raw.length),
      ).toEqual([...texts, "y".repeat(65_536)].map(({ length }) => length));
      expect(bench.kept.at(-1)?.flaw).toMatch(/cut at 65536/);
      expect(raws(bench).slice(0, 12)).toEqual(texts.flatMap((text) => [text, "between"]));
    },
  );

  it("goes on after kills without loss or doubles, within one nanosecond and amid a line too", async () => {
    engine.add("app");
    const bench = new InputBench();
    for (let turn = 0; turn < 5; turn++) {
      for (const line of numbered(turn * 20, 20)) {
        const number = Number(line.slice(5));
        engine.write("app", `${line}\n`, number % 3 === 0 ? "stderr" : "stdout", number % 5 !== 0);
      }
      const life = await start(bench, {}, { sealEveryMs: 0 });
      await eventually("lines", () => life.logs.length + bench.kept.length >= turn * 20 + 20);
      if (turn % 2 === 0) life.seal();
      await life.kill();
    }
    // A line of stderr that has begun while stdout goes on.
    engine.write("app", "a".repeat(16_384), "stderr");
    engine.write("app", "line 100\n");
    const life = await start(bench, {}, { sealEveryMs: 0 });
    await eventually("the line of stdout", () => life.logs.some(({ raw }) => raw === "line 100"));
    life.seal();
    await life.kill();
    engine.write("app", "b\n", "stderr");
    const last = await start(bench);
    await eventually("the joined line", () => raws(bench).includes(`${"a".repeat(16_384)}b`));
    await last.stop();
    expect(raws(bench).sort()).toEqual([...numbered(0, 101), `${"a".repeat(16_384)}b`].sort());
    expect(new Set(bench.kept.map(({ id }) => id)).size).toBe(102);
  });

  it("reads on when containers and the engine are started again, and forgets what was removed", async () => {
    engine.add("app");
    engine.write("app", "one\n");
    const bench = new InputBench();
    const life = await start(bench);
    await eventually("one", () => bench.kept.length === 1);
    engine.write("app", "last words");
    engine.stop("app");
    await eventually("the line without end", () => bench.kept.length === 2);
    engine.restart("app");
    engine.write("app", "two\n");
    await eventually("two", () => raws(bench).includes("two"));
    await engine.down();
    await eventually("the loss to be seen", () => life.input.health?.().status === "error");
    engine.write("app", "three\n");
    await engine.up();
    await eventually("three", () => raws(bench).includes("three"));
    await eventually("the engine to be watched", () => life.input.health?.().status === "healthy");
    expect(bench.checkpoints.size).toBe(1);
    engine.remove("app");
    await eventually("the checkpoint to be dropped", () => bench.checkpoints.size === 0);
    await life.stop();
    expect(raws(bench)).toEqual(["one", "last words", "two", "three"]);
  });

  it("starts at the end on request, bounds what it follows, and makes the engine wait", async () => {
    engine.add("a");
    engine.write("a", "old\n");
    const bench = new InputBench();
    let gate: Promise<void> | undefined;
    const life = await start(bench, { startAt: "end", maxContainers: 1 }, { gate: () => gate });
    await eventually("the log to be read", () =>
      engine.requests.some((request) => request.includes("tail=0")),
    );
    engine.add("b");
    engine.write("b", "not followed\n");
    await eventually("the refusal", () => bench.counted.get("failed too_many") === 1);
    let open: (() => void) | undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    for (const line of numbered(0, 100)) engine.write("a", `${line}\n`);
    await eventually("the first", () => life.logs.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(life.logs).toHaveLength(1);
    gate = undefined;
    open?.();
    await eventually("the rest", () => bench.kept.length === 100);
    await life.stop();
    expect(raws(bench)).toEqual(numbered(0, 100));
  });

  it("says so where there is no engine, and refuses what is no log", async () => {
    const bench = new InputBench();
    const life = await start(bench, { socket: "/no/such/docker.sock" });
    await eventually("the failure", () => (bench.counted.get("failed engine") ?? 0) > 1);
    expect(life.input.health?.()).toMatchObject({ status: "error" });
    await life.stop();
  });
});
