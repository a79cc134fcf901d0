import type { IncomingRecord } from "@vedette/core/kafka";
import { describe, expect, it } from "vitest";
import { Budget } from "../budget.ts";
import { Partition } from "./partition.ts";

const of = { topic: "t", partition: 0 };
const record = (offset: number, bytes = 10): IncomingRecord => ({
  ...of,
  offset: BigInt(offset),
  key: "a",
  value: Buffer.alloc(bytes),
  headers: {},
  timestamp: 0,
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A partition whose work ends when the test says so. */
function setUp(window: number, budgetBytes = 1_000) {
  const begun = new Map<bigint, { readonly finish: () => void; readonly signal: AbortSignal }>();
  let moved = 0;
  const budget = new Budget(budgetBytes);
  const partition = new Partition(of, {
    window,
    budget,
    handle: ({ offset }, signal) =>
      new Promise((resolve, reject) => {
        begun.set(offset, { finish: resolve, signal });
        signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      }),
    moved: () => moved++,
  });
  const finish = async (offset: number): Promise<void> => {
    begun.get(BigInt(offset))?.finish();
    await turn();
  };
  return { partition, begun, budget, finish, moved: () => moved };
}

const live = new AbortController().signal;

describe("a partition", () => {
  it("has at most a window of records between the first that is open and the last that is begun", async () => {
    const { partition, begun, finish } = setUp(2);
    const taken = partition.take(
      [0, 1, 2].map((offset) => record(offset)),
      live,
    );
    await turn();
    expect([...begun.keys()]).toEqual([0n, 1n]);
    await finish(1);
    expect([...begun.keys()]).toEqual([0n, 1n]);
    expect(partition.progress.due).toBeUndefined();
    await finish(0);
    await taken;
    expect([...begun.keys()]).toEqual([0n, 1n, 2n]);
    expect(partition.progress.due).toBe(2n);
  });

  it("waits while the memory for batches is used up", async () => {
    const { partition, begun, budget, finish } = setUp(10, 15);
    const taken = partition.take([record(0), record(1), record(2)], live);
    await turn();
    expect(begun.size).toBe(2);
    await finish(0);
    await taken;
    expect(begun.size).toBe(3);
    await finish(1);
    await finish(2);
    expect(budget.used).toBe(0);
  });

  it("begins nothing after it was taken away, and lets go of what was begun", async () => {
    const { partition, begun, budget, moved } = setUp(1);
    const taken = partition.take([record(0), record(1)], live);
    await turn();
    partition.drop();
    await taken;
    await turn();
    expect([...begun.keys()]).toEqual([0n]);
    expect(begun.get(0n)?.signal.aborted).toBe(true);
    expect([partition.progress.due, moved(), budget.used]).toEqual([undefined, 0, 0]);
    await partition.take([record(2)], live);
    expect(begun.size).toBe(1);
  });

  it("waits for what was begun when it leaves in good order, and not longer than it may", async () => {
    const { partition, begun, finish } = setUp(4);
    await partition.take([record(0), record(1)], live);
    const orderly = partition.finish(60_000);
    await partition.take([record(2)], live);
    await finish(0);
    await finish(1);
    await orderly;
    expect([begun.size, partition.progress.due]).toEqual([2, 2n]);

    const stuck = setUp(4);
    await stuck.partition.take([record(0)], live);
    await stuck.partition.finish(1);
    expect(stuck.partition.progress.due).toBeUndefined();
  });

  it("ends its waiting when its consumer ends", async () => {
    const { partition, begun } = setUp(1);
    const ending = new AbortController();
    const taken = partition.take([record(0), record(1)], ending.signal);
    await turn();
    ending.abort();
    await taken;
    expect(begun.size).toBe(1);
  });
});
