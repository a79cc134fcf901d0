import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockKernel, blockRows } from "./block.ts";

const open = (): BlockKernel => BlockKernel.open(1 << 20)!;

describe("the memory of a block", () => {
  it("counts the ones of as many rows as a block may have", () => {
    const kernel = open();
    const mask = kernel.mask();
    kernel.memory.fill(1, mask, mask + blockRows);
    expect(kernel.ones(mask, blockRows)).toBe(blockRows);
    expect([...kernel.counts(mask, blockRows, 1, 0, blockRows)]).toEqual([blockRows]);
    expect([...kernel.counts(mask, blockRows, 1, 1, blockRows - 1)]).toEqual([blockRows - 1]);
  });

  it("is made empty as far as there are rows, and no sixteen further", () => {
    const kernel = open();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: blockRows }), fc.integer({ min: 0, max: 3 }), (count, size) => {
        const masks = Array.from({ length: size }, () => kernel.mask());
        for (const mask of masks) kernel.memory.fill(7, mask, mask + blockRows + 16);
        kernel.calls.clear(kernel.putWords(masks), size, count);
        for (const mask of masks) {
          const bytes = kernel.memory.subarray(mask, mask + blockRows + 16);
          expect(bytes.subarray(0, count).every((byte) => byte === 0)).toBe(true);
          expect(bytes.subarray(count + 15).every((byte) => byte === 7)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("knows how many bytes lines and their texts have", () => {
    const kernel = open();
    const slot = kernel.slot();
    const mask = kernel.mask();
    const sizes = fc.tuple(fc.nat(9), fc.nat(80), fc.integer({ min: 1, max: 2 }));
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 1, maxLength: 100 }), fc.nat(99), (lines, some) => {
        let at = 0;
        const rows = lines.flatMap(([gap, text, newline]) => {
          const start = at + gap;
          at = start + text + newline;
          return [start, start, start + text, at];
        });
        const count = kernel.begin(
          new Uint8Array(at),
          Uint32Array.from(rows),
          0,
          lines.length,
          slot,
          mask,
          99,
        );
        expect(count).toBe(lines.length);
        const from = some % count;
        const own = lines.slice(from);
        expect(kernel.lineBytes(from, count - from)).toBe(
          own.reduce((sum, [, text, newline]) => sum + text + newline, 0),
        );
        expect(kernel.lineTextBytes(from, count - from)).toBe(own.reduce((sum, [, text]) => sum + text, 0));
      }),
    );
  });

  it("numbers distinct texts in the order of their coming, and reads times, also where many rows in turn have one", () => {
    const text = fc.oneof(
      fc.constantFrom(
        "2026-01-15T12:00:00Z",
        "2026-01-15T12:00:01Z",
        "no time",
        "Jan 15 12:00:00",
        "Jan 15 12:00:01",
      ),
      fc.string({ minLength: 1, maxLength: 20, unit: "binary-ascii" }),
      fc.constant(undefined),
    );
    const runs = fc.array(fc.tuple(text, fc.integer({ min: 1, max: 60 }), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(runs, (all) => {
        const kernel = open();
        const [slot, made, other] = [kernel.slot(), kernel.slot(), kernel.mask()];
        const values: (string | undefined)[] = [];
        for (const [value, times, isOne] of all) {
          let from = 0;
          for (let time = 0; time < times; time++) {
            const row = values.push(value) - 1;
            if (value === undefined) continue;
            if (time === 0 || !isOne) from = kernel.put(Buffer.from(value, "latin1"));
            slot.kinds[row] = 1;
            slot.places.set([from, from + value.length], row * 2);
          }
        }
        const known: string[] = [];
        const wanted = values.map((value) => {
          if (value === undefined) return 0;
          return known.indexOf(value) + 1 || known.push(value);
        });
        expect(kernel.distinct(slot, 0, values.length)).toBe(known.length);
        expect([...kernel.ids.subarray(0, values.length)]).toEqual(wanted);
        const { calls } = kernel;
        const others = calls.times(slot.kindsAt, slot.valuesAt, values.length, made.valuesAt, other);
        const isTime = (value: string | undefined): boolean => value?.startsWith("2026-") ?? false;
        expect(others).toBe(values.filter((value) => value !== undefined && !isTime(value)).length);
        expect([...made.numbers.subarray(0, values.length)]).toEqual(
          values.map((value) => (isTime(value) ? Date.parse(value!) : Number.NaN)),
        );
      }),
      { numRuns: 40 },
    );
  });
});
