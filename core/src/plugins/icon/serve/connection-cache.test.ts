import { describe, expect, it } from "vitest";
import { ConnectionCache } from "./connection-cache.ts";

describe("connections", () => {
  it("are shared by equal parameters, whatever their order, and by a key that was given", async () => {
    let count = 0;
    const cache = new ConnectionCache(
      10,
      async () => ++count,
      async () => {},
    );
    expect(await cache.get({ a: 1, b: { c: 2, d: 3 } })).toBe(1);
    expect(await cache.get({ b: { d: 3, c: 2 }, a: 1 })).toBe(1);
    expect(await cache.get({ a: 2 })).toBe(2);
    expect(await cache.get({ connection_cache_key: "k", a: 1 })).toBe(3);
    expect(await cache.get({ connection_cache_key: "k", a: 9 })).toBe(3);
  });

  it("are tried again when they could not be opened, and closed when there are too many", async () => {
    let good = false;
    const closed: number[] = [];
    const open = async ({ n }: Readonly<Record<string, unknown>>) => {
      if (!good) throw new Error("away");
      return Number(n);
    };
    const cache = new ConnectionCache(2, open, async (n) => void closed.push(n));
    await expect(cache.get({ n: 0 })).rejects.toThrow("away");
    good = true;
    for (const n of [0, 1, 0, 2]) expect(await cache.get({ n })).toBe(n);
    await cache.close();
    expect(closed).toEqual([1, 0, 2]);
  });
});
