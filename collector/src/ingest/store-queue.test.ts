import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Batch, BatchBuilder, uuidv7 } from "@vedette/core/batch";
import { VedetteError } from "@vedette/sdk";
import { afterAll, describe, expect, it, vi } from "vitest";
import { GroupFiles } from "./group-journal.ts";
import { type Arrival, groupLimits, StoreQueue } from "./store-queue.ts";

const root = mkdtempSync(join(tmpdir(), "vedette-groups-"));
const journals: GroupFiles[] = [];
const openGroups = async (dir: string) => {
  const opened = await GroupFiles.open(dir);
  journals.push(opened.journal);
  return opened;
};
afterAll(async () => {
  await Promise.all(journals.map((journal) => journal.close()));
  rmSync(root, { recursive: true, force: true });
});
const { signal } = new AbortController();

function arrival(sequence: number, rows = 1): Arrival {
  const builder = new BatchBuilder("test", { rows, bytes: 1e6 });
  for (let row = 0; row < rows; row++)
    builder.append(
      { id: `${sequence}-${row}`, "@timestamp": "2026-01-01T00:00:00.000Z", dataType: "test", raw: "x" },
      { source: "s", offset: row, end: row + 1 },
    );
  return builder.seal({ batchId: uuidv7(Date.now()), agentId: "a", epoch: 1, sequence });
}

const sequences = (batches: readonly Batch[]): number[] => batches.map(({ header }) => header.sequence);
const rejected = () => new VedetteError("store.rejected", "No.", { verdict: "drop" });
const unavailable = () => new VedetteError("store.unavailable", "Later.", { verdict: "retry", afterMs: 1 });

let folders = 0;
async function setUp(store: (batches: readonly Batch[]) => Promise<void>, concurrency = 1) {
  const dir = join(root, String(folders++));
  const { journal } = await openGroups(dir);
  const queue = new StoreQueue({ store, journal, concurrency, onRetry: () => {} });
  return { dir, journal, queue };
}

describe("the store's queue", () => {
  it("stores the first batch at once and together those that come meanwhile, in their order", async () => {
    const calls: number[][] = [];
    const { queue } = await setUp(async (batches) => {
      calls.push(sequences(batches));
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    await Promise.all(Array.from({ length: 50 }, (_, i) => queue.add(arrival(i), signal)));
    expect(calls).toEqual([[0], Array.from({ length: 49 }, (_, i) => i + 1)]);
  });

  it("makes larger groups while inserts take long", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      const calls: number[] = [];
      const queue = new StoreQueue({
        store: async (batches) => {
          calls.push(batches.length);
          await new Promise((resolve) => setTimeout(resolve, 400));
        },
        // A journal on disk takes time of its own.
        journal: { note: async () => async () => {} },
        concurrency: 4,
        onRetry: () => {},
      });
      const all = [queue.add(arrival(0), signal)];
      await vi.advanceTimersByTimeAsync(400);
      all.push(queue.add(arrival(1), signal));
      // By 200 ms after the last insert began these would go at once, each beside the other.
      for (let i = 2; i < 6; i++) {
        await vi.advanceTimersByTimeAsync(60);
        all.push(queue.add(arrival(i), signal));
      }
      await vi.advanceTimersByTimeAsync(1_000);
      await Promise.all(all);
      expect(calls).toEqual([1, 1, 4]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("keeps groups within their limits", async () => {
    const calls: number[] = [];
    const { queue } = await setUp((batches) => {
      calls.push(batches.reduce((rows, batch) => rows + batch.rows, 0));
      return Promise.resolve();
    });
    const third = Math.ceil(groupLimits.rows / 3);
    await Promise.all(Array.from({ length: 7 }, (_, i) => queue.add(arrival(i, third), signal)));
    expect(calls).toEqual([third, 2 * third, 2 * third, 2 * third]);
  });

  it("repeats a group as the same group", async () => {
    const calls: number[][] = [];
    const { queue } = await setUp((batches) => {
      calls.push(sequences(batches));
      return calls.length < 4 ? Promise.reject(unavailable()) : Promise.resolve();
    });
    await Promise.all(Array.from({ length: 4 }, (_, i) => queue.add(arrival(i), signal)));
    expect(calls).toEqual([[0], [0], [0], [0], [1, 2, 3]]);
  });

  it("lets others pass a batch that goes alone while it waits", async () => {
    const stored: number[] = [];
    const { queue } = await setUp((batches) => {
      if (sequences(batches).includes(0) && stored.length < 3) return Promise.reject(unavailable());
      stored.push(...sequences(batches));
      return Promise.resolve();
    });
    await Promise.all(Array.from({ length: 4 }, (_, i) => queue.alone(arrival(i), signal)));
    expect(stored).toEqual([1, 2, 3, 0]);
  });

  it("stores the members of a refused group one by one, and refuses the one to blame", async () => {
    const stored: number[] = [];
    const { queue } = await setUp((batches) => {
      if (sequences(batches).includes(2)) return Promise.reject(rejected());
      stored.push(...sequences(batches));
      return Promise.resolve();
    });
    const results = await Promise.allSettled([0, 1, 2, 3].map((i) => queue.add(arrival(i), signal)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    expect(stored.sort()).toEqual([0, 1, 3]);
  });

  it("refuses a batch that does not decode, and stores the rest of its group", async () => {
    const { queue } = await setUp(() => Promise.resolve());
    const { header, frame } = arrival(1);
    const broken = { header, frame: frame.subarray(0, -1) };
    const results = await Promise.allSettled(
      [arrival(0), broken, arrival(2)].map((each) => queue.add(each, signal)),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("leaves what was not stored to the next start, and nothing else", async () => {
    const ending = new AbortController();
    const { dir, journal, queue } = await setUp(async (batches) => {
      if (batches.length === 1) return;
      ending.abort(new Error("killed"));
      throw unavailable();
    });
    const arrivals = Array.from({ length: 4 }, (_, i) => arrival(i));
    const results = await Promise.allSettled(arrivals.map((each) => queue.add(each, ending.signal)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
    await journal.close();

    const next = await openGroups(dir);
    expect(next.left.map(({ group }) => group.map(({ header }) => header.sequence))).toEqual([[1, 2, 3]]);
    expect(next.left[0]!.group[0]!.frame.equals(arrivals[1]!.frame)).toBe(true);
    await next.left[0]!.forget();
    await next.journal.close();
    expect((await openGroups(dir)).left).toEqual([]);
  });

  it("passes over a torn group", async () => {
    const { dir, journal } = await setUp(() => Promise.resolve());
    await journal.note([arrival(0), arrival(1)]);
    await journal.close();
    const file = join(dir, readdirSync(dir)[0]!);
    truncateSync(file, 300);
    appendFileSync(file, Buffer.alloc(500));
    expect((await openGroups(dir)).left).toEqual([]);
    writeFileSync(file, "");
    expect((await openGroups(dir)).left).toEqual([]);
  });

  it("stores nothing that it cannot note, and waits until it can", async () => {
    const events: string[] = [];
    let notes = 0;
    const queue = new StoreQueue({
      store: (batches) => {
        events.push(`store ${sequences(batches)}`);
        return Promise.resolve();
      },
      journal: {
        note: () => {
          events.push("note");
          return notes++ < 2
            ? Promise.reject(new Error("No space left."))
            : Promise.resolve(() => Promise.resolve());
        },
      },
      concurrency: 1,
      onRetry: (error) => expect(String(error)).toContain("state folder"),
    });
    await queue.add(arrival(0), signal);
    expect(events).toEqual(["note", "note", "note", "store 0"]);
  });
});
