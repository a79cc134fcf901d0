import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockKernel } from "./block.ts";
import { memoBytes, numberLayouts, SlotValues, type TextKeys } from "./slot-values.ts";

/** Keys in the order of their coming, from 1 on. */
class Keys implements TextKeys {
  readonly known = new Map<string, number>();
  asked = 0;

  get size(): number {
    return this.known.size + 1;
  }

  of(text: string): number {
    const key = this.known.get(text) ?? this.known.size + 1;
    this.known.set(text, key);
    return key;
  }

  keyOf(bytes: Uint8Array, from: number, to: number): number {
    this.asked++;
    return this.of(Buffer.from(bytes.slice(from, to)).toString("latin1"));
  }
}

type Value = string | number | boolean | undefined;

/** A slot that `fill` fills: with texts of lines, and with those of a step where they are `made`. */
function slotOf(values: readonly Value[]) {
  const kernel = BlockKernel.open((128 << 10) + (256 << 10) + memoBytes)!;
  const slot = kernel.slot();
  const [open, at] = [kernel.mask(), kernel.take(64 << 10)];
  const column = new SlotValues(kernel, slot, slot, () => undefined);
  const fill = (some: readonly Value[], made: ReadonlySet<string> = new Set()): void => {
    const lines = some.map((value) => (typeof value === "string" && !made.has(value) ? value : "-"));
    let end = 0;
    const rows = Uint32Array.from(
      lines.flatMap((line) => {
        const from = end;
        end += line.length;
        return [from, from, end, end];
      }),
    );
    kernel.begin(Buffer.from(lines.join(""), "latin1"), rows, 0, some.length, slot, open, 1 << 16);
    let next = at;
    const places = new Map<string, number>();
    for (const [row, value] of some.entries()) {
      slot.kinds[row] = ["undefined", "string", "number", "boolean"].indexOf(typeof value);
      if (typeof value === "string" && made.has(value)) {
        const from = places.get(value) ?? next;
        if (from === next) {
          kernel.memory.set(Buffer.from(value, "latin1"), from);
          places.set(value, from);
          next += value.length;
        }
        slot.places.set([from, from + value.length], row * 2);
      } else if (typeof value === "number") slot.numbers[row] = value;
      else if (typeof value === "boolean") slot.places[row * 2] = value ? 1 : 0;
    }
  };
  fill(values);
  return { column, fill };
}

const few = fc.constantFrom(
  "GET",
  "POST",
  "a text of more than sixteen bytes",
  "a text of more than sixteen bytez",
  "a text of 16 byte",
  "sixteen bytes ..",
  "fifteen bytes .",
);
const text = fc.oneof(
  { weight: 6, arbitrary: few },
  fc.string({ minLength: 1, maxLength: 40, unit: "binary-ascii" }),
);
const number = fc.oneof(
  fc.nat(),
  fc.double({ noNaN: true }),
  fc.constantFrom(-1, -0, 2 ** 53, 2 ** 53 - 1, 1.5),
);
const range = (length: number) =>
  fc.tuple(fc.nat(length), fc.nat(length)).map(([a, b]) => [Math.min(a, b), Math.abs(a - b)] as const);

