import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isVedetteError } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, expect, it } from "vitest";
import { type EngineHandle, startEngine } from "../../../collector/src/engine/index.ts";
import { openStore, type Store } from "../../../collector/src/store/index.ts";
import { nativeOf, nginxEvents } from "../../../collector/src/store/testing/nginx-events.ts";
import { temporary, until } from "./support.ts";

const deps = { log: recordingLogger(), clock: manualClock() };
const start = Date.UTC(2026, 0, 1, 10);
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

async function open(stateDir: string): Promise<{ engine: EngineHandle; store: Store }> {
  const engine = await startEngine({ stateDir });
  undo.push(() => engine.stop());
  const store = await openStore(engine, deps);
  undo.push(() => store.close());
  return { engine, store };
}

function directory(): string {
  const stateDir = temporary();
  undo.push(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

async function tally(store: Store): Promise<{ rows: number; distinct: number }> {
  const [row] = await store.query<{ n: string; u: string }>(
    "SELECT count() AS n, uniqExact(id) AS u FROM events",
  );
  return { rows: Number(row?.n), distinct: Number(row?.u) };
}

/** Inserts until it is acknowledged, as the intake does; counts the attempts that failed. */
async function insist(store: Store, native: Uint8Array, token: string): Promise<number> {
  for (let failed = 0; ; failed++) {
    try {
      await store.insertEvents(native, token);
      return failed;
    } catch (error) {
      if (!isVedetteError(error) || error.verdict.verdict !== "retry") throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

it("keeps every acknowledged batch once while the engine is killed again and again", async () => {
  const { engine, store } = await open(directory());
  const kills = 8;
  const rows = 500;
  let killed = 0;
  let batches = 0;
  let failed = 0;
  const send = async () => {
    while (killed < kills) {
      const sequence = batches++;
      failed += await insist(
        store,
        nativeOf(nginxEvents(rows, start + sequence * 1_000, sequence + 1)),
        `batch-${sequence}`,
      );
    }
  };
  const kill = async () => {
    for (; killed < kills; killed++) {
      const { pid } = engine;
      const before = batches;
      await until("batches arrive", () => batches > before + 3);
      if (pid) process.kill(pid, "SIGKILL");
      await until("another engine runs", () => engine.pid !== undefined && engine.pid !== pid, 60_000);
    }
  };
  await Promise.all([send(), send(), kill()]);
  expect(failed).toBeGreaterThanOrEqual(kills / 2);
  expect(await tally(store)).toEqual({ rows: batches * rows, distinct: batches * rows });
  const [check] = await store.query<{ result: number }>(
    "CHECK TABLE events SETTINGS check_query_single_value_result = 1",
  );
  expect(check?.result).toBe(1);
  const detached = await store.query(
    "SELECT name FROM system.detached_parts WHERE database = currentDatabase()",
  );
  expect(detached).toEqual([]);
});

it("remembers tokens across SIGKILL", async () => {
  const { engine, store } = await open(directory());
  const native = nativeOf(nginxEvents(100, start));
  await store.insertEvents(native, "token");
  process.kill(engine.pid!, "SIGKILL");
  expect(await insist(store, native, "token")).toBeGreaterThan(0);
  expect(await tally(store)).toEqual({ rows: 100, distinct: 100 });
});

it("keeps data across a gentle stop and a new start", async () => {
  const stateDir = directory();
  const first = await open(stateDir);
  await first.store.insertEvents(nativeOf(nginxEvents(100, start)), "token");
  await first.store.close();
  await first.engine.stop();
  const second = await open(stateDir);
  await second.store.insertEvents(nativeOf(nginxEvents(100, start)), "token");
  expect(await tally(second.store)).toEqual({ rows: 100, distinct: 100 });
});

/** A file system of its own, small enough to fill; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const point = mkdtempSync(join(tmpdir(), "vedette-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=96m", "tmpfs", point], { stdio: "ignore" });
    undo.push(() => execFileSync("umount", ["-l", point]));
    return point;
  } catch {
    rmSync(point, { recursive: true });
    return undefined;
  }
}

it("asks for a retry while the disk is full, keeps what it has, and goes on when there is room", async ({
  skip,
}) => {
  const disk = smallDisk();
  if (disk === undefined) return skip("This user may not mount a file system.");
  const stateDir = join(disk, "state");
  mkdirSync(stateDir);
  const { store } = await open(stateDir);
  await store.insertEvents(nativeOf(nginxEvents(1_000, start)), "first");
  const filler = join(disk, "filler");
  try {
    writeFileSync(filler, Buffer.alloc(96 << 20));
  } catch {
    // The disk is as full as it gets.
  }
  const native = nativeOf(nginxEvents(5_000, start + 60_000, 2));
  await expect(store.insertEvents(native, "second")).rejects.toMatchObject({ verdict: { verdict: "retry" } });
  expect((await tally(store)).rows).toBe(1_000);
  rmSync(filler);
  await insist(store, native, "second");
  expect(await tally(store)).toEqual({ rows: 6_000, distinct: 6_000 });
});
