import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longestNumbered, type Numbering, numberings, unnumbered } from "./numbering.ts";
import { haystack } from "./testing/haystack.ts";

const value = fc.oneof(
  { weight: 9, arbitrary: fc.string({ unit: fc.constantFrom("a", "b", "\0"), maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom("l".repeat(longestNumbered), "m".repeat(longestNumbered + 1)) },
);
const column = fc.array(
  value.map((text) => Buffer.from(text)),
  { maxLength: 40 },
);

describe("numbers of values", () => {
  it("are the same for equal ones, over several calls, by either twin", () => {
    let [repeats, stops] = [0, 0];
    fc.assert(
      fc.property(fc.array(column, { maxLength: 4 }), fc.integer({ min: 1, max: 30 }), (columns, most) => {
        const [fast, plain] = numberings(most) as [Numbering, Numbering];
        let known = new Map<string, number>();
        for (const values of columns) {
          const given = haystack(values);
          const [out, other] = [new Uint32Array(values.length), new Uint32Array(values.length)];
          for (let from = 0; from < values.length; ) {
            const to = fast.take(given, from, out);
            expect(plain.take(given, from, other)).toBe(to);
            for (; from < to; from++) {
              const text = values[from]!.toString("latin1");
              if (text.length > longestNumbered) {
                expect(out[from]).toBe(unnumbered);
                continue;
              }
              const before = known.get(text);
              if (before !== undefined) repeats++;
              expect(out[from]).toBe(before ?? known.size);
              known.set(text, out[from]!);
            }
            if (to === values.length) break;
            expect(known.size).toBe(most);
            stops++;
            for (const each of [fast, plain]) each.clear();
            known = new Map();
          }
          expect(other).toEqual(out);
        }
      }),
      { numRuns: 300 },
    );
    expect(Math.min(repeats, stops)).toBeGreaterThan(100);
  });

  it("are given to many values at once, as far as there is room for their bytes", () => {
    const values = Array.from({ length: 20_000 }, (_, i) => Buffer.from(`${i}`.padStart(250)));
    for (const numbering of numberings(65_536)) {
      const out = new Uint32Array(values.length);
      const room = Math.floor((4 << 20) / 250);
      expect(numbering.take(haystack(values), 0, out)).toBe(room);
      expect(out.subarray(0, room).every((number, at) => number === at)).toBe(true);
      numbering.clear();
      expect(numbering.take(haystack(values), room, out)).toBe(values.length);
      expect(out.at(-1)).toBe(values.length - room - 1);
    }
  });
});
