import fc from "fast-check";
import { expect, it } from "vitest";
import { IdSet } from "./id-set.ts";

it("knows what was added and not taken out, also where hashes are the same or lie beside each other", () => {
  const hash = fc.constantFrom(0, 1, 2, 3, 511, 512, 513, 0xffff_ffff, 0x8000_0000, 0x8000_0001);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(hash, fc.nat({ max: 40 }), fc.boolean()), { maxLength: 1_500 }),
      (steps) => {
        const set = new IdSet();
        const expected = new Map<number, number>();
        for (const [of, number, add] of steps) {
          const before = expected.get(number);
          if (before !== undefined) {
            set.delete(before, number);
            expected.delete(number);
          }
          if (add) {
            set.add(of, number);
            expected.set(number, of);
          }
        }
        for (let number = 0; number <= 40; number++) {
          const own = expected.get(number);
          for (const each of [0, 1, 2, 3, 511, 512, 513, 0xffff_ffff, 0x8000_0000, 0x8000_0001])
            expect(set.some(each, (found) => found === number)).toBe(each === own);
        }
      },
    ),
    { numRuns: 50 },
  );
  const many = new IdSet();
  for (let i = 0; i < 5_000; i++) many.add(i * 3, i);
  for (let i = 0; i < 5_000; i += 2) many.delete(i * 3, i);
  for (let i = 0; i < 5_000; i++) expect(many.some(i * 3, (found) => found === i)).toBe(i % 2 === 1);
});
