import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isoTime } from "./iso-time.ts";

describe("the time of a log", () => {
  it("is written as a date writes it, with parts of milliseconds left out", () => {
    const time = fc.oneof(
      fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
      fc.nat(),
      fc.double({ max: 4e12, min: 0, noNaN: true }),
    );
    fc.assert(
      fc.property(time, (ms) => {
        expect(isoTime(ms)).toBe(new Date(ms).toISOString());
        expect(isoTime(ms)).toBe(new Date(ms).toISOString());
      }),
    );
  });

  it("is refused where it is none, again and again", () => {
    for (const none of [Number.NaN, Number.NaN, 8.64e15 + 1, 8.64e15 + 1])
      expect(() => isoTime(none)).toThrow(RangeError);
  });
});
