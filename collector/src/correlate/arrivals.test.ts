import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Arrivals } from "./arrivals.ts";
import { EventIds, packed } from "./event-ids.ts";

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const id = fc.oneof(
  hex(32),
  fc.uuid(),
  hex(36),
  hex(32).map((text) => text.toUpperCase()),
  fc.nat({ max: 999 }).map((n) => `00000000000000000000${n.toString(16).padStart(12, "0")}`),
  fc.string({ unit: "grapheme", maxLength: 40 }),
);

describe("ids of events", () => {
  it("come back as they were written, and are equal only to themselves", () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 100 }), (ids) => {
        const kept = new EventIds();
        for (const [number, each] of ids.entries()) kept.set(number, packed(each));
        expect(ids.map((_, number) => kept.text(number))).toEqual(ids);
        for (const [number, each] of ids.entries()) {
          expect(kept.is(number, packed(each))).toBe(true);
          const other = (number + 1) % ids.length;
          if (other !== number) expect(kept.is(other, packed(each))).toBe(false);
        }
        kept.clear(0);
        expect(kept.is(0, packed(ids[0]!))).toBe(false);
      }),
    );
  });

  it("are one digit string in two forms, and yet two ids", () => {
    const digits = "0123456789abcdef0123456789abcdef";
    const uuid = "01234567-89ab-cdef-0123-456789abcdef";
    const arrivals = new Arrivals(10);
    expect(arrivals.placeOf(packed(digits), 1)).toBe(1);
    expect(arrivals.placeOf(packed(uuid), 2)).toBe(2);
    expect(arrivals.placeOf(packed(digits), 3)).toBe(1);
  });
});

describe("the order of arrival", () => {
  it("keeps the first place of the events that came or were asked for last, within bounds", () => {
    const arrivals = new Arrivals(10);
    const idOf = (i: number): string => (i % 3 === 0 ? `e${i}` : i.toString(16).padStart(32, "0"));
    for (let i = 0; i < 1_000; i++) {
      expect(arrivals.placeOf(packed(idOf(i)), i)).toBe(i);
      expect(arrivals.placeOf(packed(idOf(0)), i)).toBe(0);
      for (let back = 0; back < Math.min(9, i); back++)
        expect(arrivals.find(packed(idOf(i - back)))).toBe(i - back);
      expect(arrivals.size).toBeLessThanOrEqual(20);
    }
    expect(arrivals.find(packed(idOf(500)))).toBeUndefined();
  });

  it("finds all of many events", () => {
    const arrivals = new Arrivals(100_000);
    const idOf = (i: number): string => `3f2a9c${i.toString(16).padStart(26, "0")}`;
    for (let i = 0; i < 50_000; i++) arrivals.placeOf(packed(idOf(i)), i);
    for (let i = 0; i < 50_000; i++) expect(arrivals.find(packed(idOf(i)))).toBe(i);
    expect(arrivals.find(packed(idOf(50_000)))).toBeUndefined();
  });
});