describe("values of a slot", () => {
  it("give each text its key, and ask for each once", () => {
    const value = fc.oneof({ weight: 8, arbitrary: text }, fc.constant(undefined));
    const run = fc.tuple(
      value,
      fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 50 })),
    );
    const block = fc
      .array(run, { minLength: 1, maxLength: 100 })
      .map((runs) => runs.flatMap(([each, times]) => new Array<Value>(times).fill(each)).slice(0, 1_000));
    const blocks = fc.array(block, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(blocks, fc.boolean(), fc.integer({ min: 1, max: 4 }), (all, dense, share) => {
        const { column, fill } = slotOf([]);
        const [keys, wanted] = [new Keys(), new Keys()];
        for (const values of all) {
          const some = values.filter((each) => typeof each === "string");
          fill(values, new Set(some.filter((each) => each.length % share === 0)));
          const texts = dense ? values.filter((value) => value !== undefined) : values;
          const before = wanted.known.size;
          const told = texts.map((value) => (typeof value === "string" ? wanted.of(value) : 0));
          expect(column.look(keys, 0, values.length, dense)).toBe(wanted.known.size - before);
          expect([...column.looked()]).toEqual(told);
          expect(column.lookedBytes).toBe(some.reduce((sum, { length }) => sum + length + 1, 0));
        }
        expect(keys.asked).toBe(keys.known.size);
        const other = new Keys();
        column.look(other, 0, all.at(-1)!.length, dense);
        expect(Math.max(0, ...column.looked())).toBe(other.known.size);
      }),
    );
  });

  it("forget what was looked for and not asked, and start over when there is no more room", () => {
    const { column, fill } = slotOf(["a", "b", "a"]);
    const keys = new Keys();
    expect(column.look(keys, 0, 3, false)).toBe(2);
    expect(column.look(keys, 0, 3, false)).toBe(2);
    expect([...column.looked()]).toEqual([1, 2, 1]);
    for (let block = 0; block < 4; block++) {
      const values = Array.from({ length: 1_000 }, (_, row) => `${block}-${row}`);
      fill(values);
      expect(column.look(keys, 0, values.length, false)).toBe(1_000);
      expect([...column.looked()]).toEqual(values.map((_, row) => 3 + block * 1_000 + row));
    }
    fill(Array.from({ length: 300 }, (_, row) => String(row).padStart(300)));
    expect(column.look(keys, 0, 300, false)).toBe(-1);
  });

  it("are numbers, booleans and kinds as a column has them", () => {
    const value = fc.oneof(number, fc.boolean(), fc.constant(undefined), fc.constant("x"));
    const rows = fc
      .array(value, { maxLength: 100 })
      .chain((values) => fc.tuple(fc.constant(values), range(values.length)));
    fc.assert(
      fc.property(rows, ([values, [first, count]]) => {
        const { column } = slotOf(values);
        const some = values.slice(first, first + count);
        const numbers = some.filter((each) => typeof each === "number");
        const view = (bytes: Uint8Array) => Buffer.from(bytes);
        const floats = view(column.numbersAs(numberLayouts.floats, first, count));
        expect(some.map((_, row) => floats.readDoubleLE(row * 8))).toEqual(
          some.map((each) => (typeof each === "number" ? each : 0)),
        );
        const wholes = column.wholes(first, count);
        expect(wholes && numbers.map((_, row) => Number(view(wholes).readBigInt64LE(row * 8)))).toEqual(
          numbers.every(Number.isSafeInteger) ? numbers.map((each) => each + 0) : undefined,
        );
        expect([...column.booleans(first, count)]).toEqual(
          some.filter((each) => typeof each === "boolean").map(Number),
        );
        expect(column.any(first, count)).toBe(some.some((each) => each !== undefined));
        const kinds = some.map((each) => ["undefined", "string", "number", "boolean"].indexOf(typeof each));
        expect(column.kindsOf(first, count)).toBe(kinds.reduce((all, kind) => all | (1 << kind), 0));
        expect([...column.types(first, count, 0x0d_0c_0b_0a, 0)]).toEqual(kinds.map((kind) => kind + 10));
      }),
    );
  });

  it("are times, or what stands in their place", () => {
    const time = fc.oneof(fc.integer({ min: -(10 ** 12), max: 10 ** 13 }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(fc.array(time, { maxLength: 60 }), fc.constantFrom(5, Number.NaN), (times, otherwise) => {
        const { column } = slotOf(times);
        const native = Buffer.from(column.times(0, times.length, otherwise));
        const instead = Number.isNaN(otherwise) ? 0 : otherwise;
        expect(times.map((_, row) => Number(native.readBigInt64LE(row * 8)))).toEqual(
          times.map((each) => (Number.isNaN(each) ? instead : each)),
        );
      }),
    );
  });
});
