import fc from "fast-check";
import { expect, it } from "vitest";
import { isoTime, lastTime } from "./iso-time.ts";

it("writes times as a Date does, and none that a Date cannot be", () => {
  const times = fc.oneof(
    fc.integer({ min: -lastTime, max: lastTime }),
    fc.integer({ min: 1.7e12, max: 1.8e12 }),
    fc.integer({ min: 253_402_300_799_000, max: 253_402_300_801_000 }),
    fc.integer({ min: -2_000, max: 61_000 }),
  );
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 120_000 }), (time, later) => {
      expect(isoTime(time)).toBe(new Date(time).toISOString());
      if (time + later <= lastTime) expect(isoTime(time + later)).toBe(new Date(time + later).toISOString());
    }),
    { numRuns: 2_000 },
  );
  expect([isoTime(lastTime + 1), isoTime(-lastTime - 1)]).toEqual([undefined, undefined]);
});
