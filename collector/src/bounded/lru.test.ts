import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lru } from "./index.ts";

describe("an LRU map", () => {
  it("behaves as a list in order of use, cut at its limit", () => {
    const step = fc.record({
      what: fc.constantFrom("set", "get", "peek", "delete"),
      key: fc.integer({ min: 0, max: 7 }),
      value: fc.integer(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
        const lru = new Lru<number, number>(limit);
        let model: [number, number][] = [];
        let evicted = 0;
        for (const { what, key, value } of steps) {
          const known = model.find((entry) => entry[0] === key);
          const others = model.filter((entry) => entry[0] !== key);
          if (what === "peek") expect(lru.peek(key)).toBe(known?.[1]);
          if (what === "delete") {
            expect(lru.delete(key)).toBe(known !== undefined);
            model = others;
          }
          if (what === "get") {
            expect(lru.get(key)).toBe(known?.[1]);
            if (known) model = [...others, known];
          }
          if (what === "set") {
            lru.set(key, value);
            model = [...others, [key, value]];
            if (model.length > limit) {
              model.shift();
              evicted++;
            }
          }
          expect([lru.size, lru.oldest()?.key, lru.evicted]).toEqual([model.length, model[0]?.[0], evicted]);
        }
        expect(lru.keyOf(Number.NaN)).toBeUndefined();
      }),
    );
  });

  it("takes the same time whatever its size", () => {
    const timeOf = (limit: number): number => {
      const lru = new Lru<number, true>(limit);
      for (let i = 0; i < limit; i++) lru.set(i, true);
      const before = process.cpuUsage().user;
      for (let i = 0; i < 50_000; i++) lru.set(-1 - i, true);
      return process.cpuUsage().user - before;
    };
    timeOf(100);
    // A map walked over its tombstones takes seconds, each time; a collection of garbage is not.
    const times = Array.from({ length: 3 }, () => timeOf(100_000));
    expect(Math.min(...times)).toBeLessThan(20 * timeOf(100) + 200_000);
  });
});
