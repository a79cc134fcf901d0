import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordTwins } from "./open-words.ts";
import type { NumberLayout, Words } from "./words.ts";

const nearby = fc
  .tuple(fc.nat(0xffff_ffff), fc.array(fc.nat(300), { maxLength: 80 }))
  .map(([from, far]) => far.map((each) => Math.min(0xffff_ffff, from + each)));
const words = fc.oneof(nearby, fc.array(fc.nat(0xffff_ffff), { maxLength: 80 }));

/** All planes of what was looked at, with the bounds. */
function told(by: Words) {
  const { least, most } = by;
  const wanted = most - least < 16 ? [0, 1, 4] : [1, 2, 3, 4];
  return { least, most, planes: wanted.map((planes) => [...by.planes(least, planes)]) };
}

function same(use: (by: Words) => unknown): void {
  const [fast, plain] = wordTwins().map(use);
  expect(fast).toEqual(plain);
}

function nativeOf(layout: NumberLayout, values: readonly number[]): Uint8Array {
  if (layout === "u32")
    return new Uint8Array(Uint32Array.from(values, (value) => Math.abs(value) % 2 ** 32).buffer);
  if (layout === "f64") return new Uint8Array(Float64Array.from(values).buffer);
  return new Uint8Array(BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))).buffer);
}

describe("words", () => {
  it("are looked at and taken apart alike by either twin", () => {
    fc.assert(
      fc.property(words, (values) => {
        same((by) => {
          by.take(Uint32Array.from(values));
          return told(by);
        });
        same((by) => {
          by.take(Uint8Array.from(values));
          return told(by);
        });
      }),
    );
  });

  it("of slices alike as well", () => {
    const slices = fc.array(fc.tuple(fc.nat(70_000), fc.oneof(fc.constant(0), fc.nat(300))), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(slices, (all) => {
        same((by) => {
          by.slices(
            Uint32Array.from(all, ([start]) => start),
            Uint32Array.from(all, ([, size]) => size),
          );
          const starts = told(by);
          by.other();
          return [starts, told(by)];
        });
      }),
    );
  });

  it("of numbers alike as well, or refused alike", () => {
    const layout = fc.constantFrom<NumberLayout>("u32", "u64", "time", "f64");
    const whole = fc.oneof(
      fc.maxSafeInteger(),
      fc.integer({ min: 1_790_000_000_000, max: 1_790_000_100_000 }),
      fc.nat(300),
    );
    const value = fc.oneof(
      { weight: 60, arbitrary: whole },
      fc.constantFrom(-0, 1.5, 2 ** 53, -(2 ** 53), 2 ** 60),
    );
    const time = fc.integer({ min: 1_790_000_000_000, max: 1_790_000_100_000 });
    const values = fc.oneof(
      fc.array(time, { minLength: 1, maxLength: 60 }),
      fc.array(fc.nat(100_000), { minLength: 1, maxLength: 60 }),
      fc.array(whole, { minLength: 1, maxLength: 60 }),
      fc.array(value, { minLength: 1, maxLength: 60 }),
    );
    fc.assert(
      fc.property(layout, values, (how, numbers) => {
        same((by) => {
          if (!by.numbers(how, nativeOf(how, numbers), numbers.length)) return undefined;
          const { first, least, most, leastStep, mostStep } = by;
          if (most - least > Number.MAX_SAFE_INTEGER) return [first, least, most];
          by.above();
          const low = told(by);
          by.other();
          const all: unknown[] = [first, least, most, low, told(by)];
          // Steps beyond are not told apart by doubles.
          if (numbers.length === 1 || Math.abs(leastStep) + mostStep - leastStep > Number.MAX_SAFE_INTEGER)
            return all;
          by.aboveStep();
          const steps = told(by);
          by.other();
          return [...all, leastStep, mostStep, steps, told(by)];
        });
      }),
    );
  });

  it("are summed up by a table alike", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff_ffff), { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat()),
        (table, at) => {
          same((by) => {
            by.take(Uint32Array.from(at, (word) => word % table.length));
            by.planes(0, 1);
            return by.sumOf(Uint32Array.from(table));
          });
        },
      ),
    );
  });
});
