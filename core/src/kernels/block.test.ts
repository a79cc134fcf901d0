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
});
