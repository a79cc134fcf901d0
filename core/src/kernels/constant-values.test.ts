import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockKernel } from "./block.ts";
import { ConstantValues, mostConstants } from "./constant-values.ts";

const texts = Array.from({ length: mostConstants }, (_, at) => "text".repeat(at + 1));

function columnOf(numbers: readonly number[]) {
  const kernel = BlockKernel.open(256 << 10)!;
  const slot = kernel.slot();
  slot.kinds.set(numbers);
  const laid = texts.map((text) => {
    const from = kernel.put(Buffer.from(text));
    return { text, from, to: from + text.length };
  });
  return new ConstantValues(kernel, slot, laid);
}

/** Keys in the order of their coming, from one on. */
class Keys {
  readonly known: string[] = [];
  readonly #first: number;

  constructor(first: number) {
    this.#first = first;
  }

  get size(): number {
    return this.#first + this.known.length;
  }

  keyOf(bytes: Uint8Array, from: number, to: number): number {
    return this.#first + this.known.push(Buffer.from(bytes.slice(from, to)).toString()) - 1;
  }
}

const numbers = fc.array(fc.oneof(fc.nat(mostConstants), fc.constant(0), fc.constant(3)), { maxLength: 100 });

describe("values of a slot of constants", () => {
  it("have the key of their text, which is asked for once", () => {
    fc.assert(
      fc.property(numbers, fc.nat(20), fc.nat(20), (rows, skipped, first) => {
        const column = columnOf(rows);
        const from = Math.min(skipped, rows.length);
        const own = rows.slice(from);
        const keys = new Keys(first + 1);
        const wanted = own.map((number) => texts[number - 1]);
        for (let again = 0; again < 2; again++) {
          const some = again === 0 ? own.length >> 1 : own.length;
          const before = keys.known.length;
          expect(column.look(keys, from, some, false)).toBe(
            new Set([...keys.known, ...wanted.slice(0, some).filter((text) => text !== undefined)]).size -
              before,
          );
          const found = [...column.looked()].map((key) => keys.known[key - first - 1]);
          expect(found).toEqual(wanted.slice(0, some));
          expect(column.lookedBytes).toBe(
            wanted.slice(0, some).reduce((sum, text) => sum + (text === undefined ? 0 : text.length + 1), 0),
          );
        }
        expect(new Set(keys.known).size).toBe(keys.known.length);
      }),
    );
  });

  it("lie where others do for a column that looks for none, or for more than a byte holds", () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), (rows, dense) => {
        const column = columnOf(rows);
        expect(column.look(new Keys(dense ? 1 : 250), 0, rows.length, dense)).toBe(-1);
        const told = rows.map((number, row) => {
          expect(column.kinds[row]).toBe(number === 0 ? 0 : 1);
          const [from, to] = [column.places[row * 2]!, column.places[row * 2 + 1]!];
          return number === 0 ? undefined : Buffer.from(column.bytes.subarray(from, to)).toString();
        });
        expect(told).toEqual(rows.map((number) => texts[number - 1]));
        expect(rows.map((_, row) => column.value(row))).toEqual(told);
        expect(column.textBytes(0, rows.length)).toBe(
          told.reduce((sum, text) => sum + (text === undefined ? 0 : text.length + 1), 0),
        );
      }),
    );
  });
});
