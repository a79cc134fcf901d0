import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, InputBench, manifestProblems } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { icon } from "../../../agent/src/input/icon/index.ts";
import { noPython } from "./python.ts";

const plugin = fileURLToPath(new URL("../../../deploy/examples/icon/address_list", import.meta.url));
const input = icon.input!;

let dir: string;
let list: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-icon-input-"));
  list = join(dir, "list.ndjson");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const line = (number: number): string => `{"address": "192.0.2.${number}"}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index)).join("");
const numbers = (bench: InputBench, path: (row: unknown) => unknown = (row) => row): number[] =>
  bench.kept.map(({ raw }) => Number((path(JSON.parse(raw)) as { address: string }).address.split(".")[3]));

it("keeps the contract of inputs", () => {
  expect(manifestProblems(icon)).toEqual([]);
  expect(input.settings.safeParse({ plugin: "p", component: "c", command: [] }).success).toBe(false);
});

it("says so where plugin or component are not there", async () => {
  const open = (settings: object) => new InputBench().start(input, { plugin, ...settings });
  await expect(open({ plugin: join(dir, "none"), component: "x" })).rejects.toMatchObject({
    code: "config.unreadable",
  });
  await expect(open({ component: "lokup" })).rejects.toThrow('Did you mean "lookup"?');
  await expect(open({ component: "lookup" })).rejects.toThrow("events come from a task or a trigger");
  await expect(open({ component: "new_entry", url: "http://127.0.0.1:1" })).rejects.toThrow(
    "needs a program",
  );
});

describe.skipIf(noPython !== undefined)(
  `a plugin in Python as an input of the agent ${noPython ?? ""}`,
  () => {
    it("a task goes on from its cursor, and a kill loses nothing", async () => {
      const bench = new InputBench();
      const settings = {
        plugin,
        component: "tasks/monitor_entries",
        connection: { file: list },
        input: { page_size: 3 },
        everySeconds: 0.2,
      };
      writeFileSync(list, lines(1, 7));
      const first = await bench.start(input, settings);
      await eventually("seven rows", () => bench.kept.length === 7);
      expect(first.logs[0]?.facts).toEqual({ component: "monitor_entries" });
      expect(first.input.health?.()).toMatchObject({ status: "healthy" });
      await first.stop();
      appendFileSync(list, lines(8, 12));
      // Killed with a page that is pushed and not on disk: the page comes again.
      const killed = await bench.start(input, settings, {
        sealEveryMs: 0,
        gate: () => new Promise(() => {}),
      });
      await eventually("a row", () => killed.logs.length > 0);
      await killed.kill();
      const last = await bench.start(input, settings);
      await eventually("the rest", () => bench.kept.length >= 12);
      await last.stop();
      expect(numbers(bench)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(new Set(bench.kept.map(({ id }) => id)).size).toBe(12);
    });

    it("a task's page comes once, wherever between page and cursor the agent dies", async () => {
      const settings = {
        plugin,
        component: "tasks/monitor_entries",
        connection: { file: list },
        input: { page_size: 4 },
        everySeconds: 0.2,
      };
      writeFileSync(list, lines(1, 4));
      for (const durable of [0, 1, 3, 4]) {
        const bench = new InputBench();
        let pushed = 0;
        const killed: Awaited<ReturnType<InputBench["start"]>> = await bench.start(input, settings, {
          sealEveryMs: 0,
          gate: () => (++pushed > durable || pushed === 4 ? new Promise(() => {}) : undefined),
        });
        await eventually("the page", () => killed.logs.length >= Math.max(1, durable));
        if (durable > 0) killed.seal();
        await killed.kill();
        const before = bench.kept.length;
        expect(before).toBe(durable > 0 ? Math.min(4, Math.max(durable, killed.logs.length)) : 0);
        const next = await bench.start(input, settings);
        await eventually("the rest", () => bench.kept.length >= 4);
        appendFileSync(list, line(5));
        await eventually("what is new", () => bench.kept.length >= 5);
        await next.stop();
        expect(numbers(bench)).toEqual([1, 2, 3, 4, 5]);
        writeFileSync(list, lines(1, 4));
      }
    });

    it("a trigger's event comes once where the agent dies before it hears that it is kept", async () => {
      const settings = {
        plugin,
        component: "new_entry",
        connection: { file: list },
        input: { interval: 0.05 },
      };
      const entry = (row: unknown): unknown => (row as { entry: unknown }).entry;
      for (const durable of [false, true]) {
        const bench = new InputBench();
        writeFileSync(list, line(1));
        const killed = await bench.start(input, settings, {
          sealEveryMs: 0,
          gate: () => new Promise(() => {}),
        });
        await eventually("the event", () => killed.logs.length === 1);
        if (durable) killed.seal();
        await killed.kill();
        const next = await bench.start(input, settings);
        appendFileSync(list, line(2));
        await eventually("both", () => bench.kept.length >= 2);
        await next.stop();
        expect(numbers(bench, entry)).toEqual([1, 2]);
      }
    });

    it("a trigger sends what is added, and after a restart nothing twice", async () => {
      const bench = new InputBench();
      const settings = {
        plugin,
        component: "new_entry",
        connection: { file: list },
        input: { interval: 0.05 },
      };
      const entry = (row: unknown): unknown => (row as { entry: unknown }).entry;
      writeFileSync(list, lines(1, 3));
      const first = await bench.start(input, settings);
      await eventually("three events", () => bench.kept.length === 3);
      appendFileSync(list, line(4));
      await eventually("another", () => bench.kept.length === 4);
      await first.stop();
      appendFileSync(list, line(5));
      const second = await bench.start(input, settings);
      await eventually("what is new", () => bench.kept.length === 5);
      await second.stop();
      expect(numbers(bench, entry)).toEqual([1, 2, 3, 4, 5]);
      expect(bench.counted.get("dropped repeat")).toBe(4);
    });

    it("a trigger that outlived an agent is ended by the next", async () => {
      const bench = new InputBench();
      const left = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
      const stat = readFileSync(`/proc/${left.pid}/stat`, "utf8");
      const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      mkdirSync(join(bench.dir, "run"));
      writeFileSync(
        join(bench.dir, "run", "new_entry.json"),
        JSON.stringify({ pid: left.pid, started, boot }),
      );
      const ended = new Promise((resolve) => left.once("exit", (_, signal) => resolve(signal)));
      writeFileSync(list, line(1));
      const life = await bench.start(input, { plugin, component: "new_entry", connection: { file: list } });
      expect(await ended).toBe("SIGKILL");
      await eventually("its event", () => bench.kept.length === 1);
      await life.stop();
    });

    it("a connection that fails is told, and tried again", async () => {
      const bench = new InputBench();
      const settings = { plugin, component: "monitor_entries", connection: { file: list } };
      const life = await bench.start(input, settings);
      await eventually("the failure", () => bench.counted.get("failed task_failed") === 1);
      expect(life.input.health?.()).toMatchObject({
        status: "error",
        message: expect.stringContaining("endpoint"),
      });
      await life.stop();
    });
  },
);
