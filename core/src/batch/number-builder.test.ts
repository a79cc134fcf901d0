import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unpackInto, withUnpacked } from "./blocks.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { NumberBuilder } from "./number-builder.ts";
import { readPackedNumbers } from "./packed-numbers.ts";

const encodings = ["u32", "u64", "f64", "time"] as const;
type Encoding = (typeof encodings)[number];

/** Some rows behind a gap: of one value, or each by itself. */
const step = fc.record({
  gap: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(3)),
  count: fc.integer({ min: 1, max: 20 }),
  value: fc.oneof(fc.nat(20), fc.nat(0xffff_ffff), fc.constant(1_790_000_000_000)),
  isOne: fc.boolean(),
});

const fits = (encoding: Encoding, value: number): number => (encoding === "u32" ? value % 2 ** 32 : value);

function nativeOf(encoding: Encoding, values: readonly number[]): Buffer {
  if (encoding === "u32") return Buffer.from(Uint32Array.from(values).buffer);
  if (encoding === "f64") return Buffer.from(Float64Array.from(values).buffer);
  return Buffer.from(BigInt64Array.from(values, BigInt).buffer);
}

function unpacked(encoding: Encoding, rows: number, builder: NumberBuilder): Buffer {
  const out = new ByteWriter();
  const { packing, bytes } = builder.pack(rows, out);
  const native = Buffer.alloc(bytes);
  if (packing === "lz4") unpackInto(out.view(), native);
  else
    withUnpacked(out.view(), (content) => readPackedNumbers(encoding, new ByteReader(content), rows, native));
  return native;
}

describe("a column of numbers", () => {
  it("is the same whether its rows came as runs, one by one or both, with gaps between", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...encodings),
        fc.array(step, { minLength: 1, maxLength: 90 }),
        fc.boolean(),
        fc.nat(3),
        (encoding, steps, isRuns, rest) => {
          const builder = new NumberBuilder(encoding, 7);
          const values: number[] = [];
          for (const { gap, count, value, isOne } of steps) {
            for (let i = 0; i < gap; i++) values.push(0);
            const own = fits(encoding, value);
            if (isRuns || isOne) builder.repeat(values.length, count, own);
            for (let i = 0; i < count; i++) {
              if (!isRuns && !isOne) builder.add(values.length, own);
              values.push(own);
            }
          }
          for (let i = 0; i < rest; i++) values.push(0);
          expect(unpacked(encoding, values.length, builder)).toEqual(nativeOf(encoding, values));
        },
      ),
    );
  });

  it.each([-1, -0, 0.5])("may repeat %d as well", (value) => {
    const encoding = value === -1 ? "time" : "f64";
    const builder = new NumberBuilder(encoding);
    builder.repeat(0, 3, 5);
    builder.repeat(3, 2, value);
    expect(unpacked(encoding, 5, builder)).toEqual(nativeOf(encoding, [5, 5, 5, value, value]));
  });
});
