import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockKernel, EmittedModule } from "../../../kernels/index.ts";
import { BlockWork } from "./block-work.ts";
import { rows, type Work, type WorkCall } from "./work.ts";

const masks = 6;
const most = 40;

/** Masks, bytes and a slot in a memory of their own, and work that is done to them. */
class Bench {
  readonly kernel = BlockKernel.open(1 << 18)!;
  readonly work = new BlockWork(this.kernel, new EmittedModule());
  readonly slot = this.kernel.slot();
  readonly masks = Array.from({ length: masks }, () => this.kernel.mask());
  readonly bytes = [this.kernel.take(1), this.kernel.take(1)];
  readonly told: string[] = [];

  run(list: readonly Work[], numbers: readonly number[], count: number, isWatched: boolean): unknown {
    const { kernel, slot } = this;
    for (const [index, mask] of this.masks.entries())
      for (let row = 0; row < most; row++) kernel.memory[mask + row] = (numbers[row]! >> index) & 1;
    for (let row = 0; row < most; row++) {
      slot.kinds[row] = numbers[row]! % 4;
      slot.numbers[row] = numbers[row]!;
    }
    this.work.push(...list);
    this.work.link();
    if (isWatched) this.work.onDone = (what) => this.told.push(String(what));
    for (const size of [count, 1, count]) this.work.run(size);
    const all = this.masks.map((mask) => [...kernel.memory.subarray(mask, mask + count)]);
    return [all, this.bytes.map((at) => kernel.memory[at]), [...slot.numbers.subarray(0, count)]];
  }
}

type Written = (bench: Bench) => Work;
const index = fc.nat(masks - 1);
const call = fc.oneof(
  fc.tuple(fc.nat(3), index, index, index).map(
    ([how, a, b, out]) =>
      ({ masks: at }: Bench): WorkCall => ({
        kernel: "logic",
        numbers: [how, at[a]!, at[b]!, at[out]!, rows],
      }),
  ),
  fc.tuple(index, fc.double({ noNaN: true, min: -5, max: 70 })).map(
    ([out, bound]) =>
      ({ slot, masks: at }: Bench): WorkCall => ({
        kernel: "compare",
        numbers: [slot.kindsAt, slot.valuesAt, () => at[out]!, rows, 1, bound],
      }),
  ),
);
const { work } = fc.letrec<{ work: Written; list: Written[] }>((tie) => ({
  list: fc.array(tie("work"), { maxLength: 4 }),
  work: fc.oneof(
    { depthSize: "small" },
    call,
    index.map((mask) => (bench: Bench) => () => {
      bench.kernel.memory[bench.masks[mask]! + 1]! ^= 1;
    }),
    fc.nat(1).map((byte) => ({ bytes }: Bench) => ({ raise: bytes[byte]! })),
    fc.tuple(fc.nat(1), call).map(([byte, of]) => (bench: Bench) => ({
      note: bench.bytes[byte]!,
      of: of(bench),
    })),
    fc.constantFrom("one", "other").map((done) => () => ({ done })),
    fc.tuple(call, tie("list"), tie("list")).map(([when, body, otherwise]) => (bench: Bench) => ({
      when: when(bench),
      body: body.map((each) => each(bench)),
      otherwise: otherwise.map((each) => each(bench)),
    })),
    fc.tuple(fc.nat(1), fc.boolean(), tie("list")).map(([byte, lower, body]) => (bench: Bench) => ({
      noted: bench.bytes[byte]!,
      lower,
      body: body.map((each) => each(bench)),
    })),
  ),
}));

describe("work on a block", () => {
  it("does as one function what it does one by one", () => {
    const numbers = fc.array(fc.nat(63), { minLength: most, maxLength: most });
    fc.assert(
      fc.property(
        fc.array(work, { maxLength: 12 }),
        numbers,
        fc.integer({ min: 2, max: most }),
        (list, own, count) => {
          const outcome = (isWatched: boolean): unknown => {
            const bench = new Bench();
            return bench.run(
              list.map((each) => each(bench)),
              own,
              count,
              isWatched,
            );
          };
          expect(outcome(false)).toEqual(outcome(true));
        },
      ),
    );
  });

  it("does what is put down later behind all else, and names what was done to who watches", () => {
    const bench = new Bench();
    const { told } = bench;
    bench.run([() => told.push("script"), { done: "a step" }], new Array<number>(most).fill(0), 3, false);
    bench.work.onDone = (what) => told.push(String(what));
    bench.work.push(() => told.push("later"));
    bench.work.run(3);
    expect(told).toEqual(["script", "script", "script", "script", "a step", "later"]);
  });
});
