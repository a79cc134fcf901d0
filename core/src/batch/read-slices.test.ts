import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unsliceKernel } from "../kernels/index.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { textBounds } from "./read-parts.ts";
import { readSlices } from "./read-slices.ts";
import { SliceList } from "./slice-list.ts";

const kernel = unsliceKernel()!;

/** Lines, and for each the part of it that is a text, or a text by itself. */
const someRows = fc.array(
  fc.tuple(
    fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.nat(70_000).map((size) => "r".repeat(size)),
    ),
    fc.nat(50),
    fc.nat(70_000),
    fc.nat(30),
  ),
  { minLength: 1, maxLength: 80 },
);

describe("slices of lines", () => {
  it("are read alike by the kernel and without it, damaged or not", () => {
    fc.assert(
      fc.property(someRows, fc.nat(), fc.nat(255), fc.boolean(), (rows, place, byte, isDamaged) => {
        const raw = new ByteWriter();
        const list = new SliceList(0);
        for (const [line, from, size, how] of rows) {
          raw.text(line);
          const bytes = Buffer.from(line);
          const start = Math.min(from, bytes.length);
          if (how === 0) list.text("by itself");
          else list.slice(start, how === 1 ? 0 : Math.min(size, bytes.length - start));
        }
        const { size } = list;
        const written = new ByteWriter();
        list.finish(written);
        const data = Buffer.from(written.view());
        if (isDamaged) data[place % data.length] = byte;
        const bytes = Buffer.from(raw.view());
        const bounds = textBounds(new ByteReader(bytes), rows.length);
        const read = (by: typeof kernel | undefined): Buffer | string => {
          const out = Buffer.alloc(size);
          try {
            const { end, bounds: own } = readSlices(
              new ByteReader(data),
              rows.length,
              undefined,
              { bytes, bounds, kernel: by },
              out,
              0,
            );
            // What it knows of where texts lie is what is found when one looks.
            const told = own();
            if (told) expect(told).toEqual(textBounds(new ByteReader(out.subarray(0, end)), rows.length));
            return out.subarray(0, end);
          } catch (error) {
            // Which of two flaws is found first is not promised.
            if (error instanceof RangeError) return "refused";
            throw error;
          }
        };
        const known = kernel.load(bytes, rows.length);
        if (known) expect(known).toEqual(bounds);
        const plain = read(undefined);
        expect(read(known && kernel)).toEqual(plain);
        if (!isDamaged) expect(plain).toHaveLength(size);
      }),
      { numRuns: 100 },
    );
  });

  it("are not read where lines are too long, or do not fill their column", () => {
    const column = Buffer.from([1, 97, 2, 98, 99]);
    expect(kernel.load(column, 2)).toEqual(Uint32Array.of(1, 2, 3, 5));
    expect(kernel.load(column, 1)).toBeUndefined();
    expect(kernel.load(column, 3)).toBeUndefined();
    expect(kernel.load(column.subarray(0, 4), 2)).toBeUndefined();
    expect(kernel.load(Buffer.from([0x80, 0x80, 0x80, 1]), 1)).toBeUndefined();
  });
});
