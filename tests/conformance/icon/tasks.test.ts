import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FileStateStore, TaskRunner } from "@vedette/core/plugins/icon";
import { eventually, manualClock } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { hostileBench } from "./bench.ts";
import { noPython } from "./python.ts";

let bench: ReturnType<typeof hostileBench>;
afterEach(() => bench.close());

/** A runner of one task; making another over the same bench is a restart. */
function start(
  id: string,
  over: {
    maxPages?: number;
    kept?: unknown[];
    base?: number;
    emit?: (rows: readonly unknown[]) => Promise<void>;
  } = {},
) {
  const rows: unknown[] = over.kept ?? [];
  const base = over.base ?? 0;
  const clock = manualClock();
  const { plugin, dir, log, stop } = bench;
  const store = new FileStateStore(join(dir, "state"));
  const runner = new TaskRunner(
    {
      id,
      input: {},
      connection: {},
      customConfig: { lookback: 1 },
      everyMs: 60_000,
      maxPages: over.maxPages ?? 10,
      stateKey: id,
    },
    {
      plugin,
      store,
      log,
      clock,
      signal: stop.signal,
      rows: {
        next: () => base + rows.length,
        durableTo: () => (rows.length > 0 ? base + rows.length : undefined),
        take: async (page) => void (over.emit ? await over.emit(page) : rows.push(...page)),
      },
    },
  );
  return { runner, rows, clock, store };
}

describe.skipIf(noPython !== undefined)(`a task that misbehaves ${noPython ?? ""}`, () => {
  it("goes on from its cursor, over pages and restarts", async () => {
    bench = hostileBench();
    const { runner, rows } = start("pages", { maxPages: 2 });
    expect(await runner.once()).toEqual({ pages: 2, rows: 4, more: true, waitMs: 0 });
    expect(await runner.once()).toEqual({ pages: 1, rows: 2, more: false, waitMs: 0 });
    expect(rows).toEqual([0, 1, 2, 3, 4, 5].map((number) => ({ id: number })));
    const again = start("pages");
    expect(await again.runner.once()).toMatchObject({ pages: 3, rows: 6 });
    expect(again.rows[0]).toEqual({ id: 6 });
  });

  it("moves its cursor only behind rows that are kept", async () => {
    bench = hostileBench();
    const broken = start("pages", { emit: () => Promise.reject(new Error("The disk is full.")) });
    await expect(broken.runner.once()).rejects.toThrow("The disk is full.");
    const { runner, rows } = start("pages", { maxPages: 1 });
    await runner.once();
    expect(rows[0]).toEqual({ id: 0 });
  });

  it("hands on what is left of a page, and nothing twice, wherever it was cut off", async () => {
    const ids = (rows: readonly unknown[]) => rows.map((row) => (row as { id: number }).id);
    for (const arrived of [0, 1, 2]) {
      bench = hostileBench();
      const kept: unknown[] = [];
      // As a crash: so many rows are durable, and nobody hears of it.
      const cut = start("pages", {
        kept,
        emit: async (page) => {
          kept.push(...page.slice(0, arrived));
          throw new Error("The power is gone.");
        },
      });
      await expect(cut.runner.once()).rejects.toThrow("The power is gone.");
      await start("pages", { kept, maxPages: 1 }).runner.once();
      expect(ids(kept)).toEqual([0, 1, 2, 3]);
    }
  });

  it("knows rows that were never durable, where the numbers start elsewhere, through a second crash", async () => {
    bench = hostileBench();
    const kept: unknown[] = [];
    const cut = (arrived: number) => async (page: readonly unknown[]) => {
      kept.push(...page.slice(0, arrived));
      throw new Error("The power is gone.");
    };
    await expect(start("pages", { kept, emit: cut(0) }).runner.once()).rejects.toThrow();
    await expect(start("pages", { kept, base: 100, emit: cut(1) }).runner.once()).rejects.toThrow();
    await start("pages", { kept, base: 100, maxPages: 1 }).runner.once();
    expect(kept).toEqual([0, 1, 2, 3].map((id) => ({ id })));
  });

  it("stops where more pages are promised and none comes", async () => {
    bench = hostileBench();
    expect(await start("endless").runner.once()).toEqual({ pages: 1, rows: 0, more: false, waitMs: 0 });
  });

  it.each(["moves_and_fails", "strange"])(
    "%s: keeps the old cursor, and waits longer each time",
    async (id) => {
      bench = hostileBench();
      const { runner, rows, clock, store } = start(id);
      expect(await runner.once()).toMatchObject({ pages: 0, rows: 0, waitMs: 10_000 });
      expect(await store.load(id)).toMatchObject({ state: {}, failures: 1 });
      expect(await runner.once()).toEqual({ pages: 0, rows: 0, more: false, waitMs: 10_000 });
      clock.advance(10_000);
      expect(await runner.once()).toMatchObject({ waitMs: 20_000 });
      expect(rows).toEqual([]);
      expect(runner.health().status).toBe("error");
    },
  );

  it("waits out a rate limit, over a restart too", async () => {
    bench = hostileBench();
    expect(await start("limited_once").runner.once()).toMatchObject({ rows: 0, waitMs: 60_000 });
    const { runner, rows, clock } = start("limited_once");
    clock.advance(59_000);
    expect(await runner.once()).toMatchObject({ pages: 0, waitMs: 1_000 });
    clock.advance(1_000);
    expect(await runner.once()).toMatchObject({ pages: 1, rows: 1 });
    expect(rows).toEqual([{ id: 1 }]);
  });

  it("sets a damaged cursor aside and begins again", async () => {
    bench = hostileBench();
    const { runner, rows, store } = start("pages", { maxPages: 1 });
    await store.save("pages", {});
    writeFileSync(join(bench.dir, "state", "pages.json"), '{"version":1,"sta');
    await runner.once();
    expect(rows).toHaveLength(2);
  });

  it("runs on its schedule until it is stopped", async () => {
    bench = hostileBench();
    const { runner, rows } = start("pages", { maxPages: 1 });
    const running = runner.run();
    // Where a run stopped at its last page the next one follows at once.
    await eventually("three pages", () => rows.length >= 6);
    bench.stop.abort();
    await running;
    expect(runner.health().status).toBe("healthy");
  });
});
