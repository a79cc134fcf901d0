import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinctValues } from "./distinct.ts";
import { plainDistinct } from "./distinct-js.ts";
import { haystack } from "./testing/haystack.ts";

const value = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", "\0", "é"), maxLength: 2 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
);

describe("equal values", () => {
  it("are found by their bytes, by either twin", () => {
    let repeats = 0;
    fc.assert(
      fc.property(fc.array(value, { minLength: 20, maxLength: 60 }), (values) => {
        const given = haystack(values);
        const found = distinctValues(given, values.length)!;
        expect(found).toEqual(plainDistinct(given, values.length));
        for (const [i, each] of values.entries()) {
          expect(values[found.firsts[found.index[i]!]!]).toEqual(each);
        }
        expect(found.firsts.length).toBe(new Set(values.map((each) => each.toString("latin1"))).size);
        repeats += values.length - found.firsts.length;
      }),
      { numRuns: 300 },
    );
    expect(repeats).toBeGreaterThan(500);
  });

  it("are found in many values, and given up where they are too many or too long", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => Buffer.from(`value ${Math.floor(i / 3)}`));
    expect(distinctValues(haystack(many), 10_000)?.firsts.length).toBe(6_667);
    expect(distinctValues(haystack(many), 6_666)).toBeUndefined();
    const different = Array.from({ length: 40_000 }, (_, i) => Buffer.from(`value ${i}`));
    expect(distinctValues(haystack(different), 40_000)).toBeUndefined();
    expect(distinctValues(haystack([Buffer.alloc(200_000)]), 1)).toBeUndefined();
  });
});
